"""What the inpatient claims of a facility, or of a physician who attends in one, are grouped as (B35)."""

from msgspec import Struct, field

STAY_DAYS_KEPT = 180

STAY_FIGURES = ("told_apart", "severe", "major", "single", "weighty", "short")
"""What is counted of stays by day of discharge, in the order of the lists: only to be appended to.

Stays in groups that are told apart by complications, with one and with a major one among them; of the major ones
with secondary diagnoses on the claim those that rest on a single one are `single`, and `major` counts them all; stays
in groups of a high weight, and those of them that were far too short.
"""


class Stays(Struct, array_like=True):
    """The figures by day of discharge since the epoch, and the day on which they were last looked at."""

    by_day: dict[int, list[int]] = field(default_factory=dict)
    looked_on: int = 0
