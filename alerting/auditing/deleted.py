"""Timelines of which only hashes are left: each must have been deleted in order, six years after its last entry.

Whoever may change the whole database could say of any case that it was deleted. So each deletion is an entry of the
audit log with the hash with which the timeline ended. A timeline that is made older than it was does not fit the
checkpoints that were signed in between.
"""

from collections.abc import Iterator

from sqlalchemy import Connection, func, select

from alerting.auditing.tables import DELETED_ENTRIES
from alerting.records.years import years_before
from alerting.store.schema import AUDIT_LOG

CASE_DELETED = "retention.case_deleted"
"""The word in the audit log; its subject is the hash of the last entry of the timeline."""


def wrongly_deleted(connection: Connection, now: float) -> Iterator[tuple[str, int]]:
    """Yield each case that was not deleted in order, with the number of the last entry of its timeline."""
    deleted = DELETED_ENTRIES.c
    last = select(deleted.incident_id, func.max(deleted.seq).label("seq")).group_by(deleted.incident_id).subquery()
    is_last = (deleted.incident_id == last.c.incident_id) & (deleted.seq == last.c.seq)
    ends = select(deleted.incident_id, deleted.seq, deleted.at, deleted.hash).join(last, is_last)
    told = select(AUDIT_LOG.c.incident, AUDIT_LOG.c.subject, AUDIT_LOG.c.at).where(AUDIT_LOG.c.action == CASE_DELETED)
    deleted_at = {(row.incident, row.subject): row.at for row in connection.execute(told)}
    for end in connection.execute(ends.order_by(deleted.incident_id)):
        at = deleted_at.get((end.incident_id, end.hash))
        if at is None or at > now or end.at >= years_before(at):
            yield end.incident_id, end.seq
