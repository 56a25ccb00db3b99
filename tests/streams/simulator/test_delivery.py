"""Arrival: nothing is lost, context and labelled records come on time."""

import datetime
from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from detectors.events import AccessEvent, Event, OrderContext
from detectors.events.access import Actor
from streams.simulator.delivery import deliver
from streams.simulator.record import Label, Simulated

MOMENT = datetime.datetime(2026, 3, 2, tzinfo=datetime.UTC)


def record(number: int, kind: str) -> Simulated:
    at = MOMENT + datetime.timedelta(seconds=number)
    data = (
        OrderContext(patient_ref="p", at=at)
        if kind == "context"
        else AccessEvent(action="read", occurred_at=at, actor=Actor(id="u"))
    )
    event = Event(id=str(number), source="urn:test", type="t", time=at.timestamp(), data=data)
    return Simulated(event, (Label("A01", "A01-001"),), prompt=True) if kind == "labelled" else Simulated(event)


@given(
    kinds=st.lists(st.sampled_from(["ordinary", "labelled", "context"]), max_size=400), seed=st.integers(0, 2**32 - 1)
)
def test_everything_arrives_and_only_ordinary_records_are_late_or_twice(kinds: list[str], seed: int) -> None:
    sent = [record(number, kind) for number, kind in enumerate(kinds)]
    arrived = list(deliver(sent, np.random.default_rng(seed)))
    counts = Counter(int(item.event.id) for item in arrived)
    assert set(counts) == set(range(len(kinds)))
    for number, kind in enumerate(kinds):
        assert counts[number] == 1 or (kind == "ordinary" and counts[number] == 2)
    on_time = [int(item.event.id) for item in arrived if kinds[int(item.event.id)] != "ordinary"]
    assert on_time == sorted(on_time)


def test_labels_are_told_once() -> None:
    sent = [record(number, "ordinary") for number in range(20_000)]
    arrived = list(deliver(sent, np.random.default_rng(1)))
    assert len(arrived) > 20_000
    assert not any(item.labels for item in arrived)
