"""How deep JSON nests, told before a decoder sees it, at the speed of `bytes` and not of a loop over characters."""

from itertools import accumulate

_ONE_KIND = bytes.maketrans(b"{}", b"[]")
_REST = bytes(byte for byte in range(256) if byte not in b'[]{}"')
_OPENS = ord("[")

_FEW = 4_096
"""Brackets that are cancelled level by level: faster than counting, but not on what was made to be slow."""


def nests_deeper(payload: bytes, most: int) -> bool:
    """Whether JSON holds arrays and objects more than `most` deep; of what is no JSON the answer is a guess."""
    if payload.count(b"{") + payload.count(b"[") <= most:  # nearly every record: told by two counts alone
        return False
    if b"\\" in payload:
        payload = payload.replace(b"\\\\", b"").replace(b'\\"', b"")
    brackets = payload.translate(_ONE_KIND, _REST)
    if brackets.count(b"[") <= most:
        return False
    # Of a text only its two quotation marks are left, side by side, unless there are brackets in it.
    brackets = brackets.replace(b'""', b"")
    if b'"' in brackets:
        brackets = b"".join(payload.split(b'"')[::2]).translate(_ONE_KIND, _REST)
    if len(brackets) <= _FEW:
        left = brackets
        for below in reversed(range(most)):
            left = left.replace(b"[]", b"")  # the innermost level of every branch
            if left.count(b"[") <= below:
                return False
    return any(depth > most for depth in accumulate(1 if byte == _OPENS else -1 for byte in brackets))
