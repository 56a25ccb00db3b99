"""Documents as plain text, in lines that a terminal and a mail client keep."""

import textwrap
from collections.abc import Iterable, Iterator

from alerting.documents.blocks import Block, Bullets, Document, Facts, Heading, Lines, Paragraph

WIDTH = 78
BETWEEN = "\f\n"
"""Between two documents: a new page."""


def plain_text(documents: Iterable[Document]) -> str:
    """Return documents as one text, a form feed between any two."""
    return BETWEEN.join("\n".join(_text_of(document)) + "\n" for document in documents)


def _text_of(document: Document) -> Iterator[str]:
    for place, block in enumerate(document.blocks):
        if place:
            yield ""
        yield from _lines_of(block)


def _lines_of(block: Block) -> Iterator[str]:
    match block:
        case Heading(text):
            yield from _wrapped(text.upper())
        case Paragraph(text):
            yield from _wrapped(text)
        case Lines(lines):
            yield from lines
        case Bullets(items):
            for item in items:
                yield from _wrapped(item, first="- ", rest="  ")
        case Facts(rows):
            for name, value in rows:
                yield from _wrapped(f"{name}: {value}" if value else f"{name}:", rest="    ")


def _wrapped(text: str, *, first: str = "", rest: str = "") -> list[str]:
    wrapped = textwrap.wrap(
        text, WIDTH, initial_indent=first, subsequent_indent=rest, break_long_words=False, break_on_hyphens=False
    )
    return wrapped or [first.rstrip()]
