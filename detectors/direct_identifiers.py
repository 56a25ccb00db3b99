"""What names a person outright and has a form: social security number, e-mail address, telephone, record number.

Shared by the tripwire of what leaves (`alerting.tripwire`) and by the door (`streams.free_text`). None finds a name.
"""

import re

_GAP = r"[-\u2010-\u2015\u2212 \u00a0.]"
"""What people write between groups of digits: dashes of every width, a space, a full stop."""

# An underscore parts words in file names, so it does not keep a number from being found, as `\w` would.
_BEFORE, _AFTER = r"(?<![0-9A-Za-z])", r"(?![0-9A-Za-z])"

DIRECT_IDENTIFIERS: dict[str, re.Pattern[str]] = {
    "ssn": re.compile(
        rf"{_BEFORE}\d{{3}}{_GAP}\d{{2}}{_GAP}\d{{4}}{_AFTER}"
        rf"|{_BEFORE}(?:SSN|social security)\W{{0,4}}(?:(?:no|number)\W{{0,4}})?\d{{9}}{_AFTER}",
        re.IGNORECASE,
    ),
    "email": re.compile(r"(?<![A-Za-z0-9._%+-])[A-Za-z0-9._%+-]++@[A-Za-z0-9-]++(?:\.[A-Za-z0-9-]++)+"),
    # The North American Numbering Plan has no area code and no exchange that begins with 0 or 1. Ten digits in one
    # piece are more often something else, so they need a word before them.
    "phone": re.compile(
        rf"(?<![0-9A-Za-z.])(?:\+?1{_GAP}?)?(?:\([2-9]\d{{2}}\){_GAP}?|[2-9]\d{{2}}{_GAP})[2-9]\d{{2}}{_GAP}\d{{4}}{_AFTER}"
        rf"|{_BEFORE}(?:tele?phone|phone|tel|call|cell|mobile|fax)\W{{0,4}}\+?1?\d{{10}}{_AFTER}"
        rf"|\+1\d{{10}}{_AFTER}",
        re.IGNORECASE,
    ),
    "mrn": re.compile(
        rf"{_BEFORE}(?:MRN|medical record)\W{{0,4}}(?:(?:no|number)\W{{0,3}})?[0-9A-Za-z]{{0,32}}\d+", re.IGNORECASE
    ),
}
"""Name to pattern, each of linear time. They look at text, not at bytes, so that digits of every script are found."""
