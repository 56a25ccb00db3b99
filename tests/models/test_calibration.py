"""Tail probabilities: exact where they can be, close where they are summarised, and the same however batched."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.api import Vector
from models.calibration import Calibrator
from models.snapshots import pack, unpack
from models.tail_sketch import TailSketch


def test_first_events_say_nothing() -> None:
    calibrator = Calibrator()
    assert calibrator.score_learn(["a"] * 32, np.linspace(0, 1, 32)).tolist() == [1.0] * 32
    assert calibrator.score_learn(["a"], np.array([2.0]))[0] < 0.1
    assert calibrator.score_learn(["b"], np.array([2.0])).tolist() == [1.0]


def test_few_scores_by_hand() -> None:
    """31 zeros and one 0.5 were seen: 0.5 gets (1 + 1) / 33, what is above 1 / 33, zero itself 1."""
    calibrator = Calibrator()
    calibrator.score_learn(["a"] * 32, np.array([0.0] * 31 + [0.5]))
    p = calibrator.score_learn(["a"] * 4, np.array([0.5, 0.7, 0.0, 0.2]))
    assert p.tolist() == pytest.approx([2 / 33, 1 / 33, 1.0, 2 / 33], rel=1e-12)


@pytest.mark.parametrize("kind", ["uniform", "near_one", "around_half", "lumps"])
def test_close_to_the_exact_share(kind: str) -> None:
    rng = np.random.default_rng(0)
    scores = {
        "uniform": rng.random(20_000),
        "near_one": 1 - rng.exponential(1e-4, 20_000).clip(max=1),
        "around_half": 0.5 + rng.normal(0, 1e-6, 20_000),
        "lumps": rng.choice([0.1, 0.5, 0.9], p=[0.9, 0.095, 0.005], size=20_000),
    }[kind]
    sketch = TailSketch()
    for chunk in np.split(scores, 40):
        sketch.add(chunk, half_life=1e12)
    asked = np.quantile(scores, [0.01, 0.5, 0.9, 0.99, 0.999, 0.9999, 1.0], method="higher")
    exact = np.array([(np.count_nonzero(scores >= score) + 1) / 20_001 for score in asked])
    assert sketch.tail(asked) == pytest.approx(exact, rel=0.06)
    assert len(sketch.values) < 400


def test_ordinary_scores_get_small_p_as_rarely_as_they_say() -> None:
    calibrator = Calibrator()
    scores = np.random.default_rng(1).beta(2, 8, size=100_000)
    p = np.concatenate([calibrator.score_learn(["a"] * 500, batch) for batch in np.split(scores, 200)])[20_000:]
    for level in (0.1, 0.01, 0.001):
        assert np.mean(p <= level) == pytest.approx(level, rel=0.25)


def test_the_old_is_forgotten() -> None:
    calibrator = Calibrator(half_life=500)
    calibrator.score_learn(["a"] * 2000, np.full(2000, 0.9))
    before = calibrator.score_learn(["a"], np.array([0.8]))[0]
    calibrator.score_learn(["a"] * 8000, np.full(8000, 0.1))
    after = calibrator.score_learn(["a"], np.array([0.8]))[0]
    assert before == 1.0
    assert after < 0.01


keyed_scores = st.lists(
    st.tuples(st.sampled_from("abc"), st.floats(0, 1) | st.sampled_from([0.0, 0.5, float("nan"), float("inf")])),
    max_size=300,
)


def split(stream: list[tuple[str, float]]) -> tuple[list[str], Vector]:
    return [key for key, _ in stream], np.array([score for _, score in stream])


@settings(deadline=None, max_examples=50)
@given(keyed_scores, st.lists(st.integers(0, 300), max_size=5))
def test_batches_do_not_matter(stream: list[tuple[str, float]], cuts: list[int]) -> None:
    keys, scores = split(stream * 3)
    whole = Calibrator(half_life=100).score_learn(keys, scores)
    parts, calibrator = [], Calibrator(half_life=100)
    edges = [0, *sorted(cuts), len(keys)]
    for start, stop in pairwise(edges):
        parts += calibrator.score_learn(keys[start:stop], scores[start:stop]).tolist()
    assert parts == whole.tolist()
    assert ((whole > 0) & (whole <= 1)).all()


@settings(deadline=None, max_examples=50)
@given(keyed_scores, keyed_scores)
def test_merging_either_way_is_the_same(one: list[tuple[str, float]], other: list[tuple[str, float]]) -> None:
    merged = []
    for first, second in ((one, other), (other, one)):
        a, b = Calibrator(), Calibrator()
        a.score_learn(*split(first))
        b.score_learn(*split(second))
        a.merge(b)
        merged.append(a.score_learn(list("abc") * 20, np.linspace(0, 1, 60)).tolist())
    assert merged[0] == merged[1]


def test_merged_is_as_if_one_had_seen_all() -> None:
    scores = np.random.default_rng(2).random(10_000)
    parts = [Calibrator(), Calibrator()]
    for part, half in zip(parts, np.split(scores, 2), strict=True):
        part.score_learn(["a"] * 5000, half)
    parts[0].merge(parts[1])
    asked = np.array([0.5, 0.99, 0.999])
    exact = [(np.count_nonzero(scores >= score) + 1) / 10_001 for score in asked]
    assert parts[0].score_learn(["a"] * 3, asked) == pytest.approx(exact, rel=0.2)


@settings(deadline=None, max_examples=50)
@given(keyed_scores)
def test_higher_scores_never_get_higher_p(stream: list[tuple[str, float]]) -> None:
    sketch = TailSketch()
    sketch.add(np.array([score for _, score in stream if np.isfinite(score)]), half_life=10)
    assert (np.diff(sketch.tail(np.linspace(0, 1, 50))) <= 0).all()


@settings(deadline=None, max_examples=30)
@given(keyed_scores)
def test_snapshot_goes_on_exactly(stream: list[tuple[str, float]]) -> None:
    calibrator, restored = Calibrator(), Calibrator()
    calibrator.score_learn(*split(stream))
    restored.restore(unpack(pack(calibrator.snapshot())))
    rest = split(stream * 2)
    assert restored.score_learn(*rest).tolist() == calibrator.score_learn(*rest).tolist()


def test_memory_is_bounded() -> None:
    calibrator = Calibrator(half_life=1000, max_segments=3)
    rng = np.random.default_rng(3)
    keys = [f"segment {number}" for number in range(50)]
    for _ in range(400):
        calibrator.score_learn(keys * 10, rng.random(500))
    snapshot = calibrator.snapshot()
    assert snapshot["keys"] == ["segment 0", "segment 1", "segment 2", "*"]
    assert len(pack(snapshot)) < 4 * 15_000


def test_segments_past_the_limit_share_one() -> None:
    calibrator = Calibrator(max_segments=1)
    calibrator.score_learn(["a"] * 32, np.zeros(32))
    calibrator.score_learn(["b"] * 16 + ["c"] * 16, np.zeros(32))
    assert calibrator.score_learn(["d"], np.array([1.0]))[0] == 1 / 33


def test_wrong_input_is_refused() -> None:
    with pytest.raises(ValueError, match="2 segments for 1 scores"):
        Calibrator().score_learn(["a", "b"], np.zeros(1))
    for parameters in ({"half_life": 0}, {"half_life": float("nan")}, {"max_segments": 0}):
        with pytest.raises(ValueError, match="above 0"):
            Calibrator(**parameters)


@pytest.mark.parametrize(
    ("field", "value"),
    [("learned", [-40]), ("learned", [0]), ("weights", [-1.0]), ("waits", [39]), ("keys", ["a", "b"]), ("keys", None)],
)
def test_damaged_snapshot_is_refused(field: str, value: Any) -> None:
    calibrator = Calibrator()
    calibrator.score_learn(["a"] * 72, np.zeros(72))
    calibrator.score_learn(["a"] * 40, np.zeros(40))
    snapshot = calibrator.snapshot()
    old = snapshot[field]
    snapshot[field] = np.array(value, dtype=old.dtype) if isinstance(old, np.ndarray) else value
    before = pack(calibrator.snapshot())
    with pytest.raises(ValueError, match="snapshot"):
        calibrator.restore(snapshot)
    assert pack(calibrator.snapshot()) == before
