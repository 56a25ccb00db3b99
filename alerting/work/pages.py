"""Pages of incidents, newest first, with their clocks: everything that a person may want to see a list of."""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import CompoundSelect, Connection, Select, Text, cast, func, select, tuple_

from alerting.incidents import Incident, Status
from alerting.severity import IncidentSeverity
from alerting.store.incident_rows import incident_of_row
from alerting.store.schema import INCIDENTS
from alerting.work.clock import Clock
from alerting.work.clock_rows import clocks_of
from alerting.work.tables import CLOCKS, WATCHERS
from detectors.finding import EntityType, Queue

_TABLE = INCIDENTS.c
FEW = 2_000
"""So many incidents are found by their ids at once."""


class Wanted(Struct, frozen=True, kw_only=True):
    """Which incidents; what is not set does not matter.

    `queue` empty is that of fraud and privacy; `concerns` is a work name: who is responsible, or watches. `overdue_at`
    asks for those with a clock that has run out at that time; `since` for those opened from then on (seconds since the
    epoch); `prefix` is the beginning of an id.
    """

    statuses: Sequence[Status] = ()
    only_open: bool = False
    severities: Sequence[IncidentSeverity] = ()
    queue: Queue | None = None
    assignee: str | None = None
    concerns: str | None = None
    rule: str | None = None
    entity_type: EntityType | None = None
    overdue_at: float | None = None
    since: float | None = None
    prefix: str = ""


class Listed(Struct, frozen=True):
    """An incident of a list, with its clocks; an incident of an older version may have none."""

    incident: Incident
    clock: Clock | None


def page_of(connection: Connection, wanted: Wanted, *, limit: int, after: str | None = None) -> list[Listed]:
    """Return a page of incidents; the next page is `after` the id of the last one."""
    query = _narrowed(connection, select(INCIDENTS), wanted)
    if after is not None:
        opened_at = connection.scalar(select(_TABLE.opened_at).where(_TABLE.id == after))
        if opened_at is None:
            return []
        # The first condition alone would do; SQLite only uses the index for it.
        query = query.where(_TABLE.opened_at <= opened_at, tuple_(_TABLE.opened_at, _TABLE.id) < (opened_at, after))
    query = query.order_by(_TABLE.opened_at.desc(), _TABLE.id.desc()).limit(limit)
    if wanted.rule is not None:  # an index holds what this looks at: of the incidents only the page is read
        ids = query.with_only_columns(_TABLE.id).scalar_subquery()
        query = select(INCIDENTS).where(_TABLE.id.in_(ids)).order_by(_TABLE.opened_at.desc(), _TABLE.id.desc())
    incidents = [incident_of_row(row) for row in connection.execute(query)]
    clocks = clocks_of(connection, [incident.id for incident in incidents])
    return [Listed(incident, clocks.get(incident.id)) for incident in incidents]


def _narrowed(connection: Connection, query: Select[Any], wanted: Wanted) -> Select[Any]:
    for name, condition in CONDITIONS.items():
        value = getattr(wanted, name)
        if value != getattr(_EVERYTHING, name):
            query = query.where(condition(connection, value))
    return query


def _concerning(name: str) -> CompoundSelect[Any]:
    """Return the ids of what somebody is responsible for or watches; PostgreSQL would walk the table for an `or`."""
    own = INCIDENTS.alias()
    watched = select(WATCHERS.c.incident_id).where(WATCHERS.c.watcher == name)
    return select(own.c.id).where(own.c.assignee == name).union_all(watched)


def _of_queue(queue: Queue) -> Any:  # noqa: ANN401 -- SQLAlchemy's conditions have no common type
    if queue:
        return _TABLE.key.startswith(f"{queue}:", autoescape=True)
    others: tuple[Queue, ...] = ("billing_quality", "data_quality")
    return ~_of_queue(others[0]) & ~_of_queue(others[1])


def _is_overdue(connection: Connection, at: float) -> Any:  # noqa: ANN401 -- SQLAlchemy's conditions have no common type
    """Ask for a clock that has run out: from the clocks where few have, else incident by incident."""
    overdue = select(CLOCKS.c.incident_id).where(CLOCKS.c.due_at <= at)
    few = connection.scalar(select(func.count()).select_from(overdue.limit(FEW).subquery()))
    if few is not None and few < FEW:
        return _TABLE.id.in_(overdue)
    return overdue.where(CLOCKS.c.incident_id == _TABLE.id).correlate(INCIDENTS).exists()


def _has_rule(connection: Connection, rule: str) -> Any:  # noqa: ANN401 -- SQLAlchemy's conditions have no common type
    """Ask for a rule in the list that is kept as JSON."""
    word = msgspec.json.encode(rule).decode()
    if connection.dialect.name == "postgresql":
        return func.strpos(func.convert_from(_TABLE.rules, "UTF8"), word) > 0
    return func.instr(cast(_TABLE.rules, Text), word) > 0


CONDITIONS: dict[str, Callable[[Connection, Any], Any]] = {
    "only_open": lambda _, only: _TABLE.is_open == only,
    "statuses": lambda _, statuses: _TABLE.status.in_(statuses),
    "severities": lambda _, severities: _TABLE.severity.in_(severities),
    "queue": lambda _, queue: _of_queue(queue),
    "assignee": lambda _, name: _TABLE.assignee == name,
    "concerns": lambda _, name: _TABLE.id.in_(_concerning(name)),
    "rule": _has_rule,
    "entity_type": lambda _, of: _TABLE.entity_type == of,
    "overdue_at": _is_overdue,
    "since": lambda _, at: _TABLE.opened_at >= at,
    "prefix": lambda _, prefix: _TABLE.id.startswith(prefix, autoescape=True),
}
"""What each field of `Wanted` asks for, where it is set."""

_EVERYTHING = Wanted()
