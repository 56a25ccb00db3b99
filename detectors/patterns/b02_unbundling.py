"""B02, unbundling: services billed apart that are one by the NCCI edits of their date of service, over all claims."""

from detectors.peers.measures import MEASURES
from detectors.scene import Hit, Pattern, Scene
from detectors.stages.provider_claims import answers_for, number_of, segments_of, sums, window_end
from detectors.thresholds import Thresholds

PATTERN = Pattern(
    id="B02",
    title="Services billed apart that belong together",
    version=1,
    level="medium",
    levels=("low", "medium", "high"),
    stage="provider",
    window="90 days",
    needs=("procedure pairs table", "claim.unbundled_pairs"),
    false_positives=(
        "edits of another quarter, or of the outpatient hospital table: professional claims only are judged",
        "another provider of the same practice",
        "a distinct site that the modifier does not say",
    ),
    references=("domain.md §2.2 B02", "CMS National Correct Coding Initiative, procedure-to-procedure edits"),
)


def detect(scene: Scene, thresholds: Thresholds) -> Hit | None:
    """Report a pair as a weak sign, and a provider's rate of them once it is telling."""
    pairs = number_of(scene, "claim.unbundled_pairs")
    if not pairs or not answers_for(scene):
        return None
    limits = thresholds.claims
    end = window_end(scene, limits.window_days)
    figures = sums(scene.profile, end, limits.window_days)
    total, split, claims = figures["pairs"], figures["pairs_split"], max(figures["claims"], 1)
    features = {"pairs": float(total), "split": float(split), "claims": float(claims)}
    rate = total / claims
    peers = scene.around.peers.group(MEASURES["unbundled_rate"], segments_of(scene.data))
    limit = peers.p95 if peers is not None else limits.pairs_share_ceiling
    grave = split >= limits.pairs_split and total >= limits.pairs_least
    if not grave and (total < limits.pairs_least or rate <= limit):
        single = "A pair" if pairs == 1 else f"{pairs} pairs"
        return Hit(
            "low",
            f"{single} of services for this patient and day may not be billed together, by the edits of that day.",
            features=features,
        )
    beside = f"; 95 % of its peers have no more than {peers.p95:.2f}" if peers is not None else ""
    spread = f", {split} of them over claims of different days" if split else ""
    return Hit(
        "high" if grave else "medium",
        f"{total} pairs of services in {limits.window_days} days were billed apart that belong together{spread}. "
        f"That is {rate:.2f} a claim{beside}.",
        window=f"{end // 7}:{'high' if grave else 'medium'}",
        features=features,
    )
