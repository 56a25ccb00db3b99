"""How deep JSON nests, told before a decoder sees it, at the speed of `bytes` and not of a loop over characters."""

import re
from itertools import accumulate

_BRACKETS = b"[]{}"
_REST = bytes(byte for byte in range(256) if byte not in _BRACKETS)
_STEP = [1 if byte in b"[{" else -1 if byte in b"]}" else 0 for byte in range(256)]
_TEXT = re.compile(rb'"(?:[^"\\]|\\.)*+"', re.DOTALL)


def nests_deeper(payload: bytes, most: int) -> bool:
    """Whether JSON holds arrays and objects more than `most` deep; of what is no JSON the answer is a guess.

    Brackets in texts can only make a document look deeper, so that texts are taken out only where it looks too deep.
    """
    if payload.count(b"[") + payload.count(b"{") <= most:
        return False
    return _depth(payload) > most and _depth(_TEXT.sub(b"", payload)) > most


def _depth(payload: bytes) -> int:
    brackets = payload.translate(None, _REST)
    return max(accumulate(map(_STEP.__getitem__, brackets)), default=0)
