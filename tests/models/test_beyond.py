"""What lies above all that was seen: extrapolated against distributions that are known."""

from __future__ import annotations

import numpy as np
import pytest

from models.api import Vector
from models.tail_sketch import FURTHEST, TailSketch


def sketch_of(odds: Vector) -> TailSketch:
    sketch = TailSketch()
    sketch.add(scores_of(odds), half_life=1e12)
    return sketch


def scores_of(odds: Vector) -> Vector:
    return odds / (1 + odds)


@pytest.mark.parametrize("chance", [1e-4, 1e-5, 1e-6])
@pytest.mark.parametrize("shape", [0.0, 0.3])
def test_a_known_tail_is_told_beyond_what_was_seen(shape: float, chance: float) -> None:
    """Twenty samples of 4,000: counting alone ends at 2.5e-4. The middle estimate is within a factor of 3."""
    estimates = []
    for seed in range(20):
        uniform = np.random.default_rng(seed).random(4_000)
        odds = -np.log(uniform) if shape == 0 else (uniform**-shape - 1) / shape
        asked = -np.log(chance) if shape == 0 else (chance**-shape - 1) / shape
        estimates.append(sketch_of(odds).tail(scores_of(np.array([asked])))[0])
    assert chance / 3 < np.median(estimates) < 3 * chance


def test_ordinary_events_are_not_called_rarer_than_they_are() -> None:
    """Of 20 x 100,000 fresh events of the same kind, p at or below 1e-4 should come about 1e-4 of the time."""
    shares = []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        sketch = sketch_of(rng.exponential(size=3_000))
        shares.append(np.mean(sketch.tail(scores_of(rng.exponential(size=100_000))) <= 1e-4))
    assert 0.3e-4 < np.mean(shares) < 3e-4


def test_bounded_scores_stay_careful() -> None:
    """Uniform scores: nothing is above 1, yet 0.99999, in truth one in 100,000, is told within a factor of 10 or so."""
    sketch = TailSketch()
    sketch.add(np.random.default_rng(0).random(5_000), half_life=1e12)
    p = sketch.tail(np.array([0.99999, 1.0, 5.0]))
    assert (p >= FURTHEST / 5_001).all()
    assert 5e-7 < p[0] < 1e-4


def test_falls_from_what_counting_tells() -> None:
    odds = np.random.default_rng(1).exponential(size=2_000)
    sketch = sketch_of(odds)
    top = odds.max()
    p = sketch.tail(scores_of(np.array([top, top * 1.000001, top + 1, top + 2, top + 5, 1e9])))
    assert p[0] == pytest.approx(2 / 2_001)
    assert p[1] == pytest.approx(1 / 2_001, rel=0.01)
    assert (np.diff(p) < 0).all()
    assert p[-1] == pytest.approx(FURTHEST / 2_001)


def test_few_or_equal_values_are_not_extrapolated() -> None:
    few = sketch_of(np.random.default_rng(2).exponential(size=900))
    assert few.tail(np.array([0.9999]))[0] == pytest.approx(1 / 901)
    equal = TailSketch()
    equal.add(np.full(5_000, 0.5), half_life=1e12)
    assert equal.tail(np.array([0.6]))[0] == pytest.approx(1 / 5_001)


def test_the_fit_is_made_anew_after_learning() -> None:
    sketch = sketch_of(np.random.default_rng(3).exponential(size=2_000))
    asked = scores_of(np.array([60.0]))
    before = sketch.tail(asked)[0]
    sketch.add(scores_of(np.random.default_rng(4).exponential(scale=5, size=8_000)), half_life=1e12)
    assert sketch.tail(asked)[0] > before / 5 * 1.5
