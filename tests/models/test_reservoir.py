"""A sample that is uniform while the stream is short, forgets slowly, and withstands bursts."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.reservoir import Reservoir, next_refresh


def numbered(first: int, last: int) -> np.ndarray:
    """Rows that hold their own number."""
    return np.arange(first, last, dtype=np.float64).reshape(-1, 1)


def test_a_short_stream_is_kept_whole_and_in_order() -> None:
    reservoir = Reservoir(10, seed=1)
    reservoir.add(numbered(0, 7))
    assert reservoir.rows.ravel().tolist() == [0, 1, 2, 3, 4, 5, 6]


@given(st.lists(st.integers(0, 60), max_size=20))
def test_it_does_not_matter_how_the_stream_is_cut(sizes: list[int]) -> None:
    total = sum(sizes)
    whole, cut = Reservoir(50, seed=3), Reservoir(50, seed=3)
    whole.add(numbered(0, total))
    start = 0
    for size in sizes:
        cut.add(numbered(start, start + size))
        start += size
    assert whole.rows.tolist() == cut.rows.tolist()


def test_every_row_of_a_stream_has_the_same_chance() -> None:
    kept = np.zeros(500)
    for seed in range(400):
        reservoir = Reservoir(100, seed=seed)
        reservoir.add(numbered(0, 500))
        kept[reservoir.rows.ravel().astype(int)] += 1
    # Each row is kept with chance 1/5: 80 of 400 times, with a standard deviation of 8.
    assert abs(kept.mean() - 80) < 1e-9
    for part in np.split(kept, 5):
        assert abs(part.mean() - 80) < 4 * 8 / 10  # the mean of a hundred rows, four deviations


def test_a_burst_replaces_a_tenth_of_its_length_at_most() -> None:
    reservoir = Reservoir(2_000, seed=1)
    reservoir.add(numbered(0, 100_000))
    reservoir.add(np.full((2_000, 1), -1.0))
    # 200 enter on average, with a standard deviation of 13.4.
    assert np.count_nonzero(reservoir.rows < 0) < 200 + 4 * 13.4


def test_what_is_old_is_forgotten() -> None:
    reservoir = Reservoir(200, seed=1)
    reservoir.add(numbered(0, 10_000))
    reservoir.add(numbered(10_000, 40_000))
    # After n rows at a tenth each, exp(-0.1 n / 200) of what was there is left: nothing after 30,000.
    assert reservoir.rows.min() >= 10_000


@pytest.mark.parametrize(("seen", "at"), [(0, 32), (31, 32), (32, 64), (64, 128), (250, 256), (256, 506), (600, 756)])
def test_renewals_come_at_fixed_counts(seen: int, at: int) -> None:
    assert next_refresh(seen, 32, 250) == at


@pytest.mark.parametrize(("size", "seed"), [(0, 1), (1, -1)])
def test_bad_parameters(size: int, seed: int) -> None:
    with pytest.raises(ValueError, match="reservoir"):
        Reservoir(size, seed)
