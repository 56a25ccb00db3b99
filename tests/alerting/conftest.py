"""A store that is empty at the start of every test, on each of the two databases."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from alerting.store import Store, create_schema, open_engine
from alerting.store.tables import METADATA
from tests.alerting.building import Clock


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """An engine on an empty database."""
    engine = open_engine(database_url)
    METADATA.drop_all(engine)
    create_schema(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def store(engine: Engine) -> Store:
    """An empty store, on SQLite and on PostgreSQL in turn."""
    return Store(engine)


@pytest.fixture
def sqlite_store(tmp_path: Path) -> Iterator[Store]:
    """An empty store on SQLite alone, for tests that are not about databases."""
    engine = open_engine(f"sqlite:///{tmp_path / 'alerting.sqlite'}")
    create_schema(engine)
    yield Store(engine)
    engine.dispose()


@pytest.fixture
def clock() -> Clock:
    """A clock that stands at Monday, 2026-03-02T09:14:03Z."""
    return Clock()
