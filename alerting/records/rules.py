"""What the response plan says about reviews of activity (45 CFR 164.308(a)(1)(ii)(D), domain.md §4.1 H1)."""

import datetime

from msgspec import Struct


class Records(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How often findings and cases are reviewed by somebody who signs for it.

    `review_every_days` of 0 asks for no reviews. The first period begins on `review_from`; a review that is not signed
    `review_grace_days` after its period has ended is overdue.
    """

    review_every_days: int = 0
    review_from: datetime.date | None = None
    review_grace_days: int = 3

    def problems(self) -> list[str]:
        """Return what is wrong with it, a sentence each that names the place."""
        found = []
        if not 0 <= self.review_every_days <= 366:
            found.append("records: review_every_days must be from 0 to 366")
        if not 0 <= self.review_grace_days <= 366:
            found.append("records: review_grace_days must be from 0 to 366")
        if self.review_every_days and self.review_from is None:
            found.append("records: review_from is needed where there are reviews: the first day that is reviewed")
        return found
