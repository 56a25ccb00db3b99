"""kill -9 of the worker, three times at random points, on Apache Kafka; `make chaos` kills it more often."""

import random
import time

import pytest

from tests.acceptance.crashes import Crashed, check_incidents, check_ledgers, crash
from tests.services.kafka import KafkaServer

KILLS = 3


@pytest.fixture(scope="module")
def crashed(kafka_broker: KafkaServer, tmp_path_factory: pytest.TempPathFactory) -> Crashed:
    """One run without and one with kills."""
    seed = time.time_ns() % 100_000
    print(f"kills are drawn with seed {seed}")  # noqa: T201 -- pytest shows it where a test fails
    return crash(kafka_broker.bootstrap, tmp_path_factory.mktemp("kill"), random.Random(seed), KILLS)


def test_a_worker_killed_three_times_makes_the_same_incidents(crashed: Crashed) -> None:
    check_incidents(crashed, KILLS)


def test_the_ledger_is_that_of_an_undisturbed_run(crashed: Crashed) -> None:
    check_ledgers(crashed)
