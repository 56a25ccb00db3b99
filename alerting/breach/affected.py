"""Who is affected, as counts: by state, and by how they can be reached. No names, no addresses."""

import csv
import io
from collections.abc import Iterable, Mapping

from msgspec import Struct

from alerting.refusal import Refused

STATES = {
    "AL": "Alabama", "AK": "Alaska", "AZ": "Arizona", "AR": "Arkansas", "CA": "California", "CO": "Colorado",
    "CT": "Connecticut", "DE": "Delaware", "DC": "the District of Columbia", "FL": "Florida", "GA": "Georgia",
    "HI": "Hawaii", "ID": "Idaho", "IL": "Illinois", "IN": "Indiana", "IA": "Iowa", "KS": "Kansas", "KY": "Kentucky",
    "LA": "Louisiana", "ME": "Maine", "MD": "Maryland", "MA": "Massachusetts", "MI": "Michigan", "MN": "Minnesota",
    "MS": "Mississippi", "MO": "Missouri", "MT": "Montana", "NE": "Nebraska", "NV": "Nevada", "NH": "New Hampshire",
    "NJ": "New Jersey", "NM": "New Mexico", "NY": "New York", "NC": "North Carolina", "ND": "North Dakota",
    "OH": "Ohio", "OK": "Oklahoma", "OR": "Oregon", "PA": "Pennsylvania", "RI": "Rhode Island",
    "SC": "South Carolina", "SD": "South Dakota", "TN": "Tennessee", "TX": "Texas", "UT": "Utah", "VT": "Vermont",
    "VA": "Virginia", "WA": "Washington", "WV": "West Virginia", "WI": "Wisconsin", "WY": "Wyoming",
    "AS": "American Samoa", "GU": "Guam", "MP": "the Northern Mariana Islands", "PR": "Puerto Rico",
    "VI": "the U.S. Virgin Islands",
}  # fmt: skip
"""States and jurisdictions in the sense of 45 CFR 160.103, by their postal abbreviations."""
ELSEWHERE = "XX"
"""Residents of other countries, and those whose residence is not known."""
MEDIA_ABOVE = 500
"""Residents of one state above which its media are told: *more than* 500 (164.406(a))."""
HHS_FROM = 500
"""Individuals from which HHS is told within 60 days: 500 *or more* (164.408(b))."""
WEB_FROM = 10
"""Individuals out of reach from which substitute notice is public: ten or more (164.404(d)(2)(ii))."""


class Affected(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Counts of affected individuals.

    `states` counts everybody by residence. Of these, `unreachable` have contact data that is insufficient or out of
    date; `deceased` are known to be dead and have next of kin or a personal representative with an address;
    `deceased_without_kin` are dead and have none, so that nobody need be told (164.404(d)(1)(ii), (d)(2)).
    """

    states: dict[str, int] = {}
    unreachable: int = 0
    deceased: int = 0
    deceased_without_kin: int = 0

    @property
    def total(self) -> int:
        """Everybody."""
        return sum(self.states.values())

    @property
    def by_letter(self) -> int:
        """Who is told by letter or agreed email in their own name."""
        return self.total - self.unreachable - self.deceased - self.deceased_without_kin

    @property
    def media_states(self) -> list[str]:
        """States whose media are told."""
        return sorted(state for state, n in self.states.items() if n > MEDIA_ABOVE and state != ELSEWHERE)


def checked(affected: Affected) -> Affected:
    """Return the counts.

    Raises:
        Refused: if they cannot be.
    """
    unknown = sorted(set(affected.states) - STATES.keys() - {ELSEWHERE})
    if unknown:
        message = f"{', '.join(unknown)}: no state or territory; {ELSEWHERE} counts people elsewhere"
        raise Refused(message)
    parts = (affected.unreachable, affected.deceased, affected.deceased_without_kin)
    if min(*parts, *affected.states.values(), 0) < 0:
        message = "a count cannot be negative"
        raise Refused(message)
    if sum(parts) > affected.total:
        message = f"{sum(parts)} of {affected.total} affected individuals cannot be reached or are dead: too many"
        raise Refused(message)
    return affected


def counts_of(pairs: Iterable[str]) -> dict[str, int]:
    """Return counts by state from texts such as `CA=120`.

    Raises:
        Refused: if one is not of this form, or a state comes twice.
    """
    counts: dict[str, int] = {}
    for pair in pairs:
        state, _, number = pair.partition("=")
        _count(counts, state, number, f"{state or pair}")
    return counts


def counts_in(text: str) -> dict[str, int]:
    """Return counts by state from CSV with the columns `state` and `count`.

    Raises:
        Refused: if a line is wrong; it is named by its number.
    """
    rows = csv.DictReader(io.StringIO(text.removeprefix("\N{BYTE ORDER MARK}")))
    named = {(name or "").strip().lower(): name for name in rows.fieldnames or ()}
    if not {"state", "count"} <= named.keys():
        message = "the first line must name the columns state and count"
        raise Refused(message)
    counts: dict[str, int] = {}
    for row in rows:
        _count(counts, *_cells(row, named), f"line {rows.line_num}")
    return counts


def _cells(row: Mapping[str, str | None], named: Mapping[str, str]) -> tuple[str, str]:
    return row[named["state"]] or "", row[named["count"]] or ""


def _count(counts: dict[str, int], state: str, number: str, place: str) -> None:
    state, number = state.strip().upper(), number.strip()
    if state not in STATES and state != ELSEWHERE:
        message = f"{place}: not a state or territory; {ELSEWHERE} counts people elsewhere"
        raise Refused(message)
    if not (number.isascii() and number.isdigit()):
        message = f"{place}: not a count"
        raise Refused(message)
    if state in counts:
        message = f"{place}: {state} is counted twice"
        raise Refused(message)
    counts[state] = int(number)
