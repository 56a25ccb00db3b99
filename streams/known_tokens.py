"""The tokens that were made with an older key, as a set of eight bytes each."""

import base64
from collections.abc import Iterable
from itertools import islice

import numpy as np
from numpy.typing import NDArray

MOST = 10_000_000
"""80 MB of memory; of more the newest are taken. Where a token is missing a profile starts anew, and that is all."""

_AT_ONCE = 100_000


class KnownTokens:
    """Tokens by the first 64 of their 128 bits: of ten million, one stranger in 10¹² is taken for a known one."""

    def __init__(self, tokens: Iterable[str]) -> None:
        rest = iter(tokens)
        parts: list[NDArray[np.uint64]] = []
        while some := list(islice(rest, _AT_ONCE)):
            parts.append(np.frombuffer(b"".join(map(_beginning, some)), dtype=np.uint64))
        self._sorted = np.unique(np.concatenate(parts)) if parts else np.empty(0, dtype=np.uint64)

    def __len__(self) -> int:
        return len(self._sorted)

    def __contains__(self, token: object) -> bool:
        if not isinstance(token, str) or not len(self._sorted):
            return False
        wanted = np.frombuffer(_beginning(token), dtype=np.uint64)[0]
        place = int(self._sorted.searchsorted(wanted))
        return place < len(self._sorted) and bool(self._sorted[place] == wanted)


def _beginning(token: str) -> bytes:
    """Return the first eight bytes of a token's hash; eleven characters of base64 hold them, and two bits more."""
    return base64.urlsafe_b64decode(token.partition(":")[2][:12])[:8]
