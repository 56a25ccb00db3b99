"""Evidence with content: encrypted before it reaches the desk, as the vault's entries are (`alerting.vault.cipher`).

Its incident and its hash are authenticated with it: content that is moved to another case, or replaced, does not open.
"""

import hashlib

from msgspec import Struct

from alerting.refusal import Refused
from alerting.vault.cipher import Sealed, VaultKeys

MAX_BYTES = 20 * 1024 * 1024
"""20 MiB: a scan of a long paper file; larger things belong into an archive, with their hash in a note."""


class Content(Struct, frozen=True, kw_only=True):
    """Sealed content, with the size in bytes and the SHA-256 of what was sealed."""

    size: int
    sha256: str
    sealed: Sealed

    def __repr__(self) -> str:
        return f"<Content of {self.size} bytes>"


def sealed_content(keys: VaultKeys, incident_id: str, content: bytes) -> Content:
    """Seal the content of a piece of evidence for its case.

    Raises:
        Refused: if there is none, or more than 20 MiB.
    """
    if not 0 < len(content) <= MAX_BYTES:
        message = f"evidence has between 1 byte and {MAX_BYTES // 1024 // 1024} MiB"
        raise Refused(message)
    sha256 = hashlib.sha256(content).hexdigest()
    return Content(size=len(content), sha256=sha256, sealed=keys.seal_bytes(_bound_to(incident_id, sha256), content))


def opened_content(keys: VaultKeys, incident_id: str, content: Content) -> bytes:
    """Return what was sealed.

    Raises:
        MissingKeyError: the key is not at hand.
        DamagedEntryError: the content was changed, or is not that of this case and hash.
    """
    return keys.unseal_bytes(_bound_to(incident_id, content.sha256), content.sealed)


def _bound_to(incident_id: str, sha256: str) -> str:
    return f"evidence\x1f{incident_id}\x1f{sha256}"
