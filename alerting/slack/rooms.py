"""Rooms: a private channel for each grave case, under a codename, for the response team and never for the subject."""

from collections.abc import Collection, Sequence
from typing import Any

import msgspec
from sqlalchemy import Row, insert, or_, select, update

from alerting.act import Act
from alerting.incidents import Incident
from alerting.notices import Notice, notice_id
from alerting.notification import Room, RoomStep
from alerting.severity import SEVERITIES
from alerting.slack.codenames import codename, numbered, without_number
from alerting.slack.rows import SLACK
from alerting.slack.rules import Rooms
from alerting.slack.tables import SLACK_ROOMS
from alerting.store.outbox_rows import insert_notices
from alerting.store.schema import INCIDENTS
from alerting.subjects import subjects_of

AT_ONCE = 20
"""Rooms that are made, archived or looked at in one pass."""
LOOK_AGAIN = 3600.0
"""Seconds until a case that did not change is looked at again: the people of the response plan may have changed."""

_NOBODY = b"[]"
"""The members of a room that was left out, for nobody could be in it."""

_ROOM = SLACK_ROOMS.c


def see_to_rooms(act: Act) -> None:
    """Archive the rooms that nobody needs or must not be in any more, and open those of cases that are to have one."""
    rooms = act.policy.plan.slack_rooms
    if rooms is None:
        return
    for row in _of_the_past(act):
        _archive(act, act.incident(row.incident_id), row.codename, "the case is over")
    for row in _to_look_at(act):
        incident = act.incident(row.incident_id)
        members = set(msgspec.json.decode(row.members, type=list[str]))
        subjects = members & subjects_of(act.connection, act.policy, incident)
        if subjects:
            _archive(act, incident, row.codename, "it is about somebody in it", subjects)
        else:
            looked = update(SLACK_ROOMS).where(_ROOM.incident_id == incident.id).values(looked_at=act.now)
            act.connection.execute(looked)
    for incident_id in _without_room(act, rooms):
        _open(act, act.incident(incident_id), rooms)


def _of_the_past(act: Act) -> Sequence[Row[Any]]:
    query = select(SLACK_ROOMS).join(INCIDENTS, INCIDENTS.c.id == _ROOM.incident_id)
    query = query.where(_ROOM.is_archived == 0, ~INCIDENTS.c.is_open)
    return act.connection.execute(query.order_by(_ROOM.opened_at, _ROOM.incident_id).limit(AT_ONCE)).all()


def _to_look_at(act: Act) -> Sequence[Row[Any]]:
    """Return rooms of cases that have changed since somebody looked for their subjects, or that wait longest."""
    changed = or_(_ROOM.looked_at <= INCIDENTS.c.updated_at, _ROOM.looked_at <= act.now - LOOK_AGAIN)
    query = select(SLACK_ROOMS).join(INCIDENTS, INCIDENTS.c.id == _ROOM.incident_id)
    query = query.where(_ROOM.is_archived == 0, INCIDENTS.c.is_open, changed)
    return act.connection.execute(query.order_by(_ROOM.looked_at, _ROOM.incident_id).limit(AT_ONCE)).all()


def _without_room(act: Act, rooms: Rooms) -> list[str]:
    """Return cases that are to have a room and have none, or only one that was archived: Slack lets no app open it."""
    table = INCIDENTS.c
    nobody = _ROOM.members == _NOBODY
    is_gone = (_ROOM.is_archived == 1) & or_(~nobody, _ROOM.looked_at <= act.now - LOOK_AGAIN)
    grave = [severity for severity in SEVERITIES if severity <= rooms.at_least]
    query = (
        select(table.id)
        .outerjoin(SLACK_ROOMS, _ROOM.incident_id == table.id)
        .where(
            table.is_open, table.kind == "case", table.severity.in_(grave), or_(_ROOM.incident_id.is_(None), is_gone)
        )
        .order_by(table.severity, table.opened_at)
        .limit(AT_ONCE)
    )
    return list(act.connection.scalars(query))


def _open(act: Act, incident: Incident, rooms: Rooms) -> None:
    before = act.connection.execute(select(SLACK_ROOMS).where(_ROOM.incident_id == incident.id)).one_or_none()
    name = _name_for(act, incident, before.codename if before else "")
    addresses = _members(act, incident, rooms)
    values = {
        "codename": name,
        "opened_at": act.now,
        "is_archived": int(not addresses),
        "looked_at": act.now if not addresses else 0.0,
        "members": msgspec.json.encode(sorted(addresses)),
    }
    if before is None:
        act.connection.execute(insert(SLACK_ROOMS).values(incident_id=incident.id, **values))
    else:
        act.connection.execute(update(SLACK_ROOMS).where(_ROOM.incident_id == incident.id).values(**values))
    if not addresses and before is not None and before.members == _NOBODY:
        return  # the timeline says so already
    if not addresses:
        act.note(incident, action="room_left_out", detail={"why": "nobody could be in it"})
        return
    act.note(incident, action="room_opened", detail={"codename": name, "members": len(addresses)})
    _send(act, incident, name, "open")
    _send(act, incident, name, "invite", tuple(addresses[person] for person in sorted(addresses)))


def _name_for(act: Act, incident: Incident, before: str) -> str:
    """Return the codename of a room; a further room of a case has the name of the one before and the next number."""
    names = set(act.connection.scalars(select(_ROOM.codename)))
    taken = names | {without_number(name) for name in names}  # the archived room of a further one keeps its name
    return numbered(before, taken) if before else codename(incident.id, taken)


def _members(act: Act, incident: Incident, rooms: Rooms) -> dict[str, str]:
    """Return the Slack ids of those who belong into the room, by work name."""
    directory = act.policy.plan.directory
    team = directory.team(rooms.team)
    subjects = subjects_of(act.connection, act.policy, incident)
    people = [person for name in (team.members if team else ()) if (person := directory.named(name))]
    return {person.name: person.slack for person in people if person.slack and person.name not in subjects}


def _archive(act: Act, incident: Incident, name: str, why: str, subjects: Collection[str] = ()) -> None:
    """Archive a room; subjects leave it first, for members can read an archived one."""
    act.connection.execute(update(SLACK_ROOMS).where(_ROOM.incident_id == incident.id).values(is_archived=1))
    act.note(incident, action="room_archived", detail={"codename": name, "why": why})
    people = [person for one in sorted(subjects) if (person := act.policy.plan.directory.named(one))]
    _send(act, incident, name, "archive", tuple(person.slack for person in people if person.slack))


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
