"""What news of incidents mean for their escalations, in the transaction that tells them."""

from collections.abc import Sequence

from sqlalchemy import Connection, update

from alerting.incidents import Incident
from alerting.notification import Told
from alerting.oncall.climbs import Climb, answered, begun, climbs_of, ended, put_climbs
from alerting.oncall.escalations import Escalation
from alerting.oncall.tables import CLIMBS
from alerting.routing.tree import Taken


def follow(
    connection: Connection,
    news: Sequence[tuple[Incident, Told, Sequence[Taken]]],
    escalations: Sequence[Escalation],
    now: float,
) -> None:
    """Begin escalations that the routes of news ask for, and let those rest that somebody has answered."""
    by_name = {one.name: one for one in escalations}
    known = climbs_of(connection, {incident.id for incident, _, _ in news})
    changed: dict[str, Climb] = {}
    for incident, told, taken in news:
        before = changed.get(incident.id) or known.get(incident.id)
        after = _answered(before, incident, told, by_name, now)
        if after is None and (wanted := _wanted(taken, by_name)):
            after = begun(incident, wanted, told, before, now)
        if after is not None:
            changed[incident.id] = after
    put_climbs(connection, list(changed.values()), known)


def hurry(connection: Connection, incident_id: str, now: float) -> None:
    """Make the next step at once: the last one reached nobody."""
    table = CLIMBS.c
    climbs = (table.incident_id == incident_id) & (table.state == "climbing")
    connection.execute(update(CLIMBS).where(climbs).values(next_at=now))


def _answered(
    climb: Climb | None, incident: Incident, told: Told, escalations: dict[str, Escalation], now: float
) -> Climb | None:
    """Return the climb of a case that was taken on or finished with these news, None if there is nothing to change."""
    if climb is None or climb.state == "ended" or told not in ("status_changed", "withdrawn"):
        return None
    escalation = escalations.get(climb.escalation)
    if escalation is None or not incident.is_open:
        return ended(climb)
    is_answer = told == "status_changed" and (climb.state == "climbing" or incident.status != "triaged")
    return answered(climb, escalation, incident, now) if is_answer else None


def _wanted(taken: Sequence[Taken], escalations: dict[str, Escalation]) -> Escalation | None:
    return next((escalations[one.escalation] for one in taken if one.escalation in escalations), None)
