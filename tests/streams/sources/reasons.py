"""The reasons that the code can refuse a record for, read from the code itself."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[3]

REFUSING = (
    "BadElement", "BadRecord", "BadRow", "Fault", "Header", "Line", "Piece", "Refused", "Row", "Stray", "Unfit",
    "_drop", "_refused", "refused", "row",
)  # fmt: skip
"""What takes a reason as one of its first arguments, or as `problem`."""

FIRST = ("BadElement", "BadRecord", "Fault", "Header", "Unfit")
"""Of these, what takes it first: there it may be a single word."""

RETURNING = (
    "archive", "delimited", "listener", "local_time", "mapped", "placing", "reader", "refusal", "segments", "workbook",
)  # fmt: skip
"""Modules with functions that return a reason, or assign it on the way."""

NO_REASONS = {"test_interchange", "fhir_auditevent", "event_id", "ce_time", "ce_specversion"}

_REASON = re.compile(r"[a-z0-9]+(_[a-z0-9]+)+")


def reasons_in_code() -> dict[str, set[str]]:
    """Return every reason with the modules that give it."""
    found: dict[str, set[str]] = {}
    modules = [*ROOT.glob("streams/sources/**/*.py"), *ROOT.glob("detectors/events/*.py")]
    modules += [ROOT / "streams/intake.py", ROOT / "streams/feed.py", ROOT / "detectors/reference/leie.py"]
    for path in modules:
        if path.name == "reasons.py":
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            for reason in _reasons_of(node, path.stem):
                found.setdefault(reason, set()).add(path.name)
    return found


def _reasons_of(node: ast.AST, module: str) -> Iterator[str]:
    places: list[ast.expr | None] = []
    if isinstance(node, ast.Call) and _name(node.func) in REFUSING:
        places = [*node.args, *(keyword.value for keyword in node.keywords)]
        if _name(node.func) in FIRST and node.args and isinstance(first := node.args[0], ast.Constant) and first.value:
            yield str(first.value)
    elif isinstance(node, ast.Call) and _name(node.func) == "ValueError" and module == "values":
        places = [*node.args]
    elif isinstance(node, ast.Return | ast.Assign) and module in RETURNING:
        places = [node.value]
    for place in places:
        yield from _texts(place)


def _texts(place: ast.expr | None) -> Iterator[str]:
    """Yield the constants that an expression may give, of a form that only reasons have."""
    match place:
        case ast.Constant(value=str(text)) if _REASON.fullmatch(text) and text not in NO_REASONS:
            yield text
        case ast.IfExp(body=body, orelse=orelse):
            yield from _texts(body)
            yield from _texts(orelse)
        case ast.Tuple(elts=parts) | ast.BoolOp(values=parts):
            for part in parts:
                yield from _texts(part)


def _name(called: ast.expr) -> str:
    return called.id if isinstance(called, ast.Name) else called.attr if isinstance(called, ast.Attribute) else ""
