"""Rooms: a private channel for each grave case, under a codename, for the response team and never for the subject."""

import msgspec
from sqlalchemy import insert, select, update

from alerting.act import Act
from alerting.incidents import Incident
from alerting.notices import Notice, notice_id
from alerting.notification import Room, RoomStep
from alerting.severity import SEVERITIES
from alerting.slack.codenames import codename
from alerting.slack.rules import Rooms
from alerting.slack.tables import SLACK_ROOMS
from alerting.slack.telling import SLACK
from alerting.store.outbox_rows import insert_notices
from alerting.store.schema import INCIDENTS
from alerting.subjects import subjects_of

AT_ONCE = 20
"""Rooms made in one pass."""

_ROOM = SLACK_ROOMS.c


def see_to_rooms(act: Act) -> None:
    """Open the rooms of cases that are to have one, and archive those that nobody needs or must not be in any more."""
    rooms = act.policy.plan.slack_rooms
    if rooms is None:
        return
    for incident_id in _without_room(act, rooms):
        _open(act, act.incident(incident_id), rooms)
    for row in act.connection.execute(select(SLACK_ROOMS).where(_ROOM.is_archived == 0)).all():
        incident = act.incident(row.incident_id)
        members = set(msgspec.json.decode(row.members, type=list[str]))
        if not incident.is_open:
            _archive(act, incident, row.codename, "the case is over")
        elif members & subjects_of(act.connection, act.policy, incident):
            _archive(act, incident, row.codename, "it is about somebody in it")


def _without_room(act: Act, rooms: Rooms) -> list[str]:
    table = INCIDENTS.c
    grave = [severity for severity in SEVERITIES if severity <= rooms.at_least]
    query = (
        select(table.id)
        .outerjoin(SLACK_ROOMS, _ROOM.incident_id == table.id)
        .where(table.is_open, table.kind == "case", table.severity.in_(grave), _ROOM.incident_id.is_(None))
        .order_by(table.severity, table.opened_at)
        .limit(AT_ONCE)
    )
    return list(act.connection.scalars(query))


def _open(act: Act, incident: Incident, rooms: Rooms) -> None:
    name = codename(incident.id, set(act.connection.scalars(select(_ROOM.codename))))
    addresses = _members(act, incident, rooms)
    values = {"incident_id": incident.id, "codename": name, "opened_at": act.now, "is_archived": int(not addresses)}
    act.connection.execute(insert(SLACK_ROOMS).values(**values, members=msgspec.json.encode(sorted(addresses))))
    if not addresses:
        act.note(incident, action="room_left_out", detail={"why": "nobody could be in it"})
        return
    act.note(incident, action="room_opened", detail={"codename": name, "members": len(addresses)})
    _send(act, incident, name, "open")
    _send(act, incident, name, "invite", tuple(addresses[person] for person in sorted(addresses)))


def _members(act: Act, incident: Incident, rooms: Rooms) -> dict[str, str]:
    """Return the Slack ids of those who belong into the room, by work name."""
    directory = act.policy.plan.directory
    team = directory.team(rooms.team)
    subjects = subjects_of(act.connection, act.policy, incident)
    people = [person for name in (team.members if team else ()) if (person := directory.named(name))]
    return {person.name: person.slack for person in people if person.slack and person.name not in subjects}


def _archive(act: Act, incident: Incident, name: str, why: str) -> None:
    act.connection.execute(update(SLACK_ROOMS).where(_ROOM.incident_id == incident.id).values(is_archived=1))
    act.note(incident, action="room_archived", detail={"codename": name, "why": why})
    _send(act, incident, name, "archive")


_REVISIONS: dict[RoomStep, int] = {"open": 1, "invite": 2, "archive": 3}
"""The outbox keeps the steps in this order, and gives the later ones the receipt of the first: the channel's id."""


def _send(act: Act, incident: Incident, name: str, step: RoomStep, members: tuple[str, ...] = ()) -> None:
    body = Room(
        codename=name,
        step=step,
        members=members,
        severity=incident.severity,
        link=f"{act.policy.console_url}/incidents/{incident.id}",
        revision=_REVISIONS[step],
    )
    notice = Notice(
        id=notice_id(body.about, body.revision, SLACK),
        channel=SLACK,
        body=body,
        created_at=act.now,
        due_at=act.now,
    )
    insert_notices(act.connection, [notice])
