"""The keys that evidence with content is sealed with."""

from alerting.vault import VaultKeys
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
