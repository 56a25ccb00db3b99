"""Sliding windows against their definitions, in any order of arrival."""

import itertools
import random
from collections.abc import Callable

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.sigma.sliding import (
    LATENESS,
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

Event = tuple[float, int]
SPAN = 10.0


def windows(events: list[Event]) -> list[list[Event]]:
    """Return what each window of length SPAN holds, by beginning it at every event."""
    return [[event for event in events if start <= event[0] <= start + SPAN] for start, _ in events]


def ordered(window: list[Event]) -> int:
    """Return the longest run of tokens 0, 1, 2, … that can be picked from a window at times that do not fall."""
    for length in (3, 2, 1):
        places = [[at for at, token in window if token == wanted] for wanted in range(length)]
        if any(list(times) == sorted(times) for times in itertools.product(*places)):
            return length
    return 0


COUNTS: dict[str, tuple[Callable[[Recent, float, float], int], Callable[[list[Event]], int]]] = {
    "events": (count_events, len),
    "values": (count_values, lambda window: len({token for _, token in window})),
    "order": (count_in_order, ordered),
    "sum": (sum_tokens, lambda window: sum(token for _, token in window)),
}
events = st.lists(st.tuples(st.integers(0, 40).map(float), st.integers(0, 2)), min_size=1, max_size=9)


def state_of(arrivals: list[Event]) -> Recent:
    state = Recent()
    for at, token in arrivals:
        state = insert(state, at, token)
    return state


@pytest.mark.parametrize("name", COUNTS)
@settings(deadline=None)
@given(arrivals=events)
def test_each_count_is_the_greatest_over_the_windows_that_hold_the_event(name: str, arrivals: list[Event]) -> None:
    count, define = COUNTS[name]
    at = arrivals[-1][0]
    begun = zip(arrivals, windows(arrivals), strict=True)
    holding = [
        window
        for (start, token), window in begun
        if start <= at <= start + SPAN and (name != "order" or token == 0)  # an order begins with its first rule
    ]
    assert count(state_of(arrivals), at, SPAN) == max(map(define, holding), default=0)


@pytest.mark.parametrize("name", COUNTS)
@settings(deadline=None)
@given(arrivals=events, seed=st.integers(0, 99))
def test_the_greatest_count_does_not_depend_on_the_order_of_arrival(
    name: str, arrivals: list[Event], seed: int
) -> None:
    count, define = COUNTS[name]
    shuffled = random.Random(seed).sample(arrivals, len(arrivals))
    state, greatest = Recent(), 0
    for at, token in shuffled:
        state = insert(state, at, token)
        greatest = max(greatest, count(state, at, SPAN))
        if name == "values":
            state = without_inner(state, token, SPAN)
        state = prune(state, at, SPAN, capacity(3))
    assert greatest == max(map(define, windows(arrivals)))


@settings(deadline=None)
@given(events)
def test_leaving_out_inner_events_misses_no_value(arrivals: list[Event]) -> None:
    state = Recent()
    for at, token in arrivals:
        state = without_inner(insert(state, at, token), token, SPAN)
    everything = state_of(arrivals)
    for tenth in range(-100, 500, 5):
        start = tenth / 10
        inside = {token for at, token in arrivals if start <= at <= start + SPAN}
        kept = zip(state.times, state.tokens, strict=True)
        assert {token for at, token in kept if start <= at <= start + SPAN} == inside
    assert len(state.times) <= len(everything.times)


def test_one_busy_value_leaves_room_for_the_others() -> None:
    state = Recent()
    for second in range(1000):
        state = without_inner(insert(state, second / 100, 7), 7, SPAN)
    assert state.times == [0.0, 9.99]


def test_a_window_holds_both_its_ends() -> None:
    state = state_of([(0.0, 0), (10.0, 0)])
    assert count_events(state, 10.0, 10.0) == 2
    assert count_events(state, 10.0, 9.0) == 1


def test_order_matters_and_equal_times_are_in_order() -> None:
    assert count_in_order(state_of([(1.0, 0), (2.0, 1), (3.0, 2)]), 3.0, SPAN) == 3
    assert count_in_order(state_of([(1.0, 2), (2.0, 1), (3.0, 0)]), 3.0, SPAN) == 1
    assert count_in_order(state_of([(1.0, 1), (1.0, 0)]), 1.0, SPAN) == 2
    assert count_in_order(state_of([(1.0, 0), (12.0, 1)]), 12.0, SPAN) == 0


def test_what_is_old_goes_and_a_broken_clock_does_no_lasting_harm() -> None:
    day = 86_400.0
    state = state_of([(0.0, 0), (day, 0), (2 * day, 0)])
    assert day == LATENESS
    assert prune(state, 2 * day, 3600.0, 64).times == [day, 2 * day]
    assert prune(state, 0.0, 3600.0, 64).times == [0.0, day, 2 * day]  # a late event drives nothing out
    future = insert(state, 9000 * day, 0)
    kept = prune(insert(future, 2 * day + 1, 0), 2 * day + 1, 3600.0, 64)
    assert kept.times == [day, 2 * day, 2 * day + 1, 9000 * day]


def test_the_newest_are_kept_within_the_capacity() -> None:
    state = state_of([(float(at), 0) for at in range(200)])
    assert prune(state, 199.0, 3600.0, capacity(10)).times == [float(at) for at in range(136, 200)]
    assert capacity(10) == 64
    assert capacity(100) == 200


def test_states_are_values() -> None:
    state = state_of([(1.0, 0), (2.0, 0), (3.0, 0)])
    before = msgspec.msgpack.encode(state)
    without_inner(insert(state, 2.5, 0), 0, SPAN)
    prune(state, 9e9, SPAN, 1)
    assert msgspec.msgpack.encode(state) == before
    assert msgspec.msgpack.decode(before, type=Recent) == state
    assert repr(state) == "<Recent 3>"


def test_tokens_fit_and_differ() -> None:
    tokens = {token_of(f"p_{number}") for number in range(10_000)}
    assert len(tokens) == 10_000
    assert all(0 <= token < 2**64 for token in tokens)
