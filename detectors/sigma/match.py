"""Conditions and field tests, compiled once to closures over an event and its notes.

An event that is none of a rule's business must be told so in well under a microsecond, so names are resolved here and
not at match time, closed enumerations become one look-up in a set, and the tests of a conjunction are asked in order
of their cost. No predicate raises, so the order changes no answer.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import NamedTuple, cast

from msgspec import Struct

from detectors.gate import DEEDS, OPEN, Gate, both, either, noted
from detectors.sigma.checks import COSTS, NOTE_COST, ORDINARY_COST, Check, check_of, is_present
from detectors.sigma.condition import And, Condition, Name, Not
from detectors.sigma.detection import FieldTest, Selection
from detectors.sigma.fields import Field, Reader
from detectors.sigma.problems import Problems
from detectors.sigma.source import Scalar
from detectors.sigma.vocabulary import NoteName, Subject, Vocabulary
from detectors.visit import Note

Notes = Mapping[str, Note]
Predicate = Callable[[Struct, Notes], bool]
Values = Callable[[Struct, Notes], object]


class Timed(NamedTuple):
    """A predicate, its relative cost, and what an event must have for it to hold."""

    cost: int
    holds: Predicate
    gate: Gate = OPEN


NEVER = Timed(0, lambda data, notes: False)
"""Stands for a test that was refused."""


def compile_condition(
    condition: Condition, selections: Mapping[str, Selection], vocabulary: Vocabulary, problems: Problems
) -> Timed:
    """Compile a condition over its selections, noting the tests that cannot be compiled."""
    compiled = {
        name: [[compile_test(test, vocabulary, problems) for test in tests] for tests in selection]
        for name, selection in selections.items()
    }
    return _compile(condition, compiled)


def _compile(condition: Condition, selections: Mapping[str, list[list[Timed]]]) -> Timed:
    if isinstance(condition, Not):
        return negation(_compile(condition.item, selections))
    if isinstance(condition, And | Name):
        return all_of(_conjuncts(condition, selections))
    return any_of([_compile(item, selections) for item in condition.items])


def _conjuncts(condition: Condition, selections: Mapping[str, list[list[Timed]]]) -> list[Timed]:
    """Return all that must hold, flat, so that the cheapest test of all is asked first."""
    if isinstance(condition, And):
        return [timed for item in condition.items for timed in _conjuncts(item, selections)]
    if isinstance(condition, Name):
        alternatives = selections.get(condition.name, [])
        return alternatives[0] if len(alternatives) == 1 else [any_of([all_of(tests) for tests in alternatives])]
    return [_compile(condition, selections)]


def compile_test(test: FieldTest, vocabulary: Vocabulary, problems: Problems) -> Timed:
    """Compile one line of a selection."""
    subject = vocabulary.subject(test.field, test.line, problems)
    if subject is None:
        return NEVER
    if test.operator == "fieldref":
        timed = _references(test, subject, vocabulary, problems)
    elif vocabulary.check(test, subject, problems):
        groups = [(value,) for value in test.values] if test.every else [test.values]
        timed = all_of([_predicate(test, group, subject, vocabulary, problems) for group in groups])
        if test.operator == "exists" and test.values[0] is False:
            timed = negation(timed)
    else:
        timed = NEVER
    return negation(timed) if test.negated else timed


def _predicate(
    test: FieldTest, values: Collection[Scalar], subject: Subject, vocabulary: Vocabulary, problems: Problems
) -> Timed:
    check = check_of(test, values, vocabulary.lists)
    cost = COSTS.get(test.operator, ORDINARY_COST)
    if isinstance(subject, NoteName):
        return _of_note(test, values, subject.name, check)
    if subject.kind == "choice":
        accepted: frozenset[str | None] = frozenset(value for value in (None, *subject.choices) if check(value))
        _refuse_idle_values(test, subject, vocabulary, problems)
        check, cost = accepted.__contains__, 1
        if subject.name in DEEDS.values():
            deeds = frozenset(value for value in accepted if value is not None)
            return Timed(cost + 1, _one(subject.read, check), Gate(deeds=deeds))
    if subject.many:
        return Timed(cost + 10, _any(subject.read, check))
    return Timed(cost + 1, _one(subject.read, check))


def _refuse_idle_values(test: FieldTest, field: Field, vocabulary: Vocabulary, problems: Problems) -> None:
    """Refuse a value that fits nothing in a closed enumeration: it is a misspelling."""
    if test.operator == "exists":
        return
    for value in test.values:
        check = check_of(test, (value,), vocabulary.lists)
        if not any(check(choice) for choice in (None, *field.choices)):
            good = ", ".join(sorted(choice for choice in field.choices if choice))
            problems.add(test.line, f"{field.name} is never {value!r}; it is one of {good}")


def _one(read: Reader, check: Check) -> Predicate:
    return lambda data, notes: check(read(data))


def _any(read: Reader, check: Check) -> Predicate:
    read_all = cast("Callable[[Struct], Iterable[object]]", read)

    def holds(data: Struct, notes: Notes) -> bool:
        return any(map(check, read_all(data)))

    return holds


def _of_note(test: FieldTest, values: Collection[Scalar], name: str, check: Check) -> Timed:
    first, gate = next(iter(values)), OPEN if check(None) else noted(name)
    if test.operator == "equals" and len(values) == 1 and isinstance(first, bool):
        return Timed(0, lambda data, notes: notes.get(name) is first, gate)

    def holds(data: Struct, notes: Notes) -> bool:
        value = notes.get(name)
        if type(value) is list:
            return any(map(check, value)) if value else check(None)
        return check(value)

    return Timed(COSTS.get(test.operator, NOTE_COST), holds, gate)


def reader_of(subject: Subject) -> Values:
    """Return a function that gives the value, or the list of values, of a field or note."""
    if isinstance(subject, NoteName):
        name = subject.name
        return lambda data, notes: notes.get(name)
    read = subject.read
    return lambda data, notes: read(data)


def _references(test: FieldTest, subject: Subject, vocabulary: Vocabulary, problems: Problems) -> Timed:
    others = [vocabulary.subject(str(value), test.line, problems) for value in test.values]
    for other in others:
        if isinstance(other, Field) and isinstance(subject, Field) and _family(other) != _family(subject):
            problems.add(test.line, f"{subject.name} is a {subject.kind}, {other.name} a {other.kind}: never equal")
    return any_of([_same(reader_of(subject), reader_of(other)) for other in others if other is not None])


def _family(field: Field) -> str:
    return "text" if field.kind == "choice" else field.kind


def _same(read: Values, read_other: Values) -> Timed:
    """Both present and equal, to the letter: references are tokens, in which case counts."""

    def holds(data: Struct, notes: Notes) -> bool:
        value = read(data, notes)
        if value is None or value == "":
            return False
        other = read_other(data, notes)
        if isinstance(value, str) and isinstance(other, str):
            return value == other
        return any(_equal(left, right) for left in _values(value) for right in _values(other))

    return Timed(2 * ORDINARY_COST, holds)


def _values(value: object) -> Collection[object]:
    return value if isinstance(value, list | tuple) else (value,)


def _equal(left: object, right: object) -> bool:
    return is_present(left) and left == right and (type(left) is bool) == (type(right) is bool)


def all_of(items: list[Timed]) -> Timed:
    """Join predicates by and, the cheapest first."""
    if not items:
        return NEVER
    ordered = sorted(items, key=lambda timed: timed.cost)
    tests = tuple(timed.holds for timed in ordered)
    if len(tests) == 1:
        return ordered[0]
    first, rest = tests[0], tests[1:]

    def holds(data: Struct, notes: Notes) -> bool:
        if not first(data, notes):
            return False
        for test in rest:  # noqa: SIM110 - a generator would cost more than the tests
            if not test(data, notes):
                return False
        return True

    return Timed(ordered[0].cost + 1, holds, both([timed.gate for timed in items]))


def any_of(items: list[Timed]) -> Timed:
    """Join predicates by or, the cheapest first."""
    if not items:
        return NEVER
    ordered = sorted(items, key=lambda timed: timed.cost)
    tests = tuple(timed.holds for timed in ordered)
    if len(tests) == 1:
        return ordered[0]

    def holds(data: Struct, notes: Notes) -> bool:
        for test in tests:  # noqa: SIM110 - a generator would cost more than the tests
            if test(data, notes):
                return True
        return False

    return Timed(sum(timed.cost for timed in ordered) + 1, holds, either([timed.gate for timed in items]))


def negation(timed: Timed) -> Timed:
    """Turn a predicate round."""
    inner = timed.holds
    return Timed(timed.cost + 1, lambda data, notes: not inner(data, notes))
