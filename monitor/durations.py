"""Durations as people write them on a command line."""

import re

SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)([smhdw])")


def seconds_of(text: str) -> float:
    """Return a duration in seconds.

    >>> seconds_of("7d"), seconds_of("1.5h"), seconds_of("0s")
    (604800.0, 5400.0, 0.0)

    Raises:
        ValueError: where it is not a number with s, m, h, d or w.
    """
    found = _DURATION.fullmatch(text.strip())
    if found is None:
        message = f"{text!r} is no duration; write a number and s, m, h, d or w, such as 7d"
        raise ValueError(message)
    return float(found[1]) * SECONDS[found[2]]
