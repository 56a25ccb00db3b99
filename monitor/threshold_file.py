"""The site's own thresholds and lists: a YAML file of those that differ from the defaults (docs/thresholds.md)."""

import dataclasses
import difflib
import math
from collections.abc import Iterator

from detectors.thresholds import Thresholds
from monitor.settings import Settings
from monitor.yaml_file import YamlFile


def read_thresholds(settings: Settings) -> Thresholds:
    """Return the thresholds that detectors judge by; the defaults where the site has no file.

    Raises:
        Failure: with every name that means nothing, or the first value that does not fit.
    """
    if settings.thresholds is None:
        return Thresholds()
    file = YamlFile(settings.thresholds, "the file of thresholds", "WARDWATCH_THRESHOLDS")
    written = file.written()
    if unknown := list(_unknown(written, Thresholds())):
        raise file.wrong(unknown)
    thresholds = file.converted(written, Thresholds)
    if senseless := list(_senseless(thresholds)):
        raise file.wrong(senseless)
    return thresholds


def _unknown(written: object, known: object, place: str = "") -> Iterator[str]:
    """Yield every key that is no threshold; `known` holds the defaults of that place."""
    if not isinstance(written, dict) or not dataclasses.is_dataclass(known):
        return
    names = [field.name for field in dataclasses.fields(known)]
    for key, value in written.items():
        if key in names:
            yield from _unknown(value, getattr(known, key), f"{place}{key}.")
        else:
            near = difflib.get_close_matches(str(key), names, n=1)
            yield f"there is no threshold {place}{key}" + (f": did you mean {place}{near[0]}?" if near else "")


def _senseless(thresholds: object, place: str = "") -> Iterator[str]:
    """Yield every number below zero or without end: no threshold of ours has one."""
    for name, value in vars(thresholds).items():
        if dataclasses.is_dataclass(value):
            yield from _senseless(value, f"{place}{name}.")
        elif isinstance(value, float | int) and not (math.isfinite(value) and value >= 0):
            yield f"{place}{name} must be a number from 0 on, not {value}"
