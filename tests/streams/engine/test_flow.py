"""The whole way of events through one worker, on both brokers, with Faust's own drain and with ours."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from detectors.visit import STAGES
from tests.conftest import Broker
from tests.services.kafka import KafkaServer
from tests.streams.engine.rig import Rig, make_inputs


@pytest.fixture
def rig(broker: Broker, topics_prefix: str, tmp_path: Path) -> Iterator[Rig]:
    made = Rig(broker.bootstrap, topics_prefix, tmp_path)
    yield made
    made.close()


@pytest.mark.parametrize("fast_drain", [True, False], ids=["fast", "stock"])
def test_every_event_reaches_all_its_stops_once(rig: Rig, fast_drain: bool) -> None:
    inputs, expected = make_inputs(2_000, seed=1)
    rig.start(fast_drain=fast_drain)
    rig.send(inputs)
    rig.wait_until_balanced(expected)
    assert rig.stop() == 0
    rig.check(expected)


def is_idle(told: dict[str, dict[str, float]]) -> bool:
    return bool(told.get("lag")) and not any(told["lag"].values()) and told["state"]["commit_age"] == 0


def test_the_engine_tells_what_it_does(kafka_broker: KafkaServer, topics_prefix: str, tmp_path: Path) -> None:
    rig = Rig(kafka_broker.bootstrap, topics_prefix, tmp_path)
    try:
        inputs, expected = make_inputs(500, seed=2)
        rig.start()
        rig.send(inputs)
        rig.wait_until_ready()
        rig.wait_until_balanced(expected)
        rig.wait_until(lambda: is_idle(rig.diary()), f"it lags or does not commit: {rig.diary()}")
        assert rig.stop() == 0
        told = rig.diary()
    finally:
        rig.close()
    met = {stage: sum(sum(tally.values()) for tally in expected.tallies[stage].values()) for stage in STAGES}
    assert {agent: n for agent, n in told["steps"].items() if agent in STAGES} == met
    assert (told["steps"]["intake"], told["steps"]["response"]) == (500, len(expected.findings))
    assert told["events"]["intake received"] == 500
    assert sum(n for what, n in told["events"].items() if what.endswith(" scored")) == 500
    assert sum(n for what, n in told["events"].items() if what.endswith(" onward")) == sum(met.values()) - 500
    assert told["seconds_to_finding"]["count"] == len(expected.findings)
    assert 0 < told["seconds_to_finding"]["most"] < 60
    assert told["failures"] == {}
    # Six source topics, four stages and their tables, findings and ledger; no lag is told of a table's changelog.
    assert told["state"]["partitions"] == 4 * (6 + 4 + 4 + 2)
    assert len(told["lag"]) == 4 * (6 + 4 + 2)
    assert told["state"]["rebalances"] == 1
    assert not (tmp_path / "worker" / "ready").exists()
