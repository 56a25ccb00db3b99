"""Keeping the clocks with the incidents, and telling when one has run out."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from msgspec import structs
from sqlalchemy import Connection

from alerting.incidents import Incident
from alerting.work.clock import changed, concerns_clocks, found, started
from alerting.work.clock_rows import clocks_of, clocks_to_tell, insert_clocks, open_without_clocks, update_clocks
from alerting.work.sla import Promise

MISSING_AT_ONCE = 1_000

if TYPE_CHECKING:
    from alerting.act import Act  # which keeps the clocks itself

AT_ONCE = 200
"""Incidents in one pass: after a long rest people hear of what is late bit by bit."""


def keep_clocks(connection: Connection, promise: Promise, changes: Sequence[tuple[Incident | None, Incident]]) -> None:
    """Start and change the clocks of incidents that were opened (None before) or changed, in their transaction."""
    insert_clocks(connection, [started(after, promise) for before, after in changes if before is None])
    concerned = [(before, after) for before, after in changes if before is not None and concerns_clocks(before, after)]
    if not concerned:
        return
    known = clocks_of(connection, {after.id for _, after in concerned})
    made = [started(before, promise) for before, after in concerned if after.id not in known]  # of an older version
    insert_clocks(connection, made)
    known |= {clock.incident_id: clock for clock in made}
    for before, after in concerned:
        known[after.id] = changed(known[after.id], before, after, promise)
    update_clocks(connection, [known[incident_id] for incident_id in sorted(known)])


def start_missing_clocks(connection: Connection, promise: Promise) -> bool:
    """Give clocks to open incidents that an older version opened; return whether none is left."""
    missing = open_without_clocks(connection, MISSING_AT_ONCE)
    insert_clocks(connection, [found(incident, promise) for incident in missing])
    return len(missing) < MISSING_AT_ONCE


def tell_overdue(act: "Act") -> None:
    """Tell of every clock that has run out, once."""
    for clock in clocks_to_tell(act.connection, act.now, AT_ONCE):
        overdue = [name for name in clock.overdue(act.now) if name not in clock.told]
        update_clocks(act.connection, [structs.replace(clock, told=(*clock.told, *overdue))])
        detail: dict[str, str | int] = {"clocks": ",".join(overdue), "severity": clock.severity}
        act.tell(act.note(act.incident(clock.incident_id), action="overdue", detail=detail), "overdue")
