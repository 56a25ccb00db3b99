"""The tables of findings and of what was held back."""

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import msgspec
from msgspec import Struct, structs
from sqlalchemy import Connection, delete, func, insert, select, update

from alerting.store.chunks import chunks
from alerting.store.schema import FINDINGS, HELD
from detectors.finding import Entity, Finding

_TABLE = FINDINGS.c


class Fate(Struct, frozen=True):
    """What became of a stored finding."""

    alert: bool
    incident_id: str | None


class StoredFinding(Struct, frozen=True):
    """What is said of a stored finding that is withdrawn."""

    id: str
    detector: str
    incident_id: str | None


class _Parties(Struct):
    """Of a finding, whom it names."""

    entity: Entity
    entities: list[Entity] = []


_parties_decoder = msgspec.msgpack.Decoder(_Parties)


class Held(Struct, frozen=True, kw_only=True):
    """A finding, a notice or news of a case (`subject_id`) that was held back.

    `reason` is `budget`, `storm`, `malformed`, `withdrawn` or `tripwire`, or what news wait behind (`alerting.muting`).
    `source` is the rule, the channel, or what the news wait behind by its name; `detail` names the patterns of the
    tripwire, or why people would have been told.
    """

    subject_id: str
    reason: str
    at: float
    source: str
    incident_id: str | None = None
    detail: str = ""


def fates_of(connection: Connection, ids: Collection[str]) -> dict[str, Fate]:
    """Return what became of those of the findings that are stored."""
    wanted = select(_TABLE.id, _TABLE.alert, _TABLE.incident_id)
    return {
        row.id: Fate(row.alert, row.incident_id)
        for chunk in chunks(list(ids))
        for row in connection.execute(wanted.where(_TABLE.id.in_(chunk)))
    }


def stored_among(connection: Connection, ids: Collection[str]) -> list[StoredFinding]:
    """Return those of the findings that are stored, in the order of the ids."""
    wanted = select(_TABLE.id, _TABLE.detector, _TABLE.incident_id)
    found = {
        row.id: StoredFinding(row.id, row.detector, row.incident_id)
        for chunk in chunks(list(ids))
        for row in connection.execute(wanted.where(_TABLE.id.in_(chunk)))
    }
    return [found[one] for one in ids if one in found]


def insert_findings(connection: Connection, findings: Sequence[Finding], now: float) -> None:
    """Store new findings, with `alert` and `incident_id` as they are set."""
    if findings:
        connection.execute(insert(FINDINGS), [_row(finding, now) for finding in findings])


def findings_by_id(connection: Connection, ids: Collection[str]) -> dict[str, Finding]:
    """Return those of the findings that are stored, whole."""
    wanted = select(_TABLE.id, _TABLE.body, _TABLE.alert, _TABLE.incident_id)
    return {
        row.id: finding_of(row.body, row.alert, row.incident_id)
        for chunk in chunks(sorted(ids))
        for row in connection.execute(wanted.where(_TABLE.id.in_(chunk)))
    }


def release_findings(connection: Connection, released: Mapping[str, Fate], reason: str) -> None:
    """Give stored findings that were held back for a reason another fate."""
    for finding_id, fate in sorted(released.items()):
        connection.execute(
            update(FINDINGS).where(_TABLE.id == finding_id).values(alert=fate.alert, incident_id=fate.incident_id)
        )
        connection.execute(delete(HELD).where(HELD.c.subject_id == finding_id, HELD.c.reason == reason))


def insert_held(connection: Connection, held: Sequence[Held]) -> None:
    """Store what was held back."""
    if held:
        connection.execute(insert(HELD), [structs.asdict(one) for one in held])


def findings_of(connection: Connection, incident_id: str, limit: int) -> list[Finding]:
    """Return the findings of an incident, in the order of event time; at most `limit`, the latest."""
    query = (
        select(_TABLE.body, _TABLE.alert, _TABLE.incident_id)
        .where(_TABLE.incident_id == incident_id)
        .order_by(_TABLE.at.desc(), _TABLE.id.desc())
        .limit(limit)
    )
    return [finding_of(row.body, row.alert, row.incident_id) for row in reversed(connection.execute(query).all())]


def all_findings_of(connection: Connection, incident_id: str) -> list[Finding]:
    """Return all findings of an incident, in the order of event time."""
    query = select(_TABLE.body, _TABLE.alert, _TABLE.incident_id).where(_TABLE.incident_id == incident_id)
    rows = connection.execute(query.order_by(_TABLE.at, _TABLE.id))
    return [finding_of(row.body, row.alert, row.incident_id) for row in rows]


def entities_in(connection: Connection, incident_id: str) -> Iterator[Entity]:
    """Yield whom all findings of an incident name, in the order of event time; of the findings only that is read."""
    query = select(_TABLE.body).where(_TABLE.incident_id == incident_id).order_by(_TABLE.at, _TABLE.id)
    for body in connection.scalars(query):
        parties = _parties_decoder.decode(body)
        yield parties.entity
        yield from parties.entities


def move_some_findings(connection: Connection, ids: Sequence[str], to_incident: str) -> None:
    """Give these findings to another incident."""
    for chunk in chunks(ids):
        connection.execute(update(FINDINGS).where(_TABLE.id.in_(chunk)).values(incident_id=to_incident))


def move_findings(connection: Connection, from_incident: str, to_incident: str) -> None:
    """Give all findings of one incident to another."""
    connection.execute(update(FINDINGS).where(_TABLE.incident_id == from_incident).values(incident_id=to_incident))
    connection.execute(update(HELD).where(HELD.c.incident_id == from_incident).values(incident_id=to_incident))


def count_findings(connection: Connection) -> tuple[int, int]:
    """Return how many findings are stored, and how many of them alert."""
    row = connection.execute(
        select(func.count(), func.count().filter(_TABLE.alert == True)).select_from(FINDINGS)  # noqa: E712 -- SQL
    ).one()
    return row[0], row[1]


def held_counts(connection: Connection) -> dict[tuple[str, str], int]:
    """Return how much was held back, by reason and rule or channel."""
    query = select(HELD.c.reason, HELD.c.source, func.count()).group_by(HELD.c.reason, HELD.c.source)
    return {(row[0], row[1]): row[2] for row in connection.execute(query)}


def _row(finding: Finding, now: float) -> dict[str, Any]:
    return {
        "id": finding.id,
        "at": finding.at if math.isfinite(finding.at) else 0.0,  # SQLite holds no NaN; the body keeps what came
        "detector": finding.detector,
        "entity_type": finding.entity.type,
        "entity_ref": finding.entity.ref,
        "alert": finding.alert,
        "incident_id": finding.incident_id,
        "recorded_at": now,
        "body": msgspec.msgpack.encode(finding),
    }


def finding_of(body: bytes, alert: bool, incident_id: str | None) -> Finding:
    """Return the finding of a row, with the fate that the row has now."""
    return structs.replace(msgspec.msgpack.decode(body, type=Finding), alert=alert, incident_id=incident_id)
