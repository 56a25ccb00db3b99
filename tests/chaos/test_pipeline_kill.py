"""kill -9 of a worker of the whole pipeline, many times: `make chaos`, with `WARDWATCH_KILLS` and `WARDWATCH_SEED`."""

import os
import random
import time
from pathlib import Path

from tests.acceptance.crashes import check, make_input, run
from tests.services.kafka import KafkaServer

ROUNDS = 3


def test_a_worker_killed_again_and_again_makes_the_same_incidents(kafka_broker: KafkaServer, tmp_path: Path) -> None:
    kills = int(os.environ.get("WARDWATCH_KILLS", "5"))
    seed = int(os.environ.get("WARDWATCH_SEED", str(time.time_ns() % 100_000)))
    print(f"{ROUNDS} rounds of {kills} kills, drawn with WARDWATCH_SEED={seed}")  # noqa: T201 -- for repeating it
    world, rng = make_input(), random.Random(seed)
    undisturbed, _ = run(kafka_broker.bootstrap, tmp_path / "undisturbed", world, rng, 0)
    for number in range(ROUNDS):
        disturbed, site = run(kafka_broker.bootstrap, tmp_path / f"round-{number}", world, rng, kills)
        check(world, undisturbed, disturbed, site, kills)
