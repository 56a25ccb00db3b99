"""Digests on their way: one that names a case to somebody whom the case is about by now loses that line."""

from collections.abc import Collection

from msgspec import structs
from sqlalchemy import Connection

from alerting.notification import Digest
from alerting.places import Place
from alerting.routing.addressing import Addressing
from alerting.store.outbox_rows import change_body, mark_ended, pending_digests


def places_of_digests(connection: Connection, incident_ids: Collection[str]) -> dict[str, list[Place]]:
    """Return, by incident, the places that are about to be told of it in a digest."""
    places: dict[str, list[Place]] = {incident_id: [] for incident_id in incident_ids}
    for notice, body in pending_digests(connection):
        for line in body.lines:
            if line.incident_id in places:
                places[line.incident_id].append(notice.place)
    return places


def strike_from_digests(connection: Connection, incident_id: str, addressing: Addressing) -> None:
    """Take a case out of the digests that are on their way to its subjects; what else they tell is still told."""
    for notice, body in pending_digests(connection):
        is_named = any(line.incident_id == incident_id for line in body.lines)
        if not is_named or addressing.is_allowed(notice.place):
            continue
        left = _without(body, incident_id)
        if left.lines or left.others:
            change_body(connection, notice.id, left)
        else:
            mark_ended(connection, notice.id, "failed", "subject of the case")


def _without(body: Digest, incident_id: str) -> Digest:
    lines = tuple(line for line in body.lines if line.incident_id != incident_id)
    # The gravest come first, and what is not listed is no graver.
    return structs.replace(body, lines=lines, severity=lines[0].severity if lines else "SEV4")
