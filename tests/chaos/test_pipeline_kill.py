"""kill -9 of workers of the whole pipeline, many times: `make chaos`, with `CHAOS_KILLS` and `CHAOS_SEED`."""

import os
import random
import time
from pathlib import Path

from tests.acceptance.crashes import check_incidents, check_ledgers, crash
from tests.services.kafka import KafkaServer

KILLS = int(os.environ.get("CHAOS_KILLS", "10"))


def test_a_worker_killed_again_and_again_changes_nothing(kafka_broker: KafkaServer, tmp_path: Path) -> None:
    seed = int(os.environ.get("CHAOS_SEED", str(time.time_ns() % 100_000)))
    print(f"{KILLS} kills, drawn with CHAOS_SEED={seed}")  # noqa: T201 -- for repeating it
    crashed = crash(kafka_broker.bootstrap, tmp_path, random.Random(seed), KILLS)
    check_incidents(crashed, KILLS)
    check_ledgers(crashed)
