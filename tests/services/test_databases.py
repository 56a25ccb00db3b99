"""Both databases answer SQL, and each test module gets an empty one."""

from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect, text

from tests.services import postgres
from tests.services.child import ServiceMissingError
from tests.services.postgres import PostgresServer


def tables(url: str) -> list[str]:
    engine = create_engine(url)
    try:
        return inspect(engine).get_table_names()
    finally:
        engine.dispose()


def run(url: str, *statements: str) -> int:
    """Run statements in one transaction and return the last one's single number."""
    engine = create_engine(url)
    try:
        with engine.begin() as connection:
            for statement in statements[:-1]:
                connection.execute(text(statement))
            return int(connection.execute(text(statements[-1])).scalar_one())
    finally:
        engine.dispose()


def test_sql_answers(database_url: str) -> None:
    rows = "CREATE TABLE numbers (n INTEGER)", "INSERT INTO numbers VALUES (19), (23)"
    assert run(database_url, *rows, "SELECT sum(n) FROM numbers") == 42
    assert tables(database_url) == ["numbers"]


def test_each_postgres_database_is_new(postgres_server: PostgresServer) -> None:
    first, second = postgres_server.create_database(), postgres_server.create_database()
    run(first, "CREATE TABLE only_here (n INTEGER)", "SELECT 1")
    assert tables(first) == ["only_here"]
    assert tables(second) == []


def test_postgres_leaves_no_folder() -> None:
    server = PostgresServer()
    with server:
        assert server.folder.is_dir()
    assert not server.folder.exists()


def test_a_missing_program_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ServiceMissingError, match="no_such_program"):
        postgres.program("no_such_program")
