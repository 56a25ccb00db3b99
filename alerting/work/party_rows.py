"""The table of parties: one row for each, with the latest cases that name it."""

from collections.abc import Collection, Mapping, Sequence

import msgspec
from sqlalchemy import Connection, delete, select

from alerting.store.chunks import chunks
from alerting.work.parties import Naming, Party
from alerting.work.rows import INSERT
from alerting.work.tables import LINKS, PARTIES

_TABLE = PARTIES.c
_decoder = msgspec.json.Decoder(list[Naming])


def cases_of_parties(connection: Connection, parties: Collection[Party]) -> dict[Party, list[Naming]]:
    """Return which cases name these parties; those that none did are missing."""
    wanted = set(parties)
    found: dict[Party, list[Naming]] = {}
    for chunk in chunks(sorted({ref for _, ref in wanted})):
        for row in connection.execute(select(PARTIES).where(_TABLE.entity_ref.in_(chunk))):
            party: Party = (row.entity_type, row.entity_ref)
            if party in wanted:
                found[party] = _decoder.decode(row.cases)
    return found


def put_cases_of_parties(connection: Connection, cases: Mapping[Party, Sequence[Naming]], now: float) -> None:
    """Store which cases name these parties, each of which was named now."""
    if not cases:
        return
    statement = INSERT[connection.dialect.name](PARTIES)
    statement = statement.on_conflict_do_update(
        index_elements=["entity_ref", "entity_type"],
        set_={"cases": statement.excluded.cases, "seen_at": statement.excluded.seen_at},
    )
    rows = [
        {"entity_type": party[0], "entity_ref": party[1], "cases": msgspec.json.encode(named), "seen_at": now}
        for party, named in sorted(cases.items())  # one order for all: no deadlock
    ]
    connection.execute(statement, rows)


def forget_parties(connection: Connection, before: float) -> None:
    """Drop the parties that no finding has named since a time."""
    connection.execute(delete(PARTIES).where(_TABLE.seen_at < before))


def linked_to(connection: Connection, incident_ids: Collection[str]) -> dict[str, set[str]]:
    """Return what incidents are linked to, by their ids."""
    linked: dict[str, set[str]] = {}
    for chunk in chunks(sorted(incident_ids)):
        either = LINKS.c.incident_id.in_(chunk) | LINKS.c.other.in_(chunk)
        for row in connection.execute(select(LINKS.c.incident_id, LINKS.c.other).where(either)):
            linked.setdefault(row.incident_id, set()).add(row.other)
            linked.setdefault(row.other, set()).add(row.incident_id)
    return linked
