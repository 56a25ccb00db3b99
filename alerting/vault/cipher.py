"""What the vault is encrypted with: AES-256-GCM (NIST SP 800-38D), a random nonce of 96 bits for every entry.

The token and the number of the vault key are authenticated with the value: an entry that is moved to another token, or
said to be of another key, does not open.
"""

import secrets
from collections.abc import Mapping

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from msgspec import Struct

KEY_BYTES = 32
NONCE_BYTES = 12


class MissingKeyError(Exception):
    """The entry is sealed with a vault key that is not at hand; the text names its number."""


class DamagedEntryError(Exception):
    """The entry does not open: it was changed, or the key of its number is another one."""


class Sealed(Struct, frozen=True):
    """An encrypted value, and the number of the vault key that opens it."""

    key_id: int
    nonce: bytes
    body: bytes


class VaultKeys:
    """The vault's keys by number: the current one seals, all open."""

    def __init__(self, keys: Mapping[int, bytes], current: int) -> None:
        """Take the keys.

        Raises:
            ValueError: where `current` has no key, or a key is not of 32 bytes.
        """
        wrong = sorted(key_id for key_id, key in keys.items() if len(key) != KEY_BYTES)
        if current not in keys or wrong:
            message = (
                f"vault keys {wrong} are not of {KEY_BYTES} bytes" if wrong else f"there is no vault key {current}"
            )
            raise ValueError(message)
        self.current = current
        self._ciphers = {key_id: AESGCM(key) for key_id, key in keys.items()}

    @property
    def ids(self) -> frozenset[int]:
        """The numbers of all keys."""
        return frozenset(self._ciphers)

    def seal(self, token: str, value: str) -> Sealed:
        """Return the encrypted value of a token."""
        return self.seal_bytes(token, value.encode())

    def seal_bytes(self, token: str, value: bytes) -> Sealed:
        """Return the encrypted value of a token, which is no text."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        body = self._ciphers[self.current].encrypt(nonce, value, _bound_to(token, self.current))
        return Sealed(self.current, nonce, body)

    def unseal(self, token: str, sealed: Sealed) -> str:
        """Return the value of a token; raises as `unseal_bytes` does."""
        try:
            return self.unseal_bytes(token, sealed).decode()
        except UnicodeDecodeError:
            raise _does_not_open(sealed) from None

    def unseal_bytes(self, token: str, sealed: Sealed) -> bytes:
        """Return the value of a token, which is no text.

        Raises:
            MissingKeyError: the key is not at hand.
            DamagedEntryError: the entry was changed, or sealed for another token or with another key.
        """
        cipher = self._ciphers.get(sealed.key_id)
        if cipher is None:
            message = f"there is no vault key {sealed.key_id}"
            raise MissingKeyError(message)
        try:
            return cipher.decrypt(sealed.nonce, sealed.body, _bound_to(token, sealed.key_id))
        except (InvalidTag, ValueError):
            raise _does_not_open(sealed) from None


def _does_not_open(sealed: Sealed) -> DamagedEntryError:
    return DamagedEntryError(f"the entry does not open with vault key {sealed.key_id}")


def _bound_to(token: str, key_id: int) -> bytes:
    return f"wardwatch vault\x1f{key_id}\x1f{token}".encode()
