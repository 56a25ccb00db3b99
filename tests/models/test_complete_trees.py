"""The compiled walk, its source, and a walk with pointers give the same leaves."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from models.api import Matrix
from models.complete_trees import Indices, leaves_of, walk


def leaf_by_hand(row: list[float], feature: list[int], threshold: list[float], height: int) -> int:
    """Count leaves passed on the left: going right at depth k passes half of what is below."""
    node, leaf = 0, 0
    for depth in range(height):
        goes_left = row[feature[node]] < threshold[node]
        leaf += 0 if goes_left else 2 ** (height - depth - 1)
        node = 2 * node + (1 if goes_left else 2)
    return leaf


@settings(deadline=None)
@given(
    n=st.integers(0, 20),
    width=st.integers(1, 5),
    height=st.integers(1, 5),
    n_trees=st.integers(1, 4),
    seed=st.integers(0, 2**32 - 1),
    missing=st.sampled_from([0.0, 0.2]),
)
def test_walks_agree(*, n: int, width: int, height: int, n_trees: int, seed: int, missing: float) -> None:
    rng = np.random.default_rng(seed)
    grid = np.linspace(0, 1, 5)  # few values, so that rows often equal a threshold
    rows: Matrix = rng.choice(grid, size=(n, width))
    rows[rng.random((n, width)) < missing] = np.nan
    feature: Indices = rng.integers(0, width, size=(n_trees, 2**height - 1)).astype(np.uint32)
    threshold: Matrix = rng.choice(grid, size=(n_trees, 2**height - 1))
    expected = [
        [leaf_by_hand(row, feature[tree].tolist(), threshold[tree].tolist(), height) for row in rows.tolist()]
        for tree in range(n_trees)
    ]
    assert leaves_of(rows, feature, threshold, height).tolist() == expected
    nodes: Indices = np.empty((n_trees, n), dtype=np.uint32)
    walk(rows, feature, threshold, height, nodes)
    assert (nodes - np.uint32(2**height - 1)).tolist() == expected
