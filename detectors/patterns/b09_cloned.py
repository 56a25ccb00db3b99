"""B09, cloned claims: most of a day's claims say the very same, or one patient's visits do."""

from collections import Counter

from detectors.profiles.entries import day_key
from detectors.retraction import Cleared
from detectors.scene import Hit, Pattern, Scene
from detectors.stages.billing import dates_of, day_text
from detectors.stages.patient_claims import CLAIMS
from detectors.stages.provider_claims import answers_for, number_of
from detectors.thresholds import Thresholds
from detectors.thresholds_claims import ClaimThresholds

PATTERN = Pattern(
    id="B09",
    title="Claims that say the very same",
    version=1,
    level="medium",
    levels=("low", "medium"),
    stage="provider",
    window="date of service",
    needs=(),
    false_positives=(
        "vaccination, tests of a campaign, dialysis, infusion and chemotherapy: their codes are not judged",
        "courses of therapy: a patient's alike visits alone are low",
    ),
    references=("domain.md §2.2 B09",),
)


def detect(scene: Scene, thresholds: Thresholds) -> Hit | Cleared | None:
    """Report a date of service whose claims are mostly one claim, and a patient whose visits are."""
    if not answers_for(scene) or scene.data.kind not in CLAIMS:
        return None
    limits = thresholds.claims
    day = min(dates_of(scene.data), default=0)
    hit = _day_of_clones(scene, day, limits) if day else None
    if hit is not None:
        return hit
    if scene.data.kind != "claim_submitted":
        return Cleared([day_text(day)], "A claim was taken back, and those that are left of the day are not alike.")
    visits = number_of(scene, "claim.alike_visits")
    if visits != limits.cloned_visits:
        return None
    return Hit(
        "low",
        f"{visits} visits in a row of this patient were billed with the very same codes, units, charges and diagnoses.",
        features={"visits": float(visits)},
    )


def _day_of_clones(scene: Scene, day: int, limits: ClaimThresholds) -> Hit | None:
    """Return what speaks against a date of service: most claims on it, each for another patient, are the same."""
    entry = scene.days.fetch(day_key(scene.ref, day)) if scene.days is not None else None
    marks = list(entry.claims.values()) if entry is not None else []
    if len(marks) < limits.cloned_claims:
        return None
    patients = {(mark.content, mark.patient) for mark in marks if mark.content}
    counted = Counter(content for content, _ in patients).most_common(1)
    alike = counted[0][1] if counted else 0
    if alike < limits.cloned_share * len(marks):
        return None
    return Hit(
        "medium",
        f"{alike} of {len(marks)} claims for {day_text(day)}, each for another patient, have the very same codes, "
        "units, charges and diagnoses.",
        window=day_text(day),
        features={"claims": float(len(marks)), "alike": float(alike)},
        ground=day_text(day),
    )
