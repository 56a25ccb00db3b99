"""B31, denial shopping: a denied service is changed and sent again until it is paid."""

from detectors.scene import Hit, Pattern, Scene
from detectors.stages.provider_claims import answers_for, number_of, sums, window_end
from detectors.thresholds import Thresholds

PATTERN = Pattern(
    id="B31",
    title="Denied services changed until paid",
    version=1,
    level="medium",
    levels=("low", "medium"),
    stage="provider",
    window="180 days",
    needs=("claim.denial_changes", "remittances"),
    false_positives=("a genuine correction, which is one change",),
    references=("domain.md §2.2 B31",),
)


def detect(scene: Scene, thresholds: Thresholds) -> Hit | None:
    """Report a service that was paid after several changes, and a provider with whom that is usual."""
    changes = number_of(scene, "claim.denial_changes")
    if not changes or not answers_for(scene):
        return None
    limits = thresholds.claims
    end = window_end(scene, limits.denial_days)
    figures = sums(scene.profile, end, limits.denial_days)
    chains, claims = figures["chains"], max(figures["claims"], 1)
    features = {"changes": float(changes), "services": float(chains), "claims": float(claims)}
    reason = f"The service was paid after {changes} changes of codes, modifiers or diagnoses, each after a denial"
    if chains >= limits.denial_chains and chains >= limits.denial_chains_share * claims:
        more = f"; so were {chains} services of this provider in {limits.denial_days} days."
        return Hit("medium", reason + more, window=f"{end // 7}", features=features)
    return Hit("low", f"{reason}.", features=features)
