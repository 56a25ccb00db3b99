"""Numbering of rows that are equal in all the columns that make their id."""

import hashlib

KEYS_KEPT = 200_000
"""Keys remembered at least, twice as many at most (30 MB): equal rows are of one second, and exports are sorted."""


class Repeats:
    """Counts keys of one file. Memory is bounded: a key is forgotten when `KEYS_KEPT` others came after it."""

    def __init__(self, kept: int = KEYS_KEPT) -> None:
        self._kept = kept
        self._counts: dict[bytes, int] = {}
        self._older: dict[bytes, int] = {}

    def number(self, key: str) -> int:
        """Return how many rows had this key, with this one."""
        token = hashlib.blake2b(key.encode("utf-8", "surrogatepass"), digest_size=8).digest()
        count = self._counts.get(token) or self._older.get(token, 0)
        if len(self._counts) >= self._kept and token not in self._counts:
            self._older, self._counts = self._counts, {}
        self._counts[token] = count + 1
        return count + 1
