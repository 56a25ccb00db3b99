"""What a decoder objected to, as a stable reason and a place that quote no value."""

import re

from detectors.events import BadRecord

_REASONS = (
    (re.compile("missing required field"), "missing_field"),
    (re.compile("Invalid enum value"), "unknown_code"),
    (re.compile("RFC3339|datetime|timezone"), "impossible_date"),
    (re.compile(r"of length <="), "too_long"),
    (re.compile(r"of length >="), "missing_field"),
    (re.compile("out of range|Invalid decimal"), "out_of_range"),
    (re.compile("Expected|Invalid value"), "wrong_type"),
)
_PATH = re.compile(r" - at `(\$[^`]*)`$")
_MISSING = re.compile(r"missing required field `([A-Za-z]+)`")


def reason_of(error: Exception) -> BadRecord:
    """Return the refusal for what a mapper or a decoder raised.

    A decoder's own words may quote the value: only the path, which consists of names of elements, is taken over.
    """
    if isinstance(error, BadRecord):
        return error
    if isinstance(error, RecursionError):
        return BadRecord("too_deep")
    message = str(error)
    path, missing = _PATH.search(message), _MISSING.search(message)
    place = ".".join(part for part in (path[1] if path else "", missing[1] if missing else "") if part)
    for pattern, reason in _REASONS:
        if pattern.search(message):
            return BadRecord(reason, place)
    return BadRecord("not_json")
