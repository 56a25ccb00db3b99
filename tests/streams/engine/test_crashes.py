"""Nothing is lost and nothing counts twice: crashes, stops, workers that come and go, and poison, on Apache Kafka."""

import random
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from detectors.visit import STAGES, decode_parcel
from streams.guard import EXIT_CODE
from tests.services.kafka import KafkaServer
from tests.streams.engine.rig import Expected, Input, Rig, make_inputs, merged

SLOW: dict[str, Any] = {"seconds_per_step": 0.02, "intake_records": 25}
"""Batches small and slow enough that there is a middle to be hit."""


@pytest.fixture
def rig(kafka_broker: KafkaServer, topics_prefix: str, tmp_path: Path) -> Iterator[Rig]:
    made = Rig(kafka_broker.bootstrap, topics_prefix, tmp_path)
    yield made
    made.close()


def scored(rig: Rig) -> int:
    return rig.desk.ledger().get("scored", 0)


def visits_on_stage_topics(rig: Rig) -> Counter[tuple[str, str, int]]:
    """Return how often each event was sent to each stop."""
    return Counter(
        (visit.stop.stage, visit.id, visit.at)
        for stage in STAGES
        for _, _, value in rig.records(rig.plan.stage(stage))
        for batch in decode_parcel(value or b"")
        for visit in batch.visits
    )


@pytest.mark.parametrize("store", ["memory://", "rocksdb://"])
def test_profiles_are_recovered_after_a_crash_and_on_an_empty_disk(rig: Rig, store: str) -> None:
    parts: list[tuple[list[Input], Expected]] = [make_inputs(1_000, seed=n, first=1_000 * n) for n in range(3)]
    entities = [{(stage, ref) for stage in STAGES for ref in part.tallies[stage]} for _, part in parts]
    assert entities[0] == entities[1] == entities[2], "every profile must be written after every recovery"
    expected = Expected()
    for number, (inputs, part) in enumerate(parts):
        expected = merged(expected, part)
        rig.start("elsewhere" if number == 2 else "worker", store=store)
        rig.send(inputs)
        rig.wait_until_balanced(expected)
        rig.kill("elsewhere" if number == 2 else "worker")
    rig.check(expected)


def test_a_worker_killed_three_times_in_mid_stream_loses_and_repeats_nothing(rig: Rig) -> None:
    seed = time.time_ns() % 100_000
    rng = random.Random(seed)
    inputs, expected = make_inputs(3_000, seed=7)
    rig.send(inputs)
    before = 0
    for _ in range(3):
        rig.start(**SLOW)
        rig.wait_until(lambda: scored(rig) > before + rng.randrange(300), f"no progress, seed {seed}")  # noqa: B023
        time.sleep(rng.random() / 2)
        rig.kill()
        before = scored(rig)
    assert before < expected.received, "it was done before it was killed"
    rig.start()
    rig.wait_until_balanced(expected)
    assert rig.stop() == 0
    rig.check(expected)


def test_workers_that_join_and_leave_share_the_work_exactly(rig: Rig) -> None:
    inputs, expected = make_inputs(3_000, seed=8)
    rig.start("first", **SLOW)
    rig.send(inputs[:1_500])
    rig.wait_until(lambda: scored(rig) > 100, "the first does nothing")
    rig.start("second", **SLOW)
    rig.wait_until_ready("second")
    rig.send(inputs[1_500:])
    time.sleep(0.5)
    assert rig.stop("first") == 0
    rig.wait_until_balanced(expected)
    assert rig.stop("second") == 0
    rig.check(expected)
    assert sum(rig.models(stage) for stage in STAGES) == sum(
        sum(tally.values()) for stage in STAGES for tally in rig.tallies(stage).values()
    ), "models move with their partitions"


def test_a_stop_finishes_the_batch_in_hand_and_nothing_is_repeated(rig: Rig) -> None:
    inputs, expected = make_inputs(1_500, seed=9)
    rig.send(inputs)
    rig.start(**SLOW)
    rig.wait_until(lambda: scored(rig) > 100, "it does nothing")
    assert rig.stop() == 0
    assert scored(rig) < expected.received, "it was done before it was stopped"
    rig.start()
    rig.wait_until_balanced(expected)
    assert rig.stop() == 0
    rig.check(expected)
    assert set(rig.desk.findings().values()) == {1}
    assert set(visits_on_stage_topics(rig).values()) == {1}


def test_poison_becomes_dead_letters_and_the_worker_goes_on(rig: Rig) -> None:
    rig.start()
    for stage in STAGES:
        for value in (b"", b"\xff\xff no parcel", b"\x81\xa1a\x01", b"[]"):
            rig.send_to(rig.plan.stage(stage), 1, value)
    rig.send_to(rig.plan.name("findings"), 1, b"no findings")
    rig.send_to(rig.plan.name("ledger"), 1, b"no entries")
    inputs, expected = make_inputs(300, seed=10)
    poison: list[Input] = [
        ("access.events", b"not json"),
        ("access.events", b'{"id": "poison-1", "stops": [["patient", "patient-0-1"], ["user", "user-1-1"]]}'),
        ("access.events", b'{"id": "failing-1", "stops": [["user", "user-1-1"]]}'),
    ]
    rig.send([*inputs[:150], *poison, *inputs[150:]])
    expected.received += 3
    rig.wait_until_balanced(expected)
    rig.wait_until(lambda: len(rig.letters()) >= 21, "letters are missing")
    assert rig.stop() == 0
    assert rig.desk.ledger() == {
        "received": 303,
        "scored": 301,
        "dead_letter:not_json": 1,
        "dead_letter:stage_failed": 1,
    }
    reasons = Counter((letter.reason, letter.detail) for letter in rig.letters())
    assert reasons["not_json", ""] == 1
    assert reasons["stage_failed", "RuntimeError"] == 1
    assert reasons["detector_failed", "T01: ValueError"] == 1
    assert sum(n for (reason, _), n in reasons.items() if reason == "stage_undecodable") == 4 * 4
    assert sum(n for (reason, _), n in reasons.items() if reason == "desk_undecodable") == 2
    assert "this text must not be logged" not in rig.log().read_text()
    expected.tallies["user"].setdefault("user-1-1", Counter())["failing-1"] = 1
    for stage in STAGES:
        assert rig.tallies(stage).keys() == expected.tallies[stage].keys()


def test_a_worker_that_cannot_deliver_ends_itself_and_nothing_is_lost(rig: Rig) -> None:
    """Topics with fewer partitions than the worker was told are what a wrong set-up looks like."""
    inputs, expected = make_inputs(200, seed=11)
    rig.send(inputs)
    rig.start(partitions=8)
    rig.wait_until(lambda: rig.exit_code() is not None, "it goes on")
    assert rig.exit_code() == EXIT_CODE
    assert "DeliveryError" in rig.log().read_text()
    rig.start()
    rig.wait_until_balanced(expected)
    assert rig.stop() == 0
    rig.check(expected)
