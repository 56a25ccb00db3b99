"""kill -9 of the worker, three times at random points, on Apache Kafka; `make chaos` kills it more often."""

import random
import time
from pathlib import Path

from tests.acceptance.crashes import check, make_input, run
from tests.services.kafka import KafkaServer

KILLS = 3


def test_a_worker_killed_three_times_makes_the_same_incidents(kafka_broker: KafkaServer, tmp_path: Path) -> None:
    seed = time.time_ns() % 100_000
    print(f"kills are drawn with seed {seed}")  # noqa: T201 -- pytest shows it where the test fails
    world, rng = make_input(), random.Random(seed)
    undisturbed, _ = run(kafka_broker.bootstrap, tmp_path / "undisturbed", world, rng, 0)
    disturbed, site = run(kafka_broker.bootstrap, tmp_path / "killed", world, rng, KILLS)
    check(world, undisturbed, disturbed, site, KILLS)
