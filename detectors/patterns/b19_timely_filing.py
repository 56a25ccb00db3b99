"""B19, timely filing: claims past the limit, dates of service moved to beat it, and many excuses."""

import datetime

from detectors.events import BillingTransaction
from detectors.events.billing import Claim
from detectors.scene import Hit, Pattern, Scene
from detectors.stages.billing import day_number
from detectors.stages.provider_claims import answers_for, number_of, sums, window_end
from detectors.thresholds import Thresholds
from detectors.thresholds_claims import ClaimThresholds

PATTERN = Pattern(
    id="B19",
    title="Claim filed late, or its dates moved",
    version=1,
    level="low",
    levels=("low", "medium", "high"),
    stage="provider",
    window="claim",
    needs=("filing indicator of a payer with the limit of one year",),
    false_positives=(
        "exceptions with a delay reason code: administrative error, retroactive entitlement",
        "payers with limits of their own by contract, which are not judged",
        "dates corrected by a replacement where the first ones were in time",
    ),
    references=("domain.md §2.2 B19", "42 CFR 424.44", "CMS Claims Processing Manual chapter 1, §70"),
)


def detect(scene: Scene, thresholds: Thresholds) -> Hit | None:
    """Report a late claim, grave where a replacement moved late dates into the limit; and a habit of delay reasons."""
    transaction, claim = scene.data, getattr(scene.data, "claim", None)
    if claim is None or not answers_for(scene) or transaction.kind not in ("claim_submitted", "claim_replaced"):
        return None
    limits = thresholds.claims
    if claim.filing_indicator not in limits.filing_indicators:
        return None
    begins = limit_begins(transaction, claim)
    received = (transaction.recorded_at or transaction.occurred_at).date()
    late = begins is not None and received > last_day(begins)
    moved = number_of(scene, "claim.dates_moved_days")
    if moved > limits.dates_moved_days and not late:
        before = datetime.date.fromisoformat(str(scene.notes["claim.dates_before"]))
        if received > last_day(before):
            return Hit(
                "high",
                f"A replacement moved the date of service from {before} by {moved} days; with the first date the claim "
                f"was past the limit of one year, by {(received - last_day(before)).days} days.",
                features={"moved_days": float(moved)},
            )
    if claim.delay_reason:
        return _excuses(scene, limits)
    if late and begins is not None:
        days = (received - last_day(begins)).days
        return Hit(
            "low",
            f"The claim was filed {days} {'day' if days == 1 else 'days'} after the limit of one calendar year from "
            f"{begins}, and gives no reason.",
            features={"days_late": float(days)},
        )
    return None


def limit_begins(transaction: BillingTransaction, claim: Claim) -> datetime.date | None:
    """Return the day from which the year runs: the earliest line of a professional claim, the end of any other."""
    if claim.type == "institutional":
        return claim.through or claim.from_
    lines = [line.dos_from for line in transaction.lines if line.dos_from is not None]
    return min(lines, default=claim.from_)


def last_day(service: datetime.date) -> datetime.date:
    """Return the last day in time: the same day of the next year, 28 February for 29 February."""
    try:
        return service.replace(year=service.year + 1)
    except ValueError:
        return datetime.date(service.year + 1, 2, 28)


def _excuses(scene: Scene, limits: ClaimThresholds) -> Hit | None:
    """Report a provider that gives a delay reason on many of its claims."""
    end = max(window_end(scene, limits.window_days), day_number(scene.data.occurred_at.date()))
    figures = sums(scene.profile, end, limits.denial_days)
    delayed, claims = figures["delayed"], max(figures["claims"], 1)
    if delayed < limits.delay_reasons_least or delayed / claims < limits.delay_reasons_share:
        return None
    return Hit(
        "medium",
        f"{delayed} of {claims} claims of this provider ({delayed / claims:.0%}) give a reason for being late.",
        window=f"{end // limits.window_days}",
        features={"delayed": float(delayed), "claims": float(claims)},
    )
