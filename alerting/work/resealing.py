"""Evidence moves to the next key: what is sealed with an older one is sealed anew, a little at a time.

Every piece keeps the number of its key, so all keys that are live open whatever is under them, and the work may end and
go on at any piece. Nothing of a case changes: its timeline holds the hash of the content, which stays the same.
"""

from collections.abc import Iterator

from sqlalchemy import Connection, func, select, update

from alerting.refusal import Refused
from alerting.vault.cipher import DamagedEntryError, MissingKeyError, Sealed, VaultKeys
from alerting.work.sealing import Content, opened_content, sealed_content
from alerting.work.tables import EVIDENCE

AT_ONCE = 10
"""Pieces in one transaction: up to 200 MiB."""

_TABLE = EVIDENCE.c


def evidence_by_key(connection: Connection) -> dict[int, int]:
    """Return how many pieces of evidence are sealed, by the number of their key."""
    sealed = select(_TABLE.key_id, func.count()).where(_TABLE.key_id != 0)
    return {row[0]: row[1] for row in connection.execute(sealed.group_by(_TABLE.key_id).order_by(_TABLE.key_id))}


def reseal(connection: Connection, keys: VaultKeys, at_most: int = AT_ONCE) -> int:
    """Seal evidence under older keys with the current one, and return how many pieces; 0 when all are done.

    Raises:
        Refused: where one does not open; the text names it and its key.
    """
    older = select(_TABLE.id).where(_TABLE.key_id.not_in((0, keys.current))).order_by(_TABLE.id).limit(at_most)
    done = 0
    for evidence_id in connection.scalars(older).all():
        for content, incident_id in _locked(connection, evidence_id):
            anew = _sealed_anew(keys, evidence_id, incident_id, content)
            values = {"key_id": anew.key_id, "nonce": anew.nonce, "body": anew.body}
            connection.execute(update(EVIDENCE).where(_TABLE.id == evidence_id).values(values))
            done += 1
    return done


def _locked(connection: Connection, evidence_id: str) -> Iterator[tuple[Content, str]]:
    """Yield the content of a piece and its case, one piece in memory at a time."""
    row = connection.execute(select(EVIDENCE).where(_TABLE.id == evidence_id).with_for_update()).one_or_none()
    if row is not None:
        sealed = Sealed(row.key_id, row.nonce, row.body)
        yield Content(size=row.size, sha256=row.sha256, sealed=sealed), row.incident_id


def _sealed_anew(keys: VaultKeys, evidence_id: str, incident_id: str, content: Content) -> Sealed:
    key_id = content.sealed.key_id
    try:
        opened = opened_content(keys, incident_id, content)
    except MissingKeyError:
        message = f"{evidence_id} is under key {key_id}, which is missing: put it into the previous keys"
        raise Refused(message) from None
    except DamagedEntryError:
        message = f"{evidence_id} does not open with key {key_id}: it was changed, or that is another key"
        raise Refused(message) from None
    return sealed_content(keys, incident_id, opened).sealed
