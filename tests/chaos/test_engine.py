"""Longer trouble than CI has time for: many kills, a dead broker, a ghost, standbys. `make chaos`.

Every test prints its seed; all end with the same question: is every event counted exactly once?
"""

import random
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from streams.guard import EXIT_CODE
from tests.services.kafka import KafkaServer
from tests.streams.engine.rig import Expected, Rig, make_inputs

PATIENCE_SECONDS = 240.0
SLOW: dict[str, Any] = {"seconds_per_step": 0.02, "intake_records": 25}


@pytest.fixture
def rng() -> random.Random:
    seed = time.time_ns() % 1_000_000
    print(f"seed {seed}")  # noqa: T201 -- what a failure is repeated with
    return random.Random(seed)


@pytest.fixture
def rig(kafka_broker: KafkaServer, topics_prefix: str, tmp_path: Path) -> Iterator[Rig]:
    made = Rig(kafka_broker.bootstrap, topics_prefix, tmp_path)
    yield made
    made.close()


def scored(rig: Rig) -> int:
    return rig.desk.ledger().get("scored", 0)


def finish(rig: Rig, expected: Expected, *names: str, **settings: object) -> None:
    """Let a supervisor keep the workers up until all is done, stop them, and check."""

    def is_done() -> bool:
        rig.tend(*names, **settings)
        return rig.is_balanced(expected)

    rig.wait_until(is_done, f"not balanced: {rig.desk.ledger()} of {expected.received}", PATIENCE_SECONDS)
    for name in names:
        rig.stop(name)
    rig.check(expected)


@pytest.mark.parametrize("store", ["memory://", "rocksdb://"])
def test_two_workers_killed_again_and_again(rig: Rig, rng: random.Random, store: str) -> None:
    inputs, expected = make_inputs(20_000, seed=rng.randrange(1_000))
    rig.send(inputs)
    for _ in range(10):
        rig.tend("first", "second", store=store, **SLOW)
        time.sleep(rng.uniform(1.0, 12.0))
        rig.kill(rng.choice(("first", "second")))
    assert scored(rig) < expected.received, "it was done before the last kill"
    finish(rig, expected, "first", "second", store=store)


def test_a_ghost_writes_nothing(rig: Rig) -> None:
    """A worker that is suspended beyond its session wakes up without its partitions, and must not write to them."""
    inputs, expected = make_inputs(12_000, seed=1)
    rig.send(inputs[:6_000])
    rig.start("ghost", **SLOW)
    rig.wait_until(lambda: scored(rig) > 500, "it does nothing")
    rig.signal(signal.SIGSTOP, "ghost")
    rig.start("heir", **SLOW)
    rig.wait_until_ready("heir")
    before = scored(rig)
    rig.wait_until(lambda: scored(rig) > before + 500, "the heir does nothing")
    rig.signal(signal.SIGCONT, "ghost")
    rig.wait_until(lambda: rig.exit_code("ghost") is not None, "the ghost walks")
    assert rig.exit_code("ghost") == EXIT_CODE
    rig.send(inputs[6_000:], partition_by=lambda number: number % 4)
    finish(rig, expected, "ghost", "heir")


def test_a_broker_that_crashes_and_comes_back(
    disposable_kafka: KafkaServer, topics_prefix: str, tmp_path: Path, rng: random.Random
) -> None:
    rig = Rig(disposable_kafka.bootstrap, topics_prefix, tmp_path)
    try:
        inputs, expected = make_inputs(10_000, seed=rng.randrange(1_000))
        rig.send(inputs)
        for _ in range(3):
            rig.tend("worker", **SLOW)
            before = scored(rig)
            rig.wait_until(lambda: scored(rig) > before + 300, "it does nothing")  # noqa: B023
            disposable_kafka.kill()
            time.sleep(rng.uniform(0.0, 8.0))
            disposable_kafka.start()
        finish(rig, expected, "worker")
    finally:
        rig.close()


def test_standbys_take_over(rig: Rig, rng: random.Random) -> None:
    inputs, expected = make_inputs(10_000, seed=rng.randrange(1_000))
    rig.send(inputs)
    for victim in ("first", "second"):
        rig.tend("first", "second", standby_replicas=1, **SLOW)
        rig.wait_until_ready("first")
        rig.wait_until_ready("second")
        before = scored(rig)
        rig.wait_until(lambda: scored(rig) > before + 500, "they do nothing")  # noqa: B023
        rig.kill(victim)
    finish(rig, expected, "first", "second", standby_replicas=1)
