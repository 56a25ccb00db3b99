"""What every Python detector and shipped rule must do, shown on its own positive events (`scenarios.py`).

A new one needs a line there; the checks are run over it without another.
"""

import datetime
import functools
import itertools
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any
from unittest import mock

import msgspec
import pytest
from msgspec import Struct, structs

from detectors import judge, looking
from detectors.events import AccessEvent, BillingTransaction
from detectors.finding import Entity, Finding
from detectors.itinerary import itinerary
from detectors.judge import Speaker
from detectors.patterns import DETECTORS
from detectors.result import StageResult
from detectors.stage import STAGE_ORDER, Stage, StageModels
from detectors.visit import Arrival
from tests.detectors.scenarios import SCENARIOS, Recording, Seen, record
from tests.detectors.watch import RULES, Watch

JUDGED = (AccessEvent, BillingTransaction)
NAMES = (*DETECTORS, *(rule.name for rule in RULES.rules))

_BACKWARDS = "it counts what is known of the time before an event when that comes; what comes later is not added to it"
_BEFORE = "the second event is held against the first, and the first is not looked at again when it comes second"
DECIDED_BY_ORDER = {
    "A13b": _BACKWARDS,
    "A18": _BEFORE,
    "B01b": "the claim that comes second is the duplicate, and the finding is about its provider",
    "B22c": _BEFORE,
    "B25": _BACKWARDS,
    "B28": _BEFORE,
    "B30": _BACKWARDS,
    "Q01": _BACKWARDS,
    "Q02": _BACKWARDS,
    "a07_after_expiry": _BEFORE,
    "a07_many_uses": _BACKWARDS,
    "a07_same_reason": _BACKWARDS,
    "a09_mass_access_day": _BACKWARDS,
    "a17_failures_then_success": _BACKWARDS,
    "a17_many_users": _BACKWARDS,
    "a17b_refused_pushes": _BACKWARDS,
    "a17b_reset_mass_access": _BEFORE,
    "a17b_reset_new_device": _BEFORE,
    "a18_emergency_role_kept": _BEFORE,
    "a18_granted_and_revoked": _BEFORE,
    "a19_lookups": _BACKWARDS,
    "a19b_searches": _BACKWARDS,
    "a19b_wide_searches": _BACKWARDS,
    "a22_clerical_notes": _BACKWARDS,
    "a29_sequence": "the steps of a session are taken in the order in which they come",
    "b22_refund_over_payment": _BEFORE,
    "b22_refund_to_other_instrument": _BEFORE,
}
"""Detectors and rules that find something or not, or about another entity, by the order in which the events of a day
come, and why: the price of judging an event once. Partitions get out of step while a worker catches up."""

ORDERS = 3
"""Shuffled orders that are tried."""

DAYS, EVENTS = 60, 600
"""How often the events of a scenario come again, a day later each time, and about how many at most."""

LARGEST = 64_000
"""Bytes that an entry may have after that."""


class Untouched(Stage):
    """A stage that must leave what it is given as it was."""

    def step(
        self, profiles: Mapping[str, bytes], models: StageModels, arrivals: Sequence[Arrival], now: float
    ) -> StageResult:
        """Take the step on a table that cannot be written to, and look at events and table afterwards."""
        events = [(bytes(visit.data), list(visit.stops), visit.id) for one in arrivals for visit in one.batch.visits]
        before = dict(profiles)
        result = super().step(MappingProxyType(profiles), models, arrivals, now)
        after = [(bytes(visit.data), list(visit.stops), visit.id) for one in arrivals for visit in one.batch.visits]
        assert (after, profiles) == (events, before)
        return result


class Walk:
    """A watch that knows which detector or rule made each finding."""

    def __init__(self, recording: Recording, stage: type[Stage] = Stage) -> None:
        self._recording = recording
        self.watch = Watch(**recording.arguments, stage=stage)
        self.named: list[tuple[str, Finding]] = []
        self.retracted: set[str] = set()

    def see(self, events: Iterable[Seen]) -> "Walk":
        """Show events."""
        make = judge.rule_finding

        def made(scene: Any, stage: Any, speaker: Speaker, hit: Any, **more: Any) -> Finding:
            finding = make(scene, stage, speaker, hit, **more)
            self.named.append((speaker.name, finding))
            return finding

        with mock.patch.object(looking, "rule_finding", made):
            for one in events:
                if itinerary(one.data):
                    self.watch.see(one.data, known=one.known, id=one.id)
        self.retracted.update(retraction.finding_id for retraction in self.watch.retractions)
        return self

    def goes_on_elsewhere(self) -> None:
        """Go on in another process, from the bytes of the tables and of the models; peers come from their own topic."""
        before, watch = self.watch, Watch(**self._recording.arguments)
        for name in STAGE_ORDER:
            watch.tables[name] = {key: bytes(bytearray(value)) for key, value in before.tables[name].items()}
            watch.models[name].restore(before.models[name].snapshot())
            watch.stages[name].peers = before.stages[name].peers
        watch.offsets, watch.count = before.offsets, before.count
        self.watch = watch

    def standing(self, name: str) -> set[tuple[str, Entity]]:
        """Return the catalogue ids and entities of what a detector or rule has found and not withdrawn."""
        return {
            (found.detector, found.entity)
            for speaker, found in self.named
            if speaker == name and found.id not in self.retracted
        }

    def found(self, name: str) -> list[bytes]:
        """Return all of what a detector or rule has found, whole."""
        return [msgspec.json.encode(found) for speaker, found in self.named if speaker == name]


@functools.cache
def recorded(name: str) -> Recording:
    """Return the recording in which a detector or rule finds something that stands, or else is withdrawn."""
    walks = [(Walk(one).see(one.seen), one) for one in record(SCENARIOS[name])]
    finding = [(not walk.standing(name), number) for number, (walk, _) in enumerate(walks) if walk.found(name)]
    assert finding, "the test finds nothing by it"
    return walks[min(finding)[1]][1]


def of_a_day(events: Sequence[Seen], chance: random.Random) -> Iterator[Seen]:
    """Shuffle accesses and transactions of a day; context stays where it is, and so do days."""
    judged = [one for one in events if isinstance(one.data, JUDGED)]
    key = {id(one): (one.data.occurred_at.date(), chance.random()) for one in judged if isinstance(one.data, JUDGED)}
    runs = itertools.groupby(events, lambda one: one.data.occurred_at.date() if isinstance(one.data, JUDGED) else None)
    for day, run in runs:
        yield from sorted(run, key=lambda one: key[id(one)]) if day is not None else run


def thinned(value: Any, chance: random.Random, share: float) -> Any:
    """Return a struct of which optional fields are missing at every level, about so many."""
    if not isinstance(value, Struct):
        return value
    fields = {field.name: field for field in structs.fields(value)}
    kept = {
        name: thinned(getattr(value, name), chance, share)
        for name, field in fields.items()
        if field.required or chance.random() >= share
    }
    return type(value)(**kept)


def later(value: Any, by: datetime.timedelta) -> Any:
    """Return a struct with all its dates and instants later."""
    if isinstance(value, datetime.date):
        return value + by
    if isinstance(value, list):
        return [later(one, by) for one in value]
    if isinstance(value, Struct):
        return type(value)(**{field.name: later(getattr(value, field.name), by) for field in structs.fields(value)})
    return value


def test_every_detector_and_rule_has_a_scenario() -> None:
    assert set(SCENARIOS) == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_twice_the_same_and_nothing_that_is_given_is_changed(name: str) -> None:
    recording = recorded(name)
    first, again = (Walk(recording, Untouched).see(recording.seen) for _ in range(2))
    assert first.found(name) == again.found(name)
    assert first.watch.tables == again.watch.tables
    assert first.watch.failures == []


@pytest.mark.parametrize("name", NAMES)
def test_the_order_of_a_day_decides_only_where_it_is_known_to(name: str) -> None:
    recording = recorded(name)
    expected = Walk(recording).see(recording.seen).standing(name)
    orders = (Walk(recording).see(of_a_day(recording.seen, random.Random(seed))) for seed in range(ORDERS))
    assert any(walk.standing(name) != expected for walk in orders) == (name in DECIDED_BY_ORDER)


@pytest.mark.parametrize("name", NAMES)
def test_it_goes_on_from_a_snapshot(name: str) -> None:
    recording = recorded(name)
    whole = Walk(recording).see(recording.seen)
    for cut in {1, len(recording.seen) // 2, len(recording.seen) - 1}:
        walk = Walk(recording).see(recording.seen[:cut])
        walk.goes_on_elsewhere()
        walk.see(recording.seen[cut:])
        assert walk.found(name) == whole.found(name)
        assert walk.retracted == whole.retracted


@pytest.mark.parametrize("share", [0.3, 1.0])
@pytest.mark.parametrize("name", NAMES)
def test_optional_fields_may_be_missing(name: str, share: float) -> None:
    recording, chance = recorded(name), random.Random(name)
    walk = Walk(recording)
    walk.see(Seen(thinned(one.data, chance, share), one.known, one.id) for one in recording.seen)
    assert walk.watch.failures == []


@pytest.mark.parametrize("name", NAMES)
def test_what_is_remembered_is_bounded(name: str) -> None:
    recording = recorded(name)
    walk = Walk(recording)
    for day in range(min(DAYS, EVENTS // len(recording.seen) + 2)):
        by = datetime.timedelta(days=day)
        walk.see(Seen(later(one.data, by), one.known and one.known + by) for one in recording.seen)
    assert walk.watch.failures == []
    assert max(len(entry) for table in walk.watch.tables.values() for entry in table.values()) <= LARGEST
