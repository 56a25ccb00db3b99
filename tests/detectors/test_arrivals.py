"""Arrivals by source and slot: what was counted, and where nobody counted."""

import numpy as np
import pytest

from detectors.arrivals import KEPT_SLOTS, ArrivalBook, Arrivals


def counted(counts: list[int], watched: str) -> Arrivals:
    return Arrivals(100, np.array(counts), np.array([mark == "+" for mark in watched]))


@pytest.mark.parametrize(
    ("start", "end", "received"),
    [
        (101, 104, 6),  # 1 + 2 + 3
        (104, 106, 4),  # 4 + 0
        (100, 102, None),  # the source's first event came in slot 101
        (99, 103, None),  # before what is kept
        (104, 107, None),  # after it
    ],
)
def test_what_arrived_between_two_slots(start: int, end: int, received: int | None) -> None:
    assert counted([0, 1, 2, 3, 4, 0], "++++++").between(start, end) == received


def test_nothing_is_known_of_stretches_that_nobody_watched() -> None:
    arrivals = counted([5] * 20, "+" * 9 + "-" + "+" * 10)
    assert arrivals.between(108, 111) is None
    assert arrivals.between(105, 115) == 50  # one of ten slots is missing: it was counted later
    assert arrivals.between(108, 113) is None  # one of five


def test_the_book_moves_on_and_forgets() -> None:
    book = ArrivalBook(KEPT_SLOTS)
    book.write([("a", 0, 7), ("b", KEPT_SLOTS - 1, 9), ("b", KEPT_SLOTS, 99)], [KEPT_SLOTS - 1])
    assert {source for source, _ in book.sources()} == {"a", "b"}
    book.advance(KEPT_SLOTS + 1)
    book.write([("b", KEPT_SLOTS, 3), ("b", KEPT_SLOTS, 4)], [KEPT_SLOTS])
    left = dict(book.sources())
    assert set(left) == {"b"}
    assert left["b"].between(KEPT_SLOTS - 1, KEPT_SLOTS + 1) == 13  # the last word on a slot counts
    book.advance(10 * KEPT_SLOTS)
    assert dict(book.sources()) == {}
