"""Templates of documents: plain text files with `$fields`, that a site may replace by its own.

A line `# …` is a heading, lines `- …` are a list, lines `| …` are kept as they are, everything else is running text up
to the next blank line. A field that stands alone in its block takes whatever it is given: several paragraphs, a list,
lines of an address. Fields are filled after the blocks are made, so that no name and no text can change the form.
"""

from collections.abc import Iterator, Mapping
from string import Template

from alerting.documents.blocks import Block, Bullets, Document, Heading, Lines, Paragraph

Value = str | tuple[str, ...] | Lines
"""What fills a field: text (blank lines part paragraphs), items of a list, or lines."""


class TemplateError(ValueError):
    """A template names a field that there is not. The message names the field."""


def filled(template: str, values: Mapping[str, Value], *, title: str) -> Document:
    """Return the document that a template and values make; blocks whose only field is empty are left out.

    Raises:
        TemplateError: if the template asks for a field that is not given, or a dollar sign stands alone.
    """
    blocks = tuple(block for source in _sources(template) for block in _filled(source, values))
    return Document(title, blocks)


def fields_of(template: str) -> set[str]:
    """Return the names of the fields that a template has."""
    return set(Template(template).get_identifiers())


def _sources(template: str) -> Iterator[Block]:
    """Yield the blocks of a template, their fields unfilled."""
    for chunk in _chunks(template):
        if chunk[0].startswith("# "):
            yield Heading(" ".join(line.removeprefix("# ") for line in chunk))
        elif chunk[0].startswith("- "):
            yield Bullets(tuple(line.removeprefix("- ") for line in chunk))
        elif chunk[0].startswith("| "):
            yield Lines(tuple(line.removeprefix("| ") for line in chunk))
        else:
            yield Paragraph(" ".join(chunk))


def _chunks(template: str) -> Iterator[list[str]]:
    chunk: list[str] = []
    for line in [*template.splitlines(), ""]:
        if line.strip():
            chunk.append(line.strip())
        elif chunk:
            yield chunk
            chunk = []


def _filled(source: Block, values: Mapping[str, Value]) -> Iterator[Block]:
    match source:
        case Heading(text):
            yield Heading(_text(text, values))
        case Paragraph(text) if text.startswith("$") and (name := text[1:].strip("{}")) in values:
            yield from _blocks_of(values[name])
        case Paragraph(text):
            yield Paragraph(_text(text, values))
        case Bullets(items):
            yield Bullets(tuple(_text(item, values) for item in items))
        case Lines(lines):
            yield Lines(tuple(line for text in lines if (line := _text(text, values))))
        case _:
            yield source


def _blocks_of(value: Value) -> Iterator[Block]:
    if isinstance(value, Lines):
        yield from [value] if value.lines else []
    elif isinstance(value, tuple):
        yield from [Bullets(value)] if value else []
    else:
        paragraphs = [" ".join(part.split()) for part in value.replace("\r", "").split("\n\n")]
        yield from (Paragraph(part) for part in paragraphs if part)


def _text(text: str, values: Mapping[str, Value]) -> str:
    try:
        return Template(text).substitute({name: _inline(value) for name, value in values.items()})
    except KeyError as error:
        message = f"the template asks for ${error.args[0]}, which there is not"
        raise TemplateError(message) from None
    except ValueError:
        message = "a dollar sign of the template stands before no field; write $$ for the sign"
        raise TemplateError(message) from None


def _inline(value: Value) -> str:
    if isinstance(value, Lines):
        return ", ".join(value.lines)
    return ", ".join(value) if isinstance(value, tuple) else " ".join(value.split())
