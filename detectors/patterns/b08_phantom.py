"""B08, phantom service: nothing in the hospital's own feeds shows that the patient was there."""

from detectors.scene import Hit, Pattern, Scene
from detectors.stages.provider_claims import answers_for, sums, window_end
from detectors.thresholds import Thresholds

PATTERN = Pattern(
    id="B08",
    title="Service without a trace of a visit",
    version=1,
    level="high",
    stage="provider",
    window="90 days",
    needs=("claim.patient_seen", "appointments, encounters and accesses", "half of the provider's claims found there"),
    false_positives=(
        "external providers, whose visits are not in the feeds: they are not judged",
        "laboratories by mail, telehealth (places 02, 10, 81) and readings (26), which are not judged",
        "late documentation",
    ),
    references=("domain.md §2.2 B08",),
)


def detect(scene: Scene, thresholds: Thresholds) -> Hit | None:
    """Report a claim that no visit, order or work in the record goes with; many such claims are grave.

    Only providers whose visits are mostly in the feeds are judged.
    """
    if scene.notes.get("claim.patient_seen") is not False or not answers_for(scene):
        return None
    limits = thresholds.claims
    end = window_end(scene, limits.window_days)
    figures = sums(scene.profile, end, limits.window_days)
    looked_for, missing = figures["looked_for"], figures["not_found"]
    share = missing / looked_for if looked_for else 0.0
    if looked_for < limits.phantom_history or 1 - share < limits.phantom_coverage:
        return None
    features = {"claims": float(looked_for), "without_visit": float(missing)}
    reason = (
        f"No appointment, visit, order or work in the record is known for this patient within {limits.presence_days} "
        "days of the service"
    )
    rest = (
        f"; so it is with {missing} of {looked_for} claims ({share:.1%}) of this provider in {limits.window_days} days."
    )
    if missing >= limits.phantom_least and share >= limits.phantom_share:
        return Hit("high", reason + rest, window=f"{end // 7}:high", features=features)
    if missing >= limits.phantom_several and share >= limits.phantom_share:
        return Hit("medium", reason + rest, window=f"{end // 7}:medium", features=features)
    return Hit("low", f"{reason}.", features=features)
