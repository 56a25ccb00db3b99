"""The profile entries that one step reads and writes, decoded on first use and encoded once at the end."""

from collections.abc import Mapping
from typing import Generic, TypeVar

import msgspec
from msgspec import Struct

Profile = TypeVar("Profile", bound=Struct)

DAYS_KEPT = 400
"""Date-of-service aggregates live this long (design.md §2): claims may arrive for a year."""


REMEMBERED = 20_000
"""Decoded entries that are kept for their next use, if nothing else is said."""


class Codec(Generic[Profile]):
    """Reads and writes one struct type, and remembers what it last decoded.

    The memory maps a key to the very bytes object it was decoded from (or encoded to) and its struct. Where the table
    hands back the same object, the struct is current; anything else (another store, a rebalance, a recovery) decodes.
    """

    def __init__(self, struct: type[Profile], remembered: int = REMEMBERED) -> None:
        self.struct = struct
        self._remembered = remembered
        self._memory: dict[str, tuple[bytes, Profile]] = {}
        self._decoder = msgspec.msgpack.Decoder(struct)
        self._encoder = msgspec.msgpack.Encoder()

    def decode(self, key: str, value: bytes) -> Profile:
        """Return the struct of `value`, which is the entry under `key`."""
        known = self._memory.get(key)
        return known[1] if known is not None and known[0] is value else self._decoder.decode(value)

    def encode(self, key: str, profile: Profile) -> bytes:
        """Return the bytes of `profile` and remember both."""
        value = self._encoder.encode(profile)
        if len(self._memory) >= self._remembered:
            self._memory.clear()
        self._memory[key] = (value, profile)
        return value

    def forget(self) -> None:
        """Drop the memory: what it holds may have been changed without having been written."""
        self._memory.clear()


class Entries(Generic[Profile]):
    """The entries of one struct type that a step has touched.

    `read` is the table as it stood before the step. Every entry that was fetched counts as changed.
    """

    def __init__(self, codec: Codec[Profile], read: Mapping[str, bytes]) -> None:
        self._codec = codec
        self._read = read
        self._touched: dict[str, Profile] = {}
        self._deleted: dict[str, None] = {}

    def fetch(self, key: str) -> Profile | None:
        """Return the entry to be changed in place, or None where there is none."""
        profile = self._touched.get(key)
        if profile is None and key not in self._deleted:
            value = self._read.get(key)
            if value is not None:
                profile = self._touched[key] = self._codec.decode(key, value)
        return profile

    def add(self, key: str, profile: Profile) -> Profile:
        """Add a new entry."""
        self._deleted.pop(key, None)
        self._touched[key] = profile
        return profile

    def delete(self, key: str) -> None:
        """Delete an entry, whether it was fetched or not."""
        self._touched.pop(key, None)
        self._deleted[key] = None

    def written(self) -> dict[str, bytes | None]:
        """Return what the step changes: key to bytes, or to None where the entry goes."""
        written: dict[str, bytes | None] = dict.fromkeys(self._deleted)
        for key, profile in self._touched.items():
            written[key] = self._codec.encode(key, profile)
        return written


def day_key(ref: str, day: int) -> str:
    """Return the key of an entity's entry for one date of service (days since the epoch)."""
    return f"{ref}@{day}"


def keep_day(entries: Entries[Profile], ref: str, days: list[int], day: int) -> None:
    """Note in an entity's `days` that it has an entry for one more date of service, and delete those too old."""
    days.append(day)
    oldest = max(days) - DAYS_KEPT
    for old in [kept for kept in days if kept < oldest]:
        days.remove(old)
        entries.delete(day_key(ref, old))
