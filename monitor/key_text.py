"""How keys are written: 64 hexadecimal digits, with a number before them where there has been more than one."""

import re
from collections.abc import Mapping

from msgspec import Struct

from monitor.secret import Secret

KEY_BYTES = 32
"""256 bits: the size of an HMAC-SHA-256 key that RFC 2104 recommends, and of AES-256."""

MOST_ID = 999

_KEY = re.compile(r"(?:([0-9]{1,3})=)?([0-9a-fA-F]{64})")


class Key(Struct, frozen=True):
    """A key and its number."""

    id: int
    key: bytes

    def __repr__(self) -> str:
        return f"<Key {self.id}>"

    @property
    def text(self) -> str:
        """The key as it is written in files and variables."""
        return f"{self.id}={self.key.hex()}"


def read_key(secret: Secret, default_id: int) -> Key:
    """Return a key; its number is the default where it bears none.

    Raises:
        ValueError: where it is not written as a key.
    """
    found = _KEY.fullmatch(secret.reveal().strip())
    if found is None or found[1] == "0":
        raise ValueError("not a key")
    return Key(int(found[1] or default_id), bytes.fromhex(found[2]))


def read_keys(secret: Secret | None) -> dict[int, bytes]:
    """Return keys by number; none for no text.

    Raises:
        ValueError: where one is not written as `id=key`, or two have one number.
    """
    parts = [part.strip() for part in re.split(r"[,\n]", secret.reveal() if secret else "") if part.strip()]
    keys = [read_key(Secret(part), 0) for part in parts]
    found = {key.id: key.key for key in keys}
    if 0 in found or len(found) < len(keys):
        raise ValueError("a key without a number of its own")
    return found


def keys_as_text(keys: Mapping[int, bytes]) -> str:
    """Return keys as a file holds them, the oldest first."""
    return "".join(f"{Key(key_id, keys[key_id]).text}\n" for key_id in sorted(keys))
