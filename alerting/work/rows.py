"""The tables of watchers, tasks and links."""

from collections.abc import Collection, Sequence
from typing import Any

from msgspec import structs
from sqlalchemy import Connection, Row, delete, func, insert, literal, select, update
from sqlalchemy.dialects import postgresql, sqlite

from alerting.store.chunks import chunks
from alerting.work.tables import LINKS, TASKS, WATCHERS
from alerting.work.values import SEEN_FROM_THE_OTHER, Link, Relation, Task

INSERT: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def add_watcher(connection: Connection, incident_id: str, watcher: str, now: float) -> None:
    """Let somebody watch an incident; who does so already goes on."""
    row = INSERT[connection.dialect.name](WATCHERS).values(incident_id=incident_id, watcher=watcher, since=now)
    connection.execute(row.on_conflict_do_nothing())


def drop_watcher(connection: Connection, incident_id: str, watcher: str) -> None:
    """Let somebody watch an incident no more."""
    connection.execute(delete(WATCHERS).where(WATCHERS.c.incident_id == incident_id, WATCHERS.c.watcher == watcher))


def watchers_of(connection: Connection, incident_ids: Collection[str]) -> dict[str, tuple[str, ...]]:
    """Return who watches incidents, by their ids, in the order of names; those that nobody watches are missing."""
    found: dict[str, tuple[str, ...]] = {}
    for chunk in chunks(sorted(incident_ids)):
        query = select(WATCHERS.c.incident_id, WATCHERS.c.watcher).where(WATCHERS.c.incident_id.in_(chunk))
        for row in connection.execute(query.order_by(WATCHERS.c.watcher)):
            found[row.incident_id] = (*found.get(row.incident_id, ()), row.watcher)
    return found


def follow_merge(connection: Connection, merged: str, into: str) -> None:
    """Let those who watch an incident watch the one that it was merged into."""
    watching = select(literal(into), WATCHERS.c.watcher, WATCHERS.c.since).where(WATCHERS.c.incident_id == merged)
    row = INSERT[connection.dialect.name](WATCHERS).from_select(["incident_id", "watcher", "since"], watching)
    connection.execute(row.on_conflict_do_nothing())


def insert_task(connection: Connection, task: Task) -> None:
    """Store a new task."""
    connection.execute(insert(TASKS).values(**structs.asdict(task), was_told=False))


def next_number(connection: Connection, incident_id: str) -> int:
    """Return the number of the next task of an incident."""
    return (connection.scalar(select(func.max(TASKS.c.number)).where(TASKS.c.incident_id == incident_id)) or 0) + 1


def find_task(connection: Connection, incident_id: str, number: int) -> Task | None:
    """Return a task, None if there is none."""
    query = select(TASKS).where(TASKS.c.incident_id == incident_id, TASKS.c.number == number)
    row = connection.execute(query).one_or_none()
    return _task(row) if row else None


def update_task(connection: Connection, task: Task) -> None:
    """Store a changed task."""
    same = (TASKS.c.incident_id == task.incident_id) & (TASKS.c.number == task.number)
    connection.execute(update(TASKS).where(same).values(**structs.asdict(task)))


def tasks_of(connection: Connection, incident_id: str) -> list[Task]:
    """Return the tasks of an incident by number."""
    query = select(TASKS).where(TASKS.c.incident_id == incident_id).order_by(TASKS.c.number)
    return [_task(row) for row in connection.execute(query)]


def open_tasks(connection: Connection, assignee: str | None, limit: int) -> list[Task]:
    """Return tasks that are not done, of everybody or of one assignee; those that are due first come first."""
    query = select(TASKS).where(TASKS.c.done_at.is_(None))
    if assignee is not None:
        query = query.where(TASKS.c.assignee == assignee)
    order = (TASKS.c.due_at.is_(None), TASKS.c.due_at, TASKS.c.incident_id, TASKS.c.number)
    return [_task(row) for row in connection.execute(query.order_by(*order).limit(limit))]


def newly_overdue_tasks(connection: Connection, now: float, limit: int) -> list[Task]:
    """Return open tasks that are overdue and that nobody was told of, and mark them."""
    query = (
        select(TASKS)
        .where(TASKS.c.due_at <= now, TASKS.c.done_at.is_(None), TASKS.c.was_told == False)  # noqa: E712 -- SQL
        .order_by(TASKS.c.due_at)
        .limit(limit)
    )
    found = [_task(row) for row in connection.execute(query)]
    for task in found:
        same = (TASKS.c.incident_id == task.incident_id) & (TASKS.c.number == task.number)
        connection.execute(update(TASKS).where(same).values(was_told=True))
    return found


def put_link(
    connection: Connection, incident_id: str, other: str, relation: Relation, *, now: float, actor: str
) -> None:
    """Link two incidents, instead of however they were linked."""
    drop_link(connection, incident_id, other)
    connection.execute(
        insert(LINKS).values(incident_id=incident_id, other=other, relation=relation, at=now, actor=actor)
    )


def insert_links(
    connection: Connection, pairs: Sequence[tuple[str, str]], relation: Relation, *, now: float, actor: str
) -> None:
    """Link pairs of incidents that are not linked, each by its first."""
    rows = [
        {"incident_id": one, "other": other, "relation": relation, "at": now, "actor": actor} for one, other in pairs
    ]
    if rows:
        connection.execute(insert(LINKS), rows)


def drop_link(connection: Connection, incident_id: str, other: str) -> bool:
    """Take away the link between two incidents; return whether there was one."""
    one = (LINKS.c.incident_id == incident_id) & (LINKS.c.other == other)
    reverse = (LINKS.c.incident_id == other) & (LINKS.c.other == incident_id)
    return connection.execute(delete(LINKS).where(one | reverse)).rowcount > 0


def links_of(connection: Connection, incident_id: str) -> list[Link]:
    """Return the links of an incident, as it sees them, the oldest first."""
    query = select(LINKS).where((LINKS.c.incident_id == incident_id) | (LINKS.c.other == incident_id))
    links = []
    for row in connection.execute(query.order_by(LINKS.c.at, LINKS.c.incident_id, LINKS.c.other)):
        if row.incident_id == incident_id:
            links.append(Link(other=row.other, relation=row.relation, at=row.at, actor=row.actor))
        else:
            seen = SEEN_FROM_THE_OTHER[row.relation]
            links.append(Link(other=row.incident_id, relation=seen, at=row.at, actor=row.actor))
    return links


def _task(row: Row[Any]) -> Task:
    return Task(**{name: row._mapping[name] for name in Task.__struct_fields__})
