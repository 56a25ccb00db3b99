"""From a rule to something that can be asked."""

import datetime
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from msgspec import Struct

from detectors.finding import Severity
from detectors.gate import Gate, both, noted
from detectors.sigma.condition import names_in
from detectors.sigma.document import Rule
from detectors.sigma.fields import DataType
from detectors.sigma.header import Header, Window
from detectors.sigma.match import Notes, Predicate, compile_condition
from detectors.sigma.problems import Problems, RuleError
from detectors.sigma.reason import compile_reason
from detectors.sigma.vocabulary import Vocabulary
from detectors.visit import StageName


class Described:
    """The metadata that compiled rules of every kind have."""

    __slots__ = ()
    header: Header

    @property
    def name(self) -> str:
        """The unique name: the `detector` of findings."""
        return self.header.name

    @property
    def title(self) -> str:
        """A neutral title, fit for Slack and pagers."""
        return self.header.title

    @property
    def severity(self) -> Severity:
        """How grave a finding of it is."""
        return self.header.severity

    @property
    def catalogue(self) -> str:
        """The pattern of the catalogue, such as `A05`."""
        return self.header.wardwatch.catalogue

    @property
    def stage(self) -> StageName:
        """Where it is asked."""
        return self.header.wardwatch.stage

    @property
    def version(self) -> int:
        """Its version, a part of the identity of findings."""
        return self.header.wardwatch.version

    def window_at(self, at: float) -> str:
        """Return the window that a finding at `at` (seconds since the epoch) speaks of, empty for the event itself."""
        return datetime.datetime.fromtimestamp(at, datetime.UTC).strftime(_WINDOWS[self.header.wardwatch.window])


_WINDOWS: dict[Window, str] = {"event": "", "hour": "%Y-%m-%dT%H", "day": "%Y-%m-%d"}


@dataclass(frozen=True, slots=True)
class CompiledRule(Described):
    """A rule that can be asked.

    `matches(data, notes)` takes an event of `data_type` and the notes so far, and never raises; `reason(data, notes)`
    is the sentence for people. `fields` are the names of all fields and notes that the rule reads; what does not pass
    the `gate` cannot match.
    """

    header: Header
    data_type: DataType
    fields: frozenset[str]
    matches: Predicate
    reason: Callable[[Struct, Notes], str]
    gate: Gate

    def __repr__(self) -> str:
        return f"<CompiledRule {self.header.name}>"


def compile_rule(
    rule: Rule, note_names: Collection[str], lists: Mapping[str, frozenset[str]] | None = None
) -> CompiledRule:
    """Compile one rule.

    Args:
        rule: the rule as read.
        note_names: the notes that stages write (`detectors.notes.NOTE_NAMES`).
        lists: the lists that `|expand` may name, such as drug codes.

    Raises:
        RuleError: with everything that it names and is not there.
    """
    problems = Problems(rule.header.file)
    compiled = compile_with(rule, Vocabulary(rule.data_type, note_names, lists or {}), problems)
    if problems.found:
        raise RuleError(problems.found)
    return compiled


def compile_with(rule: Rule, vocabulary: Vocabulary, problems: Problems) -> CompiledRule:
    """Compile one rule over a vocabulary, noting what is wrong with it."""
    detection, wardwatch = rule.detection, rule.header.wardwatch
    condition = compile_condition(detection.condition, detection.selections, vocabulary, problems)
    check_needs(rule.header, vocabulary, problems)
    sentence = compile_reason(wardwatch.reason, wardwatch.reason_line, vocabulary, problems)
    return CompiledRule(
        header=rule.header,
        data_type=rule.data_type,
        fields=_fields(rule),
        matches=_with_needs(condition.holds, wardwatch.needs),
        reason=lambda data, notes: sentence(data, notes, {}),
        gate=both([condition.gate, noted(*wardwatch.needs)]),
    )


def check_needs(header: Header, vocabulary: Vocabulary, problems: Problems) -> None:
    """Refuse needs that no stage can meet."""
    for name in header.wardwatch.needs:
        if not vocabulary.has_note(name):
            problems.add(header.wardwatch.line, f"needs: {name!r} is no note of any stage")


def _with_needs(holds: Predicate, needs: tuple[str, ...]) -> Predicate:
    """Keep a rule silent where a note that it needs is absent: missing context is no ground for suspicion."""
    if not needs:
        return holds
    return lambda data, notes: holds(data, notes) and all(notes.get(name) is not None for name in needs)


def _fields(rule: Rule) -> frozenset[str]:
    used = names_in(rule.detection.condition) & set(rule.detection.selections)
    tests = [test for name in used for alternative in rule.detection.selections[name] for test in alternative]
    references = [str(value) for test in tests if test.operator == "fieldref" for value in test.values]
    return frozenset([*(test.field for test in tests), *references, *rule.header.wardwatch.needs])
