"""Fixtures that every test may use: brokers, databases and names of its own.

Each service starts when the first test asks for it and serves the whole session. Where a program is missing its tests
are skipped with the reason; with ``WARDWATCH_REQUIRE_SERVICES=1``, as in CI, they fail.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn, Protocol
from uuid import uuid4

import pytest

from streams.embedded import EmbeddedBroker
from tests.services.child import ServiceMissingError
from tests.services.kafka import KafkaServer
from tests.services.kafka_secured import SecuredKafka
from tests.services.postgres import PostgresServer

pytest_plugins = ["tests.emissions"]

REQUIRE_SERVICES = "WARDWATCH_REQUIRE_SERVICES"


class Broker(Protocol):
    """What tests need of a broker, whichever it is."""

    @property
    def bootstrap(self) -> str:
        """The address for clients, ``127.0.0.1:port``."""


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Name parameters that are bytes by their place: those of gzip hold the time, and two processes must agree."""
    return argname if isinstance(val, bytes) else None


def skip_or_fail(missing: ServiceMissingError) -> NoReturn:
    """End the test that needs a missing service: skipped, or failed where services are required."""
    if os.environ.get(REQUIRE_SERVICES) == "1":
        pytest.fail(f"{REQUIRE_SERVICES} is set, but {missing}", pytrace=False)
    pytest.skip(str(missing))


@pytest.fixture(scope="session")
def embedded_broker() -> Iterator[EmbeddedBroker]:
    """The broker of the demo, shared by the session."""
    with EmbeddedBroker() as broker:
        yield broker


@pytest.fixture(scope="session")
def kafka_broker() -> Iterator[KafkaServer]:
    """An Apache Kafka shared by the session: do not stop or kill it."""
    yield from _kafka()


@pytest.fixture(scope="session")
def secured_kafka() -> Iterator[SecuredKafka]:
    """An Apache Kafka with TLS and logins, shared by the session: do not stop or kill it."""
    try:
        server = SecuredKafka()
    except ServiceMissingError as missing:
        skip_or_fail(missing)
    with server:
        yield server


@pytest.fixture
def disposable_kafka() -> Iterator[KafkaServer]:
    """An Apache Kafka for one test alone, which may kill it and start it again."""
    yield from _kafka()


@pytest.fixture(scope="session", params=["embedded", "kafka"])
def broker(request: pytest.FixtureRequest) -> Broker:
    """Each of the two brokers in turn, shared by the session."""
    chosen: Broker = request.getfixturevalue(f"{request.param}_broker")
    return chosen


@pytest.fixture
def topics_prefix() -> str:
    """A prefix that no other test has, for topics, consumer groups and application ids on a shared broker."""
    return f"test-{uuid4().hex[:12]}-"


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A PostgreSQL server shared by the session."""
    try:
        server = PostgresServer()
    except ServiceMissingError as missing:
        skip_or_fail(missing)
    with server:
        yield server


@pytest.fixture(scope="module")
def postgres_url(postgres_server: PostgresServer) -> str:
    """The URL of a PostgreSQL database that was empty when the test module began."""
    return postgres_server.create_database()


@pytest.fixture(scope="module")
def sqlite_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The URL of a SQLite file that did not exist when the test module began."""
    folder: Path = tmp_path_factory.mktemp("sqlite")
    return f"sqlite:///{folder / 'wardwatch.sqlite'}"


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The URL of each of the two kinds of database in turn, empty when the test module began."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


def _kafka() -> Iterator[KafkaServer]:
    try:
        server = KafkaServer()
    except ServiceMissingError as missing:
        skip_or_fail(missing)
    with server:
        yield server
