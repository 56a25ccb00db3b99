"""B08, phantom service: nothing in the hospital's own feeds shows that the patient was there."""

from detectors.retraction import Cleared
from detectors.scene import Hit, Pattern, Scene
from detectors.stages.billing import claim_key
from detectors.stages.provider_claims import REMITTANCES, answers_for, coverage, last_not_found, sums, window_end
from detectors.thresholds import Thresholds
from detectors.thresholds_claims import ClaimThresholds

PATTERN = Pattern(
    id="B08",
    title="Service without a trace of a visit",
    version=1,
    level="high",
    levels=("low", "medium", "high"),
    stage="provider",
    window="90 days",
    needs=(
        "claim.patient_seen",
        "appointments, encounters and accesses",
        "most of the provider's claims found there on most days",
    ),
    false_positives=(
        "external providers, whose visits are not in the feeds: they are not judged",
        "laboratories by mail, telehealth (places 02, 10, 81) and readings (26), which are not judged",
        "late documentation",
    ),
    references=("domain.md §2.2 B08",),
)


def detect(scene: Scene, thresholds: Thresholds) -> Hit | Cleared | None:
    """Report a claim that no visit, order or work in the record goes with; many such claims are grave.

    Only providers whose visits are mostly in the feeds are judged. A claim that was taken back, or whose visit became
    known late, clears what was said of it.
    """
    if not answers_for(scene):
        return None
    seen, own = scene.notes.get("claim.patient_seen"), f"{claim_key(scene.visit.id, scene.data):x}"
    if (seen is True and scene.data.kind in REMITTANCES) or scene.data.kind == "claim_voided":
        return Cleared([own], "The visit became known later, or the claim was taken back.")
    if seen is None or not last_not_found(scene.profile):
        return None
    return _judge(scene, own, thresholds.claims)


def _judge(scene: Scene, own: str, limits: ClaimThresholds) -> Hit | None:
    """Judge the provider, also by claims of before it was known whether its visits are in the feeds."""
    end = window_end(scene, limits.window_days)
    figures = sums(scene.profile, end, limits.window_days)
    looked_for, missing = figures["looked_for"], figures["not_found"]
    if looked_for < limits.phantom_history or (
        coverage(scene.profile, end, limits.window_days) < limits.phantom_coverage
    ):
        return None
    features = {"claims": float(looked_for), "without_visit": float(missing)}
    share = missing / looked_for
    trace = "appointment, visit, order or work in the record"
    near = f"within {limits.presence_days} days of the service"
    if missing >= limits.phantom_several and share >= limits.phantom_share:
        high = missing >= limits.phantom_least
        return Hit(
            "high" if high else "medium",
            f"{missing} of {looked_for} claims ({share:.1%}) of this provider in {limits.window_days} days go with no "
            f"{trace} that is known {near}; on other days nearly all do.",
            window=f"{last_not_found(scene.profile) // 7}:{'high' if high else 'medium'}",
            features=features,
        )
    if scene.notes.get("claim.patient_seen") is True:
        return None
    return Hit("low", f"No {trace} is known for this patient {near}.", features=features, ground=own)
