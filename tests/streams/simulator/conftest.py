"""One simulated week of a small hospital, shared by the tests of this folder: do not change its events."""

import pytest

from streams.simulator import Simulated, simulate
from tests.streams.simulator.ward import DAYS, SCALE, SEED, Week


@pytest.fixture(scope="session")
def items() -> list[Simulated]:
    """Everything that the simulator yields, in order of arrival."""
    return list(simulate(DAYS, SEED, SCALE))


@pytest.fixture(scope="session")
def week(items: list[Simulated]) -> Week:
    """The same, each event once and by business time, sorted into kinds."""
    return Week(items)
