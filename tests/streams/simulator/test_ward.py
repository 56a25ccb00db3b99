"""The tests' own arithmetic, against values known by hand."""

import pytest

from tests.streams.simulator.ward import haversine_km, most_within


def test_distance_of_the_golden_vector() -> None:
    assert haversine_km((40.7128, -74.0060), (34.0522, -118.2437)) == pytest.approx(3935.8, abs=0.1)


def test_most_different_names_within_a_window() -> None:
    moments = [(0.0, "a"), (5.0, "b"), (10.0, "a"), (11.0, "c"), (30.0, "d")]
    assert most_within(moments, 10.0) == 3
    assert most_within(moments, 4.0) == 2
