"""Everything that people have done for a case beside its status."""

from msgspec import Struct
from sqlalchemy import Connection

from alerting.work.clock import Clock
from alerting.work.clock_rows import clocks_of
from alerting.work.evidence_rows import evidence_of
from alerting.work.overpayment_rows import overpayment_of
from alerting.work.rows import links_of, tasks_of, watchers_of
from alerting.work.values import Evidence, Link, Overpayment, Task


class Dossier(Struct, frozen=True):
    """The work on one incident; an incident of an older version may have no clock."""

    clock: Clock | None
    watchers: tuple[str, ...]
    tasks: list[Task]
    links: list[Link]
    evidence: list[Evidence]
    overpayment: Overpayment | None


def dossier_of(connection: Connection, incident_id: str) -> Dossier:
    """Return the work on an incident; nothing of one that there is not."""
    return Dossier(
        clock=clocks_of(connection, [incident_id]).get(incident_id),
        watchers=watchers_of(connection, [incident_id]).get(incident_id, ()),
        tasks=tasks_of(connection, incident_id),
        links=links_of(connection, incident_id),
        evidence=evidence_of(connection, incident_id),
        overpayment=overpayment_of(connection, incident_id),
    )
