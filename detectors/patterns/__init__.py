"""Python detectors: the patterns that Sigma cannot say, with the same metadata header as a rule file.

A detector is a `Pattern` and a function of a `Scene`. To add one: a module here and a line in `DETECTORS`.
"""

from collections.abc import Callable

from detectors.patterns import (
    a06_spike,
    a07_no_visit,
    a16_travel,
    a19_scraping,
    a23_restricted,
    a24_repeat_interest,
    b01_duplicates,
    b05_impossible_day,
    b22_refunds,
    b25_cards,
    q01_coverage,
    q02_stale_context,
)
from detectors.retraction import Cleared
from detectors.scene import Hit, Pattern, Scene
from detectors.thresholds import Thresholds

Detector = tuple[Pattern, Callable[[Scene, Thresholds], Hit | Cleared | None]]

DETECTORS: dict[str, Detector] = {
    "A06": (a06_spike.PATTERN, a06_spike.detect),
    "A07": (a07_no_visit.PATTERN, a07_no_visit.detect),
    "A16": (a16_travel.PATTERN, a16_travel.detect),
    "A19": (a19_scraping.PATTERN, a19_scraping.detect),
    "A23": (a23_restricted.PATTERN, a23_restricted.detect),
    "A24": (a24_repeat_interest.PATTERN, a24_repeat_interest.detect),
    "B01": (b01_duplicates.PATTERN, b01_duplicates.detect),
    "B05": (b05_impossible_day.PATTERN, b05_impossible_day.detect),
    "B22": (b22_refunds.PATTERN, b22_refunds.detect),
    "B25": (b25_cards.PATTERN, b25_cards.detect),
    "Q01": (q01_coverage.PATTERN, q01_coverage.detect),
    "Q02": (q02_stale_context.PATTERN, q02_stale_context.detect),
}
"""Catalogue id to detector."""
