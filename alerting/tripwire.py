"""The tripwire: scans a message as it would leave for what must never leave (domain.md §4.6).

The `Notification` type keeps PHI out by construction. This is the second line, for the day somebody breaks the first:
it prefers a false alarm to a leak. It names the patterns it found and never what matched.
"""

import ipaddress
import re
from collections.abc import Callable, Iterable, Mapping

import msgspec
from msgspec import Struct

from detectors.direct_identifiers import DIRECT_IDENTIFIERS

_IPV4_PART = r"(?:25[0-5]|2[0-4]\d|1?\d?\d)"

# `(?<!\w)` and `(?!\w)` keep digests and ids, which are words, from matching.
_PATTERNS: dict[str, re.Pattern[str]] = {
    **DIRECT_IDENTIFIERS,
    # Wider than that of the door: ten digits in one piece are no business of a message, whatever they are.
    "phone": re.compile(r"(?<![\w.])(?:\+?\d{1,3}[ .-]?)?\(?\d{3}\)?[ .-]?\d{3}[ .-]?\d{4}(?!\w)"),
    # A bare number of 7 to 12 digits is a record, claim or account number or an NPI; we send none.
    "number": re.compile(r"(?<![\w.])\d{7,12}(?!\w|\.\d)"),
    # Our own hours (2026-03-02T09:00:00Z) are taken out before; no other date or time may leave.
    "date": re.compile(
        r"(?<!\w)(?:(?:19|20)\d{2}[-/.]\d{1,2}[-/.]\d{1,2}(?!\d)"
        r"|\d{1,2}[-/.]\d{1,2}[-/.](?:19|20)\d{2}(?!\d)|\d{1,2}/\d{1,2}/\d{2}(?!\d))"
    ),
    "time": re.compile(r"(?<![\w:])\d{1,2}:\d{2}:\d{2}(?![\w:])"),
    "token": re.compile(r"(?<!\w)[A-Za-z]{1,8}\d{1,4}:[A-Za-z0-9_+/=-]{6,}"),
    "instrument": re.compile(r"(?<!\w)(?:card|bank|bin|ip|device|terminal):\w", re.IGNORECASE),
    "ipv4": re.compile(rf"(?<![\w.])(?:{_IPV4_PART}\.){{3}}{_IPV4_PART}(?!\w|\.\d)"),
    "category": re.compile(
        r"\b(?:HIV|AIDS|psychiatr\w*|psychotherap\w*|mental.health|substance.use|SUD)\b", re.IGNORECASE
    ),
}
_HOUR = re.compile(r"(?<!\w)(?:19|20)\d{2}-\d{2}-\d{2}T\d{2}:00:00Z(?!\w)")
_IPV6 = re.compile(r"(?<![\w:])[0-9A-Fa-f:]{3,39}(?![\w:])")
_PAN = re.compile(r"(?<!\w)\d(?:[ -]?\d){12,18}(?!\w)")

# First digits of the card schemes, with the lengths in use (domain.md §4.7).
_IIN = re.compile(
    r"4|5[1-5]|222[1-9]|22[3-9]\d|2[3-6]\d{2}|27[01]\d|2720|3[47]|6011|64[4-9]|65|35(?:2[89]|[3-8]\d)|3[68]|30[0-5]"
)


class Tripwire(Struct, frozen=True):
    """Scans messages, passing over `allowed`: literal texts of our own, such as the console's address."""

    allowed: tuple[str, ...] = ()

    def patterns_in(self, body: Mapping[str, object]) -> tuple[str, ...]:
        """Return the names of the patterns that a message holds, keys included; empty if it may leave."""
        return self.patterns_in_text(msgspec.json.encode(body).decode())

    def patterns_in_text(self, text: str) -> tuple[str, ...]:
        """Return the names of the patterns that a text holds.

        >>> Tripwire().patterns_in_text("call 212-555-0187 about 4111 1111 1111 1111")
        ('pan', 'phone')
        """
        for literal in self.allowed:
            text = text.replace(literal, " ")
        text = _HOUR.sub(" ", text)
        found = {name for name, holds in _CHECKS.items() if holds(text)}
        return tuple(sorted(found))


def _holds_ipv6(text: str) -> bool:
    return any(_is_ipv6(match.group()) for match in _IPV6.finditer(text))


def _is_ipv6(candidate: str) -> bool:
    try:
        ipaddress.IPv6Address(candidate)
    except ValueError:
        return False
    return True


def _holds_card_number(text: str) -> bool:
    return any(_is_card_number(match.group()) for match in _PAN.finditer(text))


def _is_card_number(candidate: str) -> bool:
    digits = [int(character) for character in candidate if character.isdigit()]
    return _IIN.match("".join(map(str, digits))) is not None and _passes_luhn(digits)


def _passes_luhn(digits: Iterable[int]) -> bool:
    """Check the last digit by ISO/IEC 7812-1, annex B."""
    total = 0
    for place, digit in enumerate(reversed(list(digits))):
        doubled = digit * 2 if place % 2 else digit
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10 == 0


def _searcher(pattern: re.Pattern[str]) -> Callable[[str], bool]:
    return lambda text: pattern.search(text) is not None


_CHECKS: dict[str, Callable[[str], bool]] = {name: _searcher(pattern) for name, pattern in _PATTERNS.items()} | {
    "ipv6": _holds_ipv6,
    "pan": _holds_card_number,
}
