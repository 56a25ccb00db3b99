"""Links that can be used once: a random id and an hour of expiry under a signature, in one word without PHI.

The signature is an HMAC-SHA-256 (RFC 2104), cut to 128 bits; whoever has no key cannot make a link, and whoever has one
link cannot make another or make it last longer. That it is used once is the store's to see to.
"""

import base64
import binascii
import hashlib
import hmac
import re

from msgspec import Struct

ID_BYTES = 16
"""128 random bits: nobody guesses an id, so the list of questions cannot be walked through."""

_EXPIRY_BYTES = 5
"""Seconds since the epoch until the year 36812."""

_MAC_BYTES = 16
_TOKEN_BYTES = ID_BYTES + _EXPIRY_BYTES + _MAC_BYTES
_TOKEN = re.compile(r"[a-z2-7]{60}")
"""Base 32 (RFC 4648) in lower case: one word, in which the tripwire sees no numbers and mail programs break no line."""


class Link(Struct, frozen=True):
    """What a link that we signed names: a question, and when it ends (seconds since the epoch)."""

    question_id: str
    expires_at: int


def question_id_of(random: bytes) -> str:
    """Return the id of a question from random bytes, such as `Q-mfrggzdfmztwq2lknnwg23tpoa`."""
    return f"Q-{_text(random)}"


def token_of(key: bytes, link: Link) -> str:
    """Return the word at the end of a link."""
    ground = _bytes(link.question_id.removeprefix("Q-")) + link.expires_at.to_bytes(_EXPIRY_BYTES, "big")
    return _text(ground + _mac(key, b"link", ground))


def read_token(key: bytes, token: str) -> Link | None:
    """Return what a link names, None for one that we did not sign. Whether it has expired is not looked at."""
    if not _TOKEN.fullmatch(token):
        return None
    content = _bytes(token)
    ground, mac = content[:-_MAC_BYTES], content[-_MAC_BYTES:]
    # The last character of base 32 has bits to spare: only one way of writing a link is ours.
    if not hmac.compare_digest(mac, _mac(key, b"link", ground)) or _text(content) != token:
        return None
    return Link(question_id_of(ground[:ID_BYTES]), int.from_bytes(ground[ID_BYTES:], "big"))


def form_proof(key: bytes, token: str) -> str:
    """Return what the form of a link carries: an answer must come from the page that we showed for this link."""
    return _mac(key, b"form", token.encode()).hex()


def proves(key: bytes, token: str, proof: str) -> bool:
    """Return whether a form is the one that we showed."""
    return hmac.compare_digest(form_proof(key, token).encode(), proof.encode("utf-8", "replace"))


def _mac(key: bytes, purpose: bytes, ground: bytes) -> bytes:
    return hmac.new(key, purpose + b"\x1f" + ground, hashlib.sha256).digest()[:_MAC_BYTES]


def _text(content: bytes) -> str:
    return base64.b32encode(content).decode().rstrip("=").lower()


def _bytes(text: str) -> bytes:
    try:
        return base64.b32decode(text.upper() + "=" * (-len(text) % 8))
    except binascii.Error:
        message = "no base 32"
        raise ValueError(message) from None
