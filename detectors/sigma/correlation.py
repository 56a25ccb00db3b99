"""Correlation rules: counts and sums over the recent events of one entity.

Their state is a `Recent` per correlation, which the caller keeps in the profile of the stage's entity; everything here
takes it and returns a new one. `group-by` therefore has to be that entity.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from msgspec import Struct

from detectors.events import AccessEvent, BillingTransaction
from detectors.gate import Gate, both, either, noted
from detectors.sigma.checks import is_present
from detectors.sigma.compiler import CompiledRule, Described, check_needs
from detectors.sigma.document import OF_ALL_RULES, Correlation, CorrelationType
from detectors.sigma.fields import DataType, Field
from detectors.sigma.header import Header
from detectors.sigma.match import Notes, reader_of
from detectors.sigma.problems import Problems
from detectors.sigma.reason import Reason, compile_reason
from detectors.sigma.sliding import (
    Recent,
    capacity,
    count_events,
    count_in_order,
    count_values,
    insert,
    prune,
    sum_tokens,
    token_of,
    without_inner,
)
from detectors.sigma.vocabulary import Vocabulary
from detectors.visit import StageName

ENTITY = "entity"
"""The name of the stage's entity in `group-by`, whatever field it comes from."""

ENTITY_FIELDS: dict[tuple[DataType, StageName], str] = {
    (AccessEvent, "patient"): "patient.ref",
    (AccessEvent, "user"): "actor.id",
    (BillingTransaction, "patient"): "patient.ref",
    (BillingTransaction, "user"): "user.ref",
}
"""The field that is the stage's entity, where one field is (see `detectors.itinerary`)."""

_COUNTERS: dict[CorrelationType, Callable[[Recent, float, float], int]] = {
    "event_count": count_events,
    "value_count": count_values,
    "value_sum": sum_tokens,
    "temporal": count_values,
    "temporal_ordered": count_in_order,
}

_TELLS_APART: frozenset[CorrelationType] = frozenset({"value_count", "temporal"})
"""Types to which an event with the token of two others nearby says nothing new."""

SUMMED = 512
"""Events of one entity that a sum is made of: of more within the timespan and a day, the newest."""

_COUNT = "count"
"""The name of the count or sum in reasons."""


@dataclass(frozen=True, slots=True)
class CompiledCorrelation(Described):
    """A correlation that can be asked: `observe` for every event of the entity, `fires` for what it returns.

    `tokens(data, notes)` gives what an event adds: one token for each `step`, none where it is not concerned, which is
    what the `gate` does not let in. Tokens are summands for `value_sum`, places in `rules` for the temporal types, and
    otherwise only told apart. A sum that fires below its limit is negated, as are its summands: `is_below`.
    """

    header: Header
    type: CorrelationType
    data_type: DataType
    rules: tuple[CompiledRule, ...]
    timespan: int
    at_least: int
    is_below: bool
    tokens: Callable[[Struct, Notes], list[int]]
    sentence: Reason
    gate: Gate

    def step(self, state: Recent, at: float, token: int) -> tuple[Recent, int]:
        """Add one event at `at` (seconds since the epoch) and return the new state and the count around the event."""
        state = insert(state, at, token)
        count = _COUNTERS[self.type](state, at, self.timespan)
        if self.type in _TELLS_APART:
            state = without_inner(state, token, self.timespan)
        return prune(state, at, self.timespan, self._most), count

    def observe(self, state: Recent, at: float, data: Struct, notes: Notes) -> tuple[Recent, int]:
        """Show one event; return the new state and the greatest count, 0 where the event is not concerned."""
        greatest = 0
        for token in self.tokens(data, notes):
            state, count = self.step(state, at, token)
            greatest = max(greatest, count)
        return state, greatest

    def fires(self, count: int) -> bool:
        """Whether a count makes a finding."""
        return count >= self.at_least

    def reason(self, data: Struct, notes: Notes, count: int) -> str:
        """Return the sentence for people about a count and the event that brought it."""
        return self.sentence(data, notes, {_COUNT: -count if self.is_below else count})

    @property
    def _most(self) -> int:
        if self.type == "value_sum":
            return SUMMED
        # All of few rules are found among many events, which need more room than the number of rules says.
        return capacity(self.at_least * (32 if self.type in OF_ALL_RULES else 1))

    def __repr__(self) -> str:
        return f"<CompiledCorrelation {self.header.name}>"


def compile_correlation(
    correlation: Correlation,
    rules: Mapping[str, CompiledRule],
    vocabularies: Mapping[DataType, Vocabulary],
    problems: Problems,
) -> CompiledCorrelation | None:
    """Compile a correlation over the rules that it names, by name or id; `None` where they cannot be joined."""
    parts = [rule for name in correlation.rules if (rule := _find(name, correlation, rules, problems))]
    if not correlation.header.speaks:
        problems.add(correlation.header.line, "a correlation needs the key wardwatch")
    data_types = {rule.data_type for rule in parts}
    if len(data_types) > 1:
        problems.add(correlation.line, "the rules look at different events: correlate rules of one logsource category")
    if len(data_types) != 1 or len(parts) != len(correlation.rules):
        return None
    data_type = parts[0].data_type
    vocabulary, wardwatch = vocabularies[data_type], correlation.header.wardwatch
    _check_group(correlation, data_type, problems)
    check_needs(correlation.header, vocabulary, problems)
    return CompiledCorrelation(
        header=correlation.header,
        type=correlation.type,
        data_type=data_type,
        rules=tuple(parts),
        timespan=correlation.timespan,
        at_least=correlation.at_least,
        is_below=correlation.is_below,
        tokens=_tokens(correlation, parts, vocabulary, problems),
        sentence=compile_reason(wardwatch.reason, wardwatch.reason_line, vocabulary, problems, frozenset({_COUNT})),
        gate=both([either([rule.gate for rule in parts]), noted(*wardwatch.needs)]),
    )


def _find(
    name: str, correlation: Correlation, rules: Mapping[str, CompiledRule], problems: Problems
) -> CompiledRule | None:
    found = next((rule for rule in rules.values() if name in (rule.name, rule.header.id)), None)
    if found is None:
        problems.add(correlation.line, f"rules: there is no rule {name!r} over single events")
    return found


def _check_group(correlation: Correlation, data_type: DataType, problems: Problems) -> None:
    stage = correlation.header.wardwatch.stage
    good = [name for name in (ENTITY, ENTITY_FIELDS.get((data_type, stage))) if name]
    if correlation.group_by not in good:
        named = " or ".join(good)
        what = f"state is kept by the entity of the stage {stage}"
        problems.add(correlation.line, f"group-by {correlation.group_by} is not supported: {what}, so write {named}")


def _tokens(
    correlation: Correlation, rules: list[CompiledRule], vocabulary: Vocabulary, problems: Problems
) -> Callable[[Struct, Notes], list[int]]:
    needs = correlation.header.wardwatch.needs

    def matching(data: Struct, notes: Notes) -> list[int]:
        if any(notes.get(name) is None for name in needs):
            return []
        return [place for place, rule in enumerate(rules) if rule.matches(data, notes)]

    if correlation.type in OF_ALL_RULES:
        return matching
    if correlation.type == "event_count":
        return lambda data, notes: [0] if matching(data, notes) else []
    subject = vocabulary.subject(correlation.field, correlation.line, problems)
    if correlation.type == "value_sum" and isinstance(subject, Field) and subject.kind != "number":
        problems.add(correlation.line, f"{subject.name} is a {subject.kind}: only numbers have a sum")
    read = reader_of(subject) if subject else (lambda data, notes: None)
    to_tokens = _summand(-1 if correlation.is_below else 1) if correlation.type == "value_sum" else _distinct
    return lambda data, notes: to_tokens(_several(read(data, notes))) if matching(data, notes) else []


def _several(found: object) -> list[object]:
    return list(found) if isinstance(found, list | tuple) else [found]


def _distinct(values: list[object]) -> list[int]:
    return [token_of(str(value)) for value in dict.fromkeys(values) if is_present(value)]


def _summand(sign: int) -> Callable[[list[object]], list[int]]:
    """Return what makes one summand of the numbers of an event; a fraction is rounded when they are added up."""

    def summand(values: list[object]) -> list[int]:
        numbers = [value for value in values if isinstance(value, int | float) and not isinstance(value, bool)]
        return [sign * round(sum(numbers))] if numbers else []

    return summand
