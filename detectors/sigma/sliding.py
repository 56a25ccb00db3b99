"""Sliding windows over the recent events of one entity, for correlations.

The events may arrive in any order: a count is the greatest over all windows that hold the new event, so that the
greatest count over all arrivals does not depend on their order. A window of length `timespan` holds both its ends.

What is kept is bounded: entries older than `timespan` + `LATENESS` before an arriving event go, and of the others the
newest `capacity`. An event that is later than that is judged with what is left. Counts above `capacity` stay there;
it is at least twice what fires.
"""

import hashlib
from bisect import bisect_left, bisect_right

from msgspec import Struct

LATENESS = 86_400.0
"""Seconds: feeds that come once a day, the slowest that hospitals run, are still counted in full."""

LEAST_CAPACITY = 64


class Recent(Struct, array_like=True):
    """Recent events of one entity, by time and then token: seconds since the epoch, and what is told apart or added."""

    times: list[float] = []
    tokens: list[int] = []

    def __repr__(self) -> str:
        return f"<Recent {len(self.times)}>"


def capacity(at_least: int) -> int:
    """Return how many events are kept to find `at_least` of them."""
    return max(LEAST_CAPACITY, 2 * at_least)


def token_of(value: str) -> int:
    """Return 64 bits that stand for a value: shorter than the value, and no identifier in the state."""
    return int.from_bytes(hashlib.blake2b(value.encode(), digest_size=8).digest())


def insert(state: Recent, at: float, token: int) -> Recent:
    """Return the state with one more event."""
    position = bisect_right(state.times, at)
    while position and state.times[position - 1] == at and state.tokens[position - 1] > token:
        position -= 1
    times, tokens = state.times.copy(), state.tokens.copy()
    times.insert(position, at)
    tokens.insert(position, token)
    return Recent(times, tokens)


def prune(state: Recent, at: float, timespan: float, most: int) -> Recent:
    """Return the state without what is too old beside an event at `at`, and without the oldest beyond `most`."""
    oldest = at - timespan - LATENESS
    first = max(bisect_left(state.times, oldest), len(state.times) - most)
    return Recent(state.times[first:], state.tokens[first:])


def without_inner(state: Recent, token: int, timespan: float) -> Recent:
    """Return the state without events that no count of distinct values can miss.

    Of three equal tokens within one `timespan`, every window that holds the middle one holds one of the others.
    """
    kept: list[int] = []
    inner: set[int] = set()
    for index in [index for index, other in enumerate(state.tokens) if other == token]:
        while len(kept) >= 2 and state.times[index] <= state.times[kept[-2]] + timespan:
            inner.add(kept.pop())
        kept.append(index)
    if not inner:
        return state
    rest = [index for index in range(len(state.times)) if index not in inner]
    return Recent([state.times[index] for index in rest], [state.tokens[index] for index in rest])


def _starts(state: Recent, at: float, timespan: float) -> range:
    """Return where the windows begin that hold `at`: at each event from `at` back as far as a window reaches."""
    end = bisect_right(state.times, at)
    first = end
    while first and state.times[first - 1] + timespan >= at:
        first -= 1
    return range(first, end)


def count_events(state: Recent, at: float, timespan: float) -> int:
    """Return the greatest number of events in a window that holds `at`."""
    times = state.times
    windows = (bisect_right(times, times[start] + timespan) - start for start in _starts(state, at, timespan))
    return max(windows, default=0)


def count_values(state: Recent, at: float, timespan: float) -> int:
    """Return the greatest number of different tokens in a window that holds `at`."""
    inside: dict[int, int] = {}
    greatest = end = 0
    for start in (starts := _starts(state, at, timespan)):
        end = max(end, starts[0])
        while end < len(state.times) and state.times[end] <= state.times[start] + timespan:
            inside[state.tokens[end]] = inside.get(state.tokens[end], 0) + 1
            end += 1
        greatest = max(greatest, len(inside))
        if end == len(state.times):
            break  # later windows hold less
        token = state.tokens[start]
        inside[token] -= 1
        if not inside[token]:
            del inside[token]
    return greatest


def sum_tokens(state: Recent, at: float, timespan: float) -> int:
    """Return the greatest sum of tokens over the windows that hold `at`."""
    times, tokens = state.times, state.tokens
    windows = (
        sum(tokens[start : bisect_right(times, times[start] + timespan)]) for start in _starts(state, at, timespan)
    )
    return max(windows, default=0)


def count_in_order(state: Recent, at: float, timespan: float) -> int:
    """Return how many of the tokens 0, 1, 2, … follow one another in a window that begins with 0 and holds `at`."""
    greatest = 0
    for start in _starts(state, at, timespan):
        if state.tokens[start] == 0:
            end = bisect_right(state.times, state.times[start] + timespan)
            wanted = 0
            for token in state.tokens[start:end]:
                wanted += token == wanted
            greatest = max(greatest, wanted)
            if end == len(state.times):
                break  # later windows hold less
    return greatest
