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
    b01b_suspect_duplicates,
    b01c_double_payment,
    b02_unbundling,
    b03_units,
    b04_upcoding,
    b05_impossible_day,
    b05b_concurrent_time,
    b06_after_death,
    b07_while_inpatient,
    b08_phantom,
    b09_cloned,
    b10_closed_days,
    b11_new_provider,
    b12_volume,
    b13_places,
    b15_identity,
    b16_mismatch,
    b17_modifier_25,
    b18_modifier_59,
    b19_timely_filing,
    b20_referrals,
    b22_refunds,
    b25_cards,
    b31_denial_shopping,
    b32_after_payment,
    b36_global_period,
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
    "B01b": (b01b_suspect_duplicates.PATTERN, b01b_suspect_duplicates.detect),
    "B01c": (b01c_double_payment.PATTERN, b01c_double_payment.detect),
    "B02": (b02_unbundling.PATTERN, b02_unbundling.detect),
    "B03": (b03_units.PATTERN, b03_units.detect),
    "B04": (b04_upcoding.PATTERN, b04_upcoding.detect),
    "B05": (b05_impossible_day.PATTERN, b05_impossible_day.detect),
    "B05b": (b05b_concurrent_time.PATTERN, b05b_concurrent_time.detect),
    "B06": (b06_after_death.PATTERN, b06_after_death.detect),
    "B07": (b07_while_inpatient.PATTERN, b07_while_inpatient.detect),
    "B08": (b08_phantom.PATTERN, b08_phantom.detect),
    "B09": (b09_cloned.PATTERN, b09_cloned.detect),
    "B10": (b10_closed_days.PATTERN, b10_closed_days.detect),
    "B11": (b11_new_provider.PATTERN, b11_new_provider.detect),
    "B12": (b12_volume.PATTERN, b12_volume.detect),
    "B13": (b13_places.PATTERN, b13_places.detect),
    "B15": (b15_identity.PATTERN, b15_identity.detect),
    "B16": (b16_mismatch.PATTERN, b16_mismatch.detect),
    "B17": (b17_modifier_25.PATTERN, b17_modifier_25.detect),
    "B18": (b18_modifier_59.PATTERN, b18_modifier_59.detect),
    "B19": (b19_timely_filing.PATTERN, b19_timely_filing.detect),
    "B20": (b20_referrals.PATTERN, b20_referrals.detect),
    "B22": (b22_refunds.PATTERN, b22_refunds.detect),
    "B25": (b25_cards.PATTERN, b25_cards.detect),
    "B31": (b31_denial_shopping.PATTERN, b31_denial_shopping.detect),
    "B32": (b32_after_payment.PATTERN, b32_after_payment.detect),
    "B36": (b36_global_period.PATTERN, b36_global_period.detect),
    "Q01": (q01_coverage.PATTERN, q01_coverage.detect),
    "Q02": (q02_stale_context.PATTERN, q02_stale_context.detect),
}
"""Catalogue id to detector."""
