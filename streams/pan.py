"""Payment card numbers (PAN) in incoming records: found, and masked before anything is written (domain.md §4.7).

A PAN is 13 to 19 digits, in groups parted by spaces or dashes or in one piece, that pass the Luhn check, begin with the
prefix of a known brand, and are not part of a longer alphanumeric run.
"""

import re

from detectors.reference.npi import passes_luhn
from streams.identifiers import IDENTIFIERS

MASK = b"*"

_SEPARATORS = b" -"
_IN_NUMBERS = bytes(ord("0") if code in b"0123456789" + _SEPARATORS else ord(".") for code in range(256))
_SHORTEST = b"0" * 13

# A hash in hexadecimal often holds a long run of digits, but seldom begins with one.
_LONG_RUN = re.compile(rb"(?<![0-9A-Za-z])[0-9](?:[ -]{0,3}+[0-9]){12}")
_RUN = re.compile(rb"(?<![0-9A-Za-z])[0-9]++(?:[ -]{1,3}[0-9]++)*(?![0-9A-Za-z])")
_GROUP = re.compile(rb"[0-9]+")

_KNOWN_PREFIX = re.compile(
    rb"4"  # Visa
    rb"|5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720"  # Mastercard
    rb"|3[47]"  # American Express
    rb"|6011|64[4-9]|65"  # Discover
    rb"|352[89]|35[3-8]"  # JCB
    rb"|30[0-5]|36|38"  # Diners Club
)

NUMBERS = frozenset(name for fields in IDENTIFIERS.values() for name, letter in fields.items() if letter in "pmuk")
"""Fields that hold a number of another kind by their type, and that become tokens: about one random number in ten
passes the Luhn check. Shorter numbers, such as NPIs and those of X12's envelope, need no exemption."""

EXEMPT_FIELDS = NUMBERS | {"file_id", "originator_id"}
"""Fields for which an event is not refused. The last two become no tokens; `streams.free_text` masks them."""

# The key of the value that a match lies in: no quotation mark and no escape may stand between. A text value has at
# most 256 characters (detectors.events.redacted.Text).
_IN_FIELD = {
    exempt: re.compile(rb'"(?:' + "|".join(sorted(exempt)).encode() + rb')"\s{0,8}:\s{0,8}"?[^"\\]{0,256}\Z')
    for exempt in (NUMBERS, EXEMPT_FIELDS)
}
_LOOK_BACK = 320

_ESCAPED = re.compile(rb"\\u00(3[0-9]|20|2[dD])")


def masked(payload: bytes, exempt: frozenset[str] = EXEMPT_FIELDS) -> bytes:
    """Return `payload` itself where it holds no PAN, else a copy with every digit of every PAN masked.

    Numbers in fields of JSON that are `exempt` (`NUMBERS` or `EXEMPT_FIELDS`) are left alone. The common case, no run
    of 13 digits at all, costs one pass over the bytes in C.
    """
    if b"\\" in payload and b"\\u00" in payload:  # the search for one byte costs a tenth of that for four
        plain = unescaped(payload)
        concealed = _masked(plain, exempt)
        return payload if concealed is plain else concealed
    return _masked(payload, exempt)


def unescaped(payload: bytes) -> bytes:
    """Return JSON in which digits and their separators stand for themselves."""
    return _ESCAPED.sub(lambda escape: bytes([int(escape[1], 16)]), payload)


def _masked(payload: bytes, exempt: frozenset[str]) -> bytes:
    if not _may_hold_one(payload):
        return payload
    spans = _pans(payload, exempt)
    if not spans:
        return payload
    copy = bytearray(payload)
    for start, end in spans:
        copy[start:end] = _GROUP.sub(lambda group: MASK * len(group[0]), payload[start:end])
    return bytes(copy)


def _may_hold_one(payload: bytes) -> bool:
    """Return whether there is a run of 13 digits; separators count as digits in the first look, which is in C."""
    classes = payload.translate(_IN_NUMBERS)
    start = classes.find(_SHORTEST)
    while start >= 0:
        end = classes.find(b".", start)
        end = len(classes) if end < 0 else end
        if _LONG_RUN.search(payload, start, end):
            return True
        start = classes.find(_SHORTEST, end)
    return False


def _pans(payload: bytes, exempt: frozenset[str]) -> list[tuple[int, int]]:
    """Return where the PANs are that no exempt field holds."""
    in_field = _IN_FIELD[exempt]
    return [
        (start, end)
        for run in _RUN.finditer(payload)
        if run.end() - run.start() >= len(_SHORTEST)
        for start, end in _pans_of(payload, run.start(), run.end())
        if not in_field.search(payload, max(0, start - _LOOK_BACK), start)
    ]


def _pans_of(payload: bytes, start: int, end: int) -> list[tuple[int, int]]:
    """Return the stretches of whole groups of digits that are a PAN, within one run of such groups."""
    groups = [group.span() for group in _GROUP.finditer(payload, start, end)]
    found: list[tuple[int, int]] = []
    for first, (group_start, _) in enumerate(groups):
        if not _KNOWN_PREFIX.match(_digits_from(payload, group_start)):
            continue
        digits = b""
        for group in groups[first:]:
            digits += payload[slice(*group)]
            if len(digits) > 19:
                break
            if len(digits) >= 13 and passes_luhn(digits):
                found.append((group_start, group[1]))
    return found


def _digits_from(payload: bytes, start: int) -> bytes:
    """Return the first four digits, or more, at a place, without separators."""
    return payload[start : start + 13].translate(None, _SEPARATORS)
