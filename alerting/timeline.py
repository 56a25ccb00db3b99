"""The timeline of an incident: what was done, by whom, when; each entry is chained to the one before by its hash.

Changing, removing or inserting an entry breaks the chain. The note itself is not hashed but its hash is, so that the
chain can be checked by somebody who may not read notes.
"""

import hashlib
from collections.abc import Iterable

import msgspec
from msgspec import Struct, structs

from alerting.incidents import Incident, Status

SYSTEM = "wardwatch"
"""The actor of what happens by itself."""


class Entry(Struct, frozen=True, kw_only=True):
    """One entry. `seq` counts from 1; `at` never runs backwards within an incident; `detail` holds no free text."""

    incident_id: str
    seq: int
    at: float
    actor: str
    action: str
    from_status: Status | None
    to_status: Status
    note: str
    note_hash: str
    detail: dict[str, str | int]
    prev_hash: str
    hash: str

    def __repr__(self) -> str:
        return f"<Entry {self.incident_id} {self.seq} {self.action}>"


def extended(
    before: Incident | None,
    after: Incident,
    *,
    action: str,
    now: float,
    actor: str = SYSTEM,
    note: str = "",
    detail: dict[str, str | int] | None = None,
) -> tuple[Incident, Entry]:
    """Return the changed incident one revision on, and the entry that tells of the change.

    Args:
        before: the incident before the change, None if it is new.
        after: the incident after it, still at the revision before.
        action: one word for what was done.
        actor: who did it, by work name.
        note: free text for those who may read it.
        detail: facts for everyone who may see the incident; no free text.
        now: the desk's clock, in seconds since the epoch. The clocks of two workers may differ, so the entry takes
            the time of the last one if that is later.
    """
    at = float(max(now, after.updated_at))
    ground = Entry(
        incident_id=after.id,
        seq=after.revision + 1,
        at=at,
        actor=actor,
        action=action,
        from_status=before.status if before else None,
        to_status=after.status,
        note=note,
        note_hash=hash_of_note(note),
        detail=detail or {},
        prev_hash=after.last_hash,
        hash="",
    )
    entry = structs.replace(ground, hash=_chained(ground))
    return structs.replace(after, revision=entry.seq, last_hash=entry.hash, updated_at=at), entry


def first_break(entries: Iterable[Entry]) -> int | None:
    """Return the number of the first entry that does not continue the chain, None if all do."""
    expected, prev_hash = 1, ""
    for entry in entries:
        sound = (
            entry.seq == expected
            and entry.prev_hash == prev_hash
            and entry.hash == _chained(entry)
            and entry.note_hash == hash_of_note(entry.note)
        )
        if not sound:
            return expected
        expected, prev_hash = expected + 1, entry.hash
    return None


def _chained(entry: Entry) -> str:
    hashed = [
        entry.incident_id, entry.seq, entry.at, entry.actor, entry.action, entry.from_status, entry.to_status,
        entry.note_hash, entry.detail, entry.prev_hash,
    ]  # fmt: skip
    return hashlib.sha256(msgspec.json.encode(hashed, order="sorted")).hexdigest()


def hash_of_note(note: str) -> str:
    """Return the hash of a note, by which the chain speaks of it."""
    return hashlib.sha256(note.encode()).hexdigest()
