"""Cells to values of a canonical event, by the kind of the field."""

import datetime
import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation

from streams.sources.local_time import instant
from streams.sources.tables.mapping import Filled, Value
from streams.sources.tables.rows import Cell
from streams.sources.tables.tally import Tally, count

Filling = Value | list[str]


class Unfit(Exception):  # noqa: N818 - a verdict on a cell, caught by the reading of its row
    """A cell that its field cannot hold; the text is the stable reason."""


def fill(field: Filled, cells: list[Cell], place: datetime.tzinfo, tally: Tally) -> Filling:
    """Return the value of a field, None where its cells are empty.

    Args:
        field: what to fill, and how.
        cells: of its columns, in their order; empty texts where empty.
        place: the zone of wall-clock times.
        tally: counts what is doubtful.

    Raises:
        Unfit: with the reason.
    """
    given = [cell for cell in cells if cell != ""]
    if field.present:
        return bool(given)
    if not given:
        return field.values.exact.get("") if field.values is not None else None
    if field.target.kind in ("instant", "date"):
        return _time(field, cells, place, tally)
    text = field.join.join(_text(cell) for cell in cells) if len(cells) > 1 else _text(cells[0])
    if field.target.kind == "texts":
        parts = [part for piece in text.split(field.split) if (part := piece.strip())]
        return [str(value) for part in parts if (value := _mapped(field, part, tally)) is not None]
    if field.values is not None:
        return _signed(field, _mapped(field, text, tally))
    return _signed(field, _OF_KIND[field.target.kind](field, text))


def _mapped(field: Filled, text: str, tally: Tally) -> Value:
    if field.values is None:
        return text
    known, value = field.values.find(text)
    if not known:
        count(tally.unmapped, " + ".join(field.columns))
        raise Unfit("unmapped_value")
    return value


def _signed(field: Filled, value: Value) -> Value:
    return -value if field.negate and isinstance(value, (int, float)) else value


def _text(cell: Cell) -> str:
    return cell if isinstance(cell, str) else cell.isoformat(" ")


def _choice(field: Filled, text: str) -> str:
    folded = text.casefold()
    if folded not in field.target.choices:
        raise Unfit("unmapped_value")
    return folded


_WHOLE = re.compile(r"[+-]?[0-9]{1,18}(?:\.0{1,6})?")
_NUMBER = re.compile(r"[+-]?[0-9]{1,18}(?:\.[0-9]{1,18})?(?:[eE][+-]?[0-9]{1,2})?")
_MONEY = re.compile(r"[+-]?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,15})(?:\.[0-9]{1,6})?")


def _whole(_: Filled, text: str) -> int:
    if not _WHOLE.fullmatch(text):
        raise Unfit("not_a_number")
    return int(text.partition(".")[0])


def _number(_: Filled, text: str) -> float:
    if not _NUMBER.fullmatch(text):
        raise Unfit("not_a_number")
    return float(text)


def _cents(field: Filled, text: str) -> int:
    """Read an amount of money exactly: `1,234.50`, `$12`, `-3.00`, `(3.00)`; parts of a cent are refused."""
    negative = text.startswith("(") and text.endswith(")")
    bare = (text[1:-1] if negative else text).strip().replace("$", "", 1).strip()
    if not _MONEY.fullmatch(bare):
        raise Unfit("not_an_amount")
    try:
        amount = Decimal(bare.replace(",", "")) * (1 if field.minor_unit else 100)
    except InvalidOperation:
        raise Unfit("not_an_amount") from None
    if amount != amount.to_integral_value():
        raise Unfit("parts_of_a_cent")
    return -int(amount) if negative else int(amount)


_FLAGS = {"true": True, "yes": True, "y": True, "1": True, "false": False, "no": False, "n": False, "0": False}


def _flag(_: Filled, text: str) -> bool:
    if text.casefold() not in _FLAGS:
        raise Unfit("unmapped_value")
    return _FLAGS[text.casefold()]


_OF_KIND: dict[str, Callable[[Filled, str], Value]] = {
    "text": lambda _, text: text,
    "choice": _choice,
    "whole": _whole,
    "number": _number,
    "cents": _cents,
    "flag": _flag,
}


def _time(field: Filled, cells: list[Cell], place: datetime.tzinfo, tally: Tally) -> str:
    moment = cells[0] if len(cells) == 1 and isinstance(cells[0], datetime.datetime) else None
    if moment is None:
        moment = _parsed(field, " ".join(_text(cell) for cell in cells if cell != ""))
    if field.target.kind == "date":
        return moment.date().isoformat()
    try:
        exact, doubt = instant(moment, place)
    except OverflowError:
        raise Unfit("impossible_date") from None
    if doubt:
        tally.flag(doubt)
    return exact.isoformat()


def _parsed(field: Filled, text: str) -> datetime.datetime:
    for layout in field.formats:
        moment = _by_layout(layout, text)
        if moment is not None and (field.target.kind == "date" or layout != "iso8601" or len(text) > len("2026-03-01")):
            return moment
    raise Unfit("unknown_time_format")


_UNIX_DIVISORS = {"unix_seconds": 1, "unix_milliseconds": 1000}
_UNIX = re.compile(r"[0-9]{1,14}(?:\.[0-9]{1,9})?")


def _by_layout(layout: str, text: str) -> datetime.datetime | None:
    try:
        if layout == "iso8601":
            return datetime.datetime.fromisoformat(text)
        if layout in _UNIX_DIVISORS:
            seconds = float(text) / _UNIX_DIVISORS[layout] if _UNIX.fullmatch(text) else -1.0
            return datetime.datetime.fromtimestamp(seconds, datetime.UTC) if seconds >= 0 else None
        return datetime.datetime.strptime(text, layout)  # noqa: DTZ007 - a wall-clock time, placed in its zone by `_time`
    except (ValueError, OverflowError, OSError):
        return None
