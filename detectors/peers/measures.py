"""The measures by which entities are compared, and the scale on which each is kept."""

import math

from msgspec import Struct

BINS = 128
"""Bins of a histogram: on the scale of a count up to 10,000 a bin is 7 % wide."""


class Measure(Struct, frozen=True):
    """One measure of an entity.

    Args:
        name: unique; part of keys, so of letters, digits and underscores.
        what: what it is, for sentences about it.
        top: largest figure that is told apart from larger ones.
        is_count: whether it is a count or amount (kept on the scale of log(1 + x)) or a share or level (kept as is).
    """

    name: str
    what: str
    top: float
    is_count: bool = True

    def scaled(self, value: float) -> float:
        """Return the place of a figure on the scale, 0 to 1."""
        clipped = min(max(value, 0.0), self.top)
        return math.log1p(clipped) / math.log1p(self.top) if self.is_count else clipped / self.top

    def value_at(self, place: float) -> float:
        """Return the figure at a place of the scale: the inverse of `scaled`."""
        return math.expm1(place * math.log1p(self.top)) if self.is_count else place * self.top

    def bin_of(self, value: float) -> int:
        """Return the bin of a figure, 0 to BINS - 1."""
        return min(int(self.scaled(value) * BINS), BINS - 1)


MEASURES: dict[str, Measure] = {
    measure.name: measure
    for measure in (
        Measure(
            "bypass_share",
            "pairs of services kept apart by an unspecific modifier, among those that may be",
            1.0,
            is_count=False,
        ),
        Measure("clerical_notes", "patients whose clinical notes were read in 7 days without a task for it", 1_000),
        Measure("visit_level", "mean level of visits, 1 to 5", 5.0, is_count=False),
        Measure("top_level_share", "share of visits at the two highest levels", 1.0, is_count=False),
        Measure("modifier_25_share", "share of visits with a procedure that carry modifier 25", 1.0, is_count=False),
        Measure("closed_day_share", "share of office claims for days on which offices are closed", 1.0, is_count=False),
        Measure("claims_in_a_day", "most claims sent on one day of the last month", 10_000),
        Measure("charges_in_a_month", "dollars charged in the last month", 100_000_000),
        Measure("referral_share", "share of an orderer's spending that goes to one recipient", 1.0, is_count=False),
        Measure("referral_rise", "rise of one recipient's share of an orderer's orders", 1.0, is_count=False),
        Measure("severe_stays", "share of stays in groups with complications", 1.0, is_count=False),
        Measure("session_bits", "surprise of the order of deeds in a session, in bits a step", 16.0, is_count=False),
        Measure("glass_uses", "emergency accesses in 30 days", 1_000),
        Measure("records_out_24h", "records exported, printed or sent in 24 hours", 1_000_000),
        Measure("records_out_30d", "records exported, printed or sent in 30 days", 10_000_000),
        Measure("bytes_out_24h", "bytes exported, printed or sent in 24 hours", 1_000_000_000_000),
        Measure("write_offs", "write-offs in 30 days, small balances apart", 10_000),
        Measure("round_share", "share of refunds and write-offs that are multiples of $50", 1.0, is_count=False),
        Measure("digit_deviation", "deviation of first digits from Benford's law", 0.25, is_count=False),
        Measure("unbundled_rate", "pairs of services billed apart that belong together, by claim", 1.0, is_count=False),
    )
}
"""Name to measure."""
