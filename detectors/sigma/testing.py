"""The tests of rules: events that must and must not match, in a twin file `<rule file>.tests.yml`.

Each test names what it shows, says whether it must match, and gives an `event` with its `notes`, or for a correlation
a list `events` of such pairs. The events are synthetic; they are written like the data of a CloudEvent.
"""

from collections.abc import Iterable, Mapping

import msgspec
from msgspec import Struct

from detectors.events import AccessEvent, BillingTransaction
from detectors.sigma.compiler import CompiledRule
from detectors.sigma.correlation import CompiledCorrelation
from detectors.sigma.fields import DataType
from detectors.sigma.problems import Problem, Problems
from detectors.sigma.reader import Reader
from detectors.sigma.sliding import Recent
from detectors.sigma.source import Node, read_documents
from detectors.visit import Note

TestedData = AccessEvent | BillingTransaction


class Shown(Struct):
    """One event of a test, and the notes that earlier stages have written about it."""

    data: TestedData
    notes: dict[str, Note]


class RuleTest(Struct):
    """One test. `reason` is the sentence that a match must give, where the test says."""

    file: str
    line: int
    rule: str
    name: str
    match: bool
    events: list[Shown]
    reason: str


def read_tests(
    text: str,
    problems: Problems,
    rules: Mapping[str, CompiledRule | CompiledCorrelation],
    default: str,
    note_names: Iterable[str],
) -> list[RuleTest]:
    """Read a twin file. `default` is the rule that a test means where it does not say."""
    known = frozenset(note_names)
    tests = []
    for document in read_documents(text, problems):
        items = document.value
        if not isinstance(items, list):
            problems.add(document.line, "a file of tests must be a list of tests")
            continue
        tests += [test for item in items if (test := _read_test(item, problems, rules, default, known))]
    return tests


def _read_test(
    node: Node,
    problems: Problems,
    rules: Mapping[str, CompiledRule | CompiledCorrelation],
    default: str,
    note_names: frozenset[str],
) -> RuleTest | None:
    reader = Reader(node, problems, "a test")
    before = len(problems.found)
    name = reader.text("name", required=True)
    expected = reader.truth("match", required=True)
    rule = reader.text("rule", default=default)
    reason = " ".join(reader.text("reason").split())
    several = reader.node("events")
    pairs = [node] if several is None else several.value
    if several is None:
        reader.node("event", required=True)
        reader.node("notes")
    reader.finish()
    tested = rules.get(rule)
    if tested is None:
        reader.problem("rule", f"there is no rule {rule!r}: name one with the key rule")
    elif (several is not None) != isinstance(tested, CompiledCorrelation):
        reader.problem("events", "a rule over single events is shown one event, a correlation a list events")
    elif not isinstance(pairs, list) or not pairs:
        reader.problem("events", "events must be a list of events")
    if len(problems.found) > before or tested is None or not isinstance(pairs, list):
        return None
    shown = [_read_shown(pair, problems, tested.data_type, note_names, several is not None) for pair in pairs]
    events = [one for one in shown if one is not None]
    return RuleTest(problems.file, node.line, rule, name, expected, events, reason)


def _read_shown(
    node: Node, problems: Problems, data_type: DataType, note_names: frozenset[str], alone: bool
) -> Shown | None:
    reader = Reader(node, problems, "an event of a test")
    event, notes = reader.node("event", required=True), reader.node("notes")
    if alone:
        reader.finish()
    if event is None:
        return None
    plain = notes.plain if notes else {}
    for name in plain if isinstance(plain, dict) else ():
        if name not in note_names:
            reader.problem("notes", f"{name!r} is no note of any stage")
    try:
        return Shown(msgspec.convert(event.plain, data_type), msgspec.convert(plain, dict[str, Note]))
    except msgspec.ValidationError as error:
        problems.add(event.line, f"this is no {data_type.__name__} with notes: {error}")
        return None


def run_test(test: RuleTest, rule: CompiledRule | CompiledCorrelation) -> Problem | None:
    """Run one test; return what is wrong, or nothing."""
    matched, reason = _ask(rule, test.events)
    if matched and not test.match:
        return Problem(test.file, test.line, f"{test.rule} must not match, but does: {test.name}")
    if test.match and not matched:
        return Problem(test.file, test.line, f"{test.rule} must match, but does not: {test.name}")
    if test.match and test.reason and reason != test.reason:
        return Problem(test.file, test.line, f"{test.rule} gives another reason: {reason}")
    return None


def _ask(rule: CompiledRule | CompiledCorrelation, events: list[Shown]) -> tuple[bool, str]:
    if isinstance(rule, CompiledRule):
        shown = events[0]
        return rule.matches(shown.data, shown.notes), rule.reason(shown.data, shown.notes)
    state = Recent()
    for shown in events:
        state, count = rule.observe(state, shown.data.occurred_at.timestamp(), shown.data, shown.notes)
        if rule.fires(count):
            return True, rule.reason(shown.data, shown.notes, count)
    return False, ""
