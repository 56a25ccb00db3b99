"""The whole way of events through one worker, on both brokers."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import Broker
from tests.streams.engine.rig import Rig, make_inputs


@pytest.fixture
def rig(broker: Broker, topics_prefix: str, tmp_path: Path) -> Iterator[Rig]:
    made = Rig(broker.bootstrap, topics_prefix, tmp_path)
    yield made
    made.close()


def test_every_event_reaches_all_its_stops_once(rig: Rig) -> None:
    inputs, expected = make_inputs(2_000, seed=1)
    rig.start()
    rig.send(inputs)
    rig.wait_until_balanced(expected)
    assert rig.stop() == 0
    rig.check(expected)
