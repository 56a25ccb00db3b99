"""The tables of what the desk's guards remember: the storm guard's buckets and the alert budget."""

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from alerting.store.schema import BUDGET_STATE, STORM_BUCKETS
from alerting.storm import Bucket

_INSERT: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
_BUDGET = "alerts"


def buckets_of(connection: Connection, rules: Collection[str]) -> dict[str, Bucket]:
    """Return what rules have left; those that never opened an incident are missing."""
    table = STORM_BUCKETS.c
    rows = connection.execute(select(table.rule, table.tokens, table.at).where(table.rule.in_(list(rules))))
    return {row.rule: Bucket(row.tokens, row.at) for row in rows}


def save_buckets(connection: Connection, buckets: Mapping[str, Bucket]) -> None:
    """Store what rules have left."""
    if not buckets:
        return
    statement = _INSERT[connection.dialect.name](STORM_BUCKETS)
    statement = statement.on_conflict_do_update(
        index_elements=["rule"], set_={"tokens": statement.excluded.tokens, "at": statement.excluded.at}
    )
    rows = [{"rule": rule, "tokens": bucket.tokens, "at": bucket.at} for rule, bucket in buckets.items()]
    connection.execute(statement, rows)


def budget_version(connection: Connection) -> int:
    """Return how often the budget was saved; 0 if never."""
    return connection.scalar(select(BUDGET_STATE.c.version).where(BUDGET_STATE.c.name == _BUDGET)) or 0


def load_budget(connection: Connection) -> bytes:
    """Return the budget as it was saved last; it must have been."""
    body: bytes = connection.execute(select(BUDGET_STATE.c.body).where(BUDGET_STATE.c.name == _BUDGET)).scalar_one()
    return body


def save_budget(connection: Connection, version: int, body: bytes) -> None:
    """Store the budget."""
    statement = _INSERT[connection.dialect.name](BUDGET_STATE).values(name=_BUDGET, version=version, body=body)
    statement = statement.on_conflict_do_update(
        index_elements=["name"], set_={"version": statement.excluded.version, "body": statement.excluded.body}
    )
    connection.execute(statement)
