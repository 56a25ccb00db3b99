"""Free text at the door: whatever names a person outright is masked before anything is written (domain.md §4.2, §4.7).

Fields that hold identifiers become tokens; this is for what people and machines write elsewhere: the reason of an
adjustment, the name of a workstation or of a file, an event's own id.
"""

import re

from detectors.direct_identifiers import DIRECT_IDENTIFIERS
from streams.identifiers import IDENTIFIERS
from streams.pan import NUMBERS, masked, unescaped

MASK = "***"

NOTE = "intake.free_text_masked"
"""The note on an event in which something was masked: in how many of its texts."""

REMEMBERED = 50_000
"""Texts that are known to be harmless. Names of departments and applications repeat; names of files come and go."""

_DIGEST_DIGITS = 64
"""Of `detectors.events.event_id`, a SHA-256 in hexadecimal."""


class FreeTexts:
    """Masks texts, and remembers those that are `harmless`, so that the next sight of one costs no search.

    `found` counts what was masked; nothing of it is kept.
    """

    def __init__(self, remembered: int = REMEMBERED) -> None:
        self.harmless: set[str] = set()
        self.found = 0
        self._bound = remembered

    def safe(self, text: str, *, cards: bool) -> str:
        """Return a text as it may go on; a card number is masked where `cards`, and elsewhere left to be refused."""
        if text in self.harmless:
            return text
        without_cards = _without_cards(text)
        safe = _hidden(without_cards if cards else text)
        if safe != text:
            self.found += 1
        elif without_cards is text:
            if len(self.harmless) >= self._bound:
                self.harmless.clear()
            self.harmless.add(text)
        return safe


def without_identifiers(text: str) -> str:
    """Return a text with everything masked that names a person outright, or is the number of a payment card.

    >>> without_identifiers("refund for jane@example.org, SSN 123-45-6789")
    'refund for ***, SSN ***'
    """
    return _hidden(_without_cards(text))


def names_somebody(event_id: str) -> bool:
    """Return whether an event's id holds what names a person outright; a hash cannot, and most ids are one."""
    return not is_digest(event_id) and without_identifiers(event_id) != event_id


def is_digest(text: str) -> bool:
    """Return whether a text is a SHA-256 in hexadecimal digits, as ids of events mostly are."""
    if len(text) != _DIGEST_DIGITS:
        return False
    try:
        return len(bytes.fromhex(text)) * 2 == _DIGEST_DIGITS  # white space is passed over, so it must not shorten
    except ValueError:
        return False


def masked_letter(payload: bytes) -> bytes:
    """Return the payload of a dead letter with card numbers and free text masked; the payload itself if nothing is.

    It may be of any format and encoding, well formed or not. In JSON, the fields that will become tokens when the
    letter is sent again are left alone; everything else is looked at, escapes of JSON and XML included.
    """
    plain = payload.replace(b"\0", b"") if b"\0" in payload else payload  # UTF-16, of which digits are ASCII and NUL
    if b"&#" in plain:
        plain = _REFERENCES.sub(_resolved, plain)
    if b"\\u00" in plain:
        plain = unescaped(plain)
    safe = masked(plain, NUMBERS)
    # Latin-1 gives every byte a character and back; what the patterns look for is ASCII, but for unusual dashes.
    text = safe.decode("latin-1")
    hidden = _hidden(text, in_json=True)
    if hidden == text and safe is plain:
        return payload
    return hidden.encode("latin-1")


_IN_TYPED_FIELD = re.compile(
    r'"(?:' + "|".join(sorted({name for fields in IDENTIFIERS.values() for name in fields})) + r')"\s{0,8}:\s{0,8}'
    r'\[?\s{0,8}(?:"[^"\\]{0,256}",\s{0,8}){0,8}"?[^"\\]{0,256}\Z'
)
_LOOK_BACK = 640
_REFERENCES = re.compile(rb"&#(?:[xX]0{0,6}(2[dD]|3[0-9]|20)|0{0,6}(45|32|4[89]|5[0-7]));")


def _resolved(reference: re.Match[bytes]) -> bytes:
    return bytes([int(reference[1], 16) if reference[1] else int(reference[2])])


def _without_cards(text: str) -> str:
    raw = text.encode(errors="replace")
    safe = masked(raw)
    return text if safe is raw else safe.decode()


def _hidden(text: str, *, in_json: bool = False) -> str:
    def hide(found: re.Match[str]) -> str:
        if in_json and _IN_TYPED_FIELD.search(found.string, max(0, found.start() - _LOOK_BACK), found.start()):
            return found[0]
        return MASK

    for pattern in DIRECT_IDENTIFIERS.values():
        text = pattern.sub(hide, text)
    return text
