"""The page of thresholds, made from their dataclasses: what stands in a docstring below some fields is about these."""

import ast
import dataclasses
import inspect
import textwrap
from collections.abc import Iterator

from detectors.thresholds import Thresholds

HEAD = """\
# Thresholds and lists

Made by `make golden`; do not edit. What a site may set for its detectors. Write what differs into a YAML file and name
it in `WARDWATCH_THRESHOLDS`; names that do not exist and values that do not fit are refused at the start of a worker,
and by `wardwatch config check`. `wardwatch evaluate` with the same file shows what a change would have done.

```yaml
{example}```

Amounts are in cents, shares from 0 to 1. A list replaces the default one, so write out all of it. Names of departments,
roles and applications are matched by a part of them, without regard to case; people, cards and accounts are tokens.
"""

EXAMPLE = """\
mass_access_cap: 80
money:
    kiosks: ['terminal:LOBBY-1', 'terminal:LOBBY-2']
accounts:
    identity_managers: ['sailpoint', 'our-portal']
"""


def thresholds_document() -> str:
    """Return the text of `docs/thresholds.md`."""
    return "\n".join([HEAD.format(example=EXAMPLE), *_tables(Thresholds(), "")])


def _tables(thresholds: object, place: str) -> Iterator[str]:
    kind = type(thresholds)
    yield f"## {place or 'At the top'}\n\n{inspect.cleandoc(kind.__doc__ or '')}\n"
    yield "| threshold | default | of |\n|---|---|---|"
    for names, says in _groups(kind):
        rows = [(name, getattr(thresholds, name)) for name in names]
        plain = [(name, value) for name, value in rows if not dataclasses.is_dataclass(value)]
        if plain:
            named = "<br>".join(f"`{name}`" for name, _ in plain)
            values = "<br>".join(_shown(value) for _, value in plain)
            yield f"| {named} | {values} | {says} |"
    yield ""
    for field in dataclasses.fields(thresholds):  # type: ignore[arg-type]  # an instance of a dataclass
        value = getattr(thresholds, field.name)
        if dataclasses.is_dataclass(value):
            yield from _tables(value, f"{place}{field.name}")


def _groups(kind: type) -> Iterator[tuple[list[str], str]]:
    """Yield names of fields with what the docstring after them says."""
    (tree,) = ast.parse(textwrap.dedent(inspect.getsource(kind))).body
    assert isinstance(tree, ast.ClassDef)
    names: list[str] = []
    for node in tree.body[1:]:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            names.append(node.target.id)
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield names, " ".join(str(node.value.value).split()).replace("|", "\\|")
            names = []
    if names:
        yield names, ""


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return "; ".join(f"{key}: {_shown(found)}" for key, found in value.items())
    if isinstance(value, frozenset):
        return ", ".join(sorted(map(repr, value))) or "none"
    if isinstance(value, tuple):
        return ", ".join(map(_pair if value and isinstance(value[0], tuple) else str, value))
    return f"{value:,}" if isinstance(value, int) else str(value)


def _pair(pair: tuple[object, object]) -> str:
    return f"{pair[0]}: {pair[1]}"
