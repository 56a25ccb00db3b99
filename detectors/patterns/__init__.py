"""Python detectors: the patterns that Sigma cannot say, with the same metadata header as a rule file.

A detector is a `Pattern` and a function of a `Scene`. To add one: a module here and a line in `DETECTORS`.
"""

from collections.abc import Callable

from detectors.patterns import a16_travel, a19_scraping, b01_duplicates, b05_impossible_day, b22_refunds, b25_cards
from detectors.retraction import Cleared
from detectors.scene import Hit, Pattern, Scene
from detectors.thresholds import Thresholds

Detector = tuple[Pattern, Callable[[Scene, Thresholds], Hit | Cleared | None]]

DETECTORS: dict[str, Detector] = {
    "A16": (a16_travel.PATTERN, a16_travel.detect),
    "A19": (a19_scraping.PATTERN, a19_scraping.detect),
    "B01": (b01_duplicates.PATTERN, b01_duplicates.detect),
    "B05": (b05_impossible_day.PATTERN, b05_impossible_day.detect),
    "B22": (b22_refunds.PATTERN, b22_refunds.detect),
    "B25": (b25_cards.PATTERN, b25_cards.detect),
}
"""Catalogue id to detector."""
