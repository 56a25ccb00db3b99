"""The keys that evidence with content is sealed with."""

from alerting.store import Store
from alerting.vault import VaultKeys
from alerting.work.resealing import reseal
from monitor.failure import Failure
from monitor.key_text import read_key, read_keys
from monitor.settings import Settings

NO_KEY = (
    "files and notes are kept sealed: set WARDWATCH_EVIDENCE_KEY (`openssl rand -hex 32`) first; without it only "
    "findings and events can be named as evidence"
)


def evidence_keys(settings: Settings) -> VaultKeys:
    """Return the keys of evidence: the current one seals, all open.

    Raises:
        Failure: where none is set.
    """
    if settings.evidence_key is None:
        raise Failure(NO_KEY)
    current = read_key(settings.evidence_key, 1)
    return VaultKeys({**read_keys(settings.previous_evidence_keys), current.id: current.key}, current.id)


def resealed(store: Store, keys: VaultKeys) -> int:
    """Seal all evidence with the current key that is under an older one; return how many pieces those were.

    Raises:
        Refused: where one does not open; those before it are sealed anew, and all others are as they were.
    """
    done = 0
    while True:
        with store.writing() as connection:
            n = reseal(connection, keys)
        if not n:
            return done
        done += n


def counted(pieces: int) -> str:
    """Return how many pieces of evidence there are, in words."""
    return "1 piece of evidence is" if pieces == 1 else f"{pieces} pieces of evidence are"
