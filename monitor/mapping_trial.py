"""What a trial of a mapping found, as plain values for people and programs; identifiers masked unless asked for."""

import datetime
from collections.abc import Iterator

import msgspec
from msgspec import Struct

from detectors.events import Event
from streams.free_text import without_identifiers
from streams.sources.reasons import sentence
from streams.sources.tables import Mapping, Trial
from streams.sources.tables.targets import TARGETS, TIME, has_own_time
from streams.sources.tables.trial import LOOKED_AT_ROWS
from streams.tokens import Tokeniser

SHOWN_OF_TOKEN = 10
"""Characters of a token that are shown: enough to see that two rows name the same one."""

SHOWN_OF_DATE = 4
"""Characters of a date that are shown: years are no identifiers (45 CFR 164.514(b)(2)(i)(C))."""

TARGET_OF: dict[str, str] = {type_name: target for target, type_name in TARGETS.items()}
"""CloudEvents `type` to the word that mappings have for it."""

_NONE = "null"
_DATES_OF_PERSONS = frozenset({"birth_date", "death_date", "deceased_at"})


class Columns(Struct):
    """Columns of the file that the mapping uses and ignores, and optional ones of the mapping that are absent."""

    used: list[str]
    ignored: list[str]
    absent: list[str]


class Example(Struct):
    """One row as an event: where it stood, and its fields by dotted name."""

    place: str
    fields: dict[str, str]


class NotConverted(Struct):
    """A row that was refused: where, why, and what that means."""

    place: str
    reason: str
    means: str


class TrialReport(Struct):
    """The answer of `wardwatch mapping try`."""

    file: str
    mapping: str
    target: str
    rows: int
    blank: int
    events: int
    refused: dict[str, int]
    left_out: dict[str, int]
    worth_knowing: dict[str, int]
    unknown_values: dict[str, int]
    columns: Columns
    examples: list[Example]
    not_converted: list[NotConverted]
    is_usable: bool
    verdict: str


def report_of(file: str, mapping: Mapping, trial: Trial, tokeniser: Tokeniser | None) -> TrialReport:
    """Return what there is to tell of a trial.

    Args:
        file: its name.
        mapping: that was tried.
        trial: what it found; its events are changed where identifiers are masked.
        tokeniser: masks identifiers, by a key that nobody keeps; None shows them.
    """
    tally = trial.tally
    return TrialReport(
        file=file,
        mapping=mapping.name,
        target=TARGET_OF[mapping.type_name],
        rows=tally.rows,
        blank=tally.blank,
        events=tally.events,
        refused=tally.refused,
        left_out=tally.dropped,
        worth_knowing=tally.flags,
        unknown_values=trial.unmapped,
        columns=Columns(trial.used_columns, trial.unused_columns, trial.absent_columns),
        examples=[_example(number, event, tokeniser) for number, event in enumerate(trial.events, 1)],
        not_converted=[NotConverted(row.place, row.reason, sentence(row.reason)) for row in trial.refused],
        is_usable=tally.events > 0,
        verdict=_verdict(trial),
    )


def _verdict(trial: Trial) -> str:
    tally = trial.tally
    refused, left_out = sum(tally.refused.values()), sum(tally.dropped.values())
    looked_at = f"the first {tally.rows:,} rows" if tally.rows >= LOOKED_AT_ROWS else f"{tally.rows:,} rows"
    if not tally.columns:
        return "Not usable: the columns that the mapping needs are not in the file."
    if not tally.events:
        return f"Not usable: none of {looked_at} becomes an event."
    left = f"; left out by the mapping: {left_out:,}" if left_out else ""
    if refused:
        return f"Usable in part: of {looked_at}, {tally.events:,} become events; refused: {refused:,}{left}."
    return f"Usable: of {looked_at}, {tally.events:,} become events; none is refused{left}."


def _example(number: int, event: Event, tokeniser: Tokeniser | None) -> Example:
    tokens: set[str] = set()
    if tokeniser is not None:
        before = {value for _, value in _leaves(msgspec.to_builtins(event.data), "")}
        tokeniser.tokenise(event.data)
        tokens = {value for _, value in _leaves(msgspec.to_builtins(event.data), "")} - before
    fields = dict(_leaves(msgspec.to_builtins(event.data), ""))
    line = fields.pop("src.ordinal", "")
    shown = {name: _shown(name, value, tokens, is_masked=tokeniser is not None) for name, value in fields.items()}
    kept = {name: value for name, value in shown.items() if not name.startswith("src.")}
    if not has_own_time(event.type):
        kept[TIME] = datetime.datetime.fromtimestamp(event.time, datetime.UTC).isoformat()
    return Example(f"line {line}" if line else f"event {number}", kept)


def _shown(name: str, value: str, tokens: set[str], *, is_masked: bool) -> str:
    if value in tokens:
        return f"{value[:SHOWN_OF_TOKEN]}…"
    if is_masked and name.rpartition(".")[2] in _DATES_OF_PERSONS and value != _NONE:
        return f"{value[:SHOWN_OF_DATE]}…"
    return without_identifiers(value) if is_masked else value


def _leaves(value: object, name: str) -> Iterator[tuple[str, str]]:
    """Yield the dotted name and the text of every field that is filled."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(inner, f"{name}.{key}" if name else str(key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _leaves(inner, f"{name}.{index}")
    else:
        yield name, _NONE if value is None else str(value)
