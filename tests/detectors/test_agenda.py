"""What an event is shown to: gates are never narrower than what stands behind them, and few items pass."""

from typing import Any

import pytest

from detectors.agenda import Agenda, Item
from detectors.events import AccessEvent, BillingTransaction
from detectors.events.access import Actor
from detectors.gate import OPEN, READ_DEED, Gate, both, either, noted
from detectors.judge import Speaker
from detectors.notes import NOTE_NAMES
from detectors.patterns import DETECTORS
from detectors.thresholds import Thresholds
from tests.detectors.sigma.test_shipped_rules import BY_NAME, RULES
from tests.detectors.watch import at


class Shown:
    """As much of a scene as an agenda looks at."""

    def __init__(self, data: AccessEvent | BillingTransaction, notes: dict[str, Any]) -> None:
        self.data = data
        self.notes = notes


def access(action: Any = "read") -> AccessEvent:
    return AccessEvent(occurred_at=at(0), actor=Actor(id="U1", type="human"), action=action, outcome="success")


def item(name: str, gate: Gate = OPEN, *, rests: bool = False, may_rest: bool = True) -> Item:
    return Item(Speaker(name, name, 1, rests), AccessEvent, gate, may_rest, lambda scene, result: None)


def shown_to(agenda: Agenda, data: AccessEvent | BillingTransaction, **notes: Any) -> list[str]:
    scene: Any = Shown(data, {name.replace("__", "."): value for name, value in notes.items()})
    return [one.speaker.name for one in agenda.of(scene)]


def test_an_event_is_shown_to_what_its_notes_and_its_deed_let_in_and_in_order() -> None:
    prints = Gate(deeds=frozenset({"print"}))
    agenda = Agenda([item("second", noted("a", "b")), item("always"), item("prints", prints), item("b", noted("b"))])
    assert shown_to(agenda, access()) == ["always"]
    assert shown_to(agenda, access(), b=1) == ["always", "b"]
    assert shown_to(agenda, access(), a=False, b=None) == ["second", "always", "b"]
    assert shown_to(agenda, access("print")) == ["always", "prints"]


def test_the_answer_for_one_combination_is_not_that_of_another() -> None:
    agenda = Agenda([item("needs a", noted("a"))])
    assert [shown_to(agenda, access(), **notes) for notes in ({"a": 1}, {"b": 1}, {"a": 2})] == [
        ["needs a"], [], ["needs a"],
    ]  # fmt: skip


def test_what_speaks_of_unexplained_accesses_rests_at_explained_ones() -> None:
    agenda = Agenda([item("rests", rests=True), item("counts all", rests=True, may_rest=False), item("other")])
    assert shown_to(agenda, access(), rel__explained=True) == ["counts all", "other"]
    assert shown_to(agenda, access(), rel__explained=False) == ["rests", "counts all", "other"]
    assert shown_to(agenda, access()) == ["rests", "counts all", "other"]


def test_events_of_other_kinds_are_shown_to_nothing() -> None:
    transaction = BillingTransaction(kind="refund", occurred_at=at(0))
    assert shown_to(Agenda([item("of accesses")]), transaction) == []


def test_both_asks_for_all_notes_and_the_deeds_in_common_and_either_for_the_notes_in_common_and_all_deeds() -> None:
    one, other = Gate(frozenset("ab"), frozenset({"x", "y"})), Gate(frozenset("bc"), frozenset({"y", "z"}))
    assert both([one, other]) == Gate(frozenset("abc"), frozenset("y"))
    assert either([one, other]) == Gate(frozenset("b"), frozenset("xyz"))
    assert both([one, OPEN]) == one
    assert either([one, OPEN]) == OPEN


@pytest.mark.parametrize("test", [test for test in RULES.tests if test.match], ids=lambda test: test.name)
def test_no_gate_turns_away_what_its_rule_matches(test: Any) -> None:
    (shown,) = test.events
    assert BY_NAME[test.rule].gate.lets_in(shown.notes, READ_DEED[type(shown.data)](shown.data))


@pytest.mark.parametrize("name", [name for name, (pattern, _) in DETECTORS.items() if pattern.gate.notes])
def test_a_detector_has_nothing_to_say_without_the_notes_of_its_gate(name: str) -> None:
    pattern, detect = DETECTORS[name]
    assert pattern.gate.notes <= NOTE_NAMES.keys()
    for missing in pattern.gate.notes:
        notes = dict.fromkeys(NOTE_NAMES, True) | {"rel.explained": False}
        del notes[missing]
        for data in (access(), BillingTransaction(kind="refund", occurred_at=at(0))):
            scene: Any = Shown(data, notes)
            assert detect(scene, Thresholds()) is None
