"""B16, codes that do not fit the sex or age on the claim: billing quality, never a ground for suspicion."""

from detectors.scene import Hit, Pattern, Scene
from detectors.stages.provider_claims import answers_for, number_of, sums, window_end
from detectors.thresholds import Thresholds

PATTERN = Pattern(
    id="B16",
    title="Code does not fit the patient on the claim",
    version=1,
    level="low",
    levels=("low", "medium"),
    stage="provider",
    window="claim; 90 days",
    needs=("code attributes table, or denials with reason codes 6, 7, 9 and 10",),
    false_positives=(
        "transgender and intersex patients (KX, condition code 45)",
        "newborns billed on their mother's claim",
    ),
    references=("domain.md §2.2 B16", "X12 claim adjustment reason codes 6, 7, 9, 10"),
    queue="billing_quality",
)


def detect(scene: Scene, thresholds: Thresholds) -> Hit | None:
    """Report a claim to whoever mends claims, and a provider with many of them."""
    codes = number_of(scene, "claim.mismatches")
    denied = bool(scene.notes.get("claim.denied_mismatch"))
    if not (codes or denied) or not answers_for(scene):
        return None
    limits = thresholds.claims
    end = window_end(scene, limits.window_days)
    claims = sums(scene.profile, end, limits.window_days)["mismatches"]
    features = {"codes": float(codes), "claims": float(claims)}
    if claims >= limits.mismatch_cluster:
        return Hit(
            "medium",
            f"{claims} claims in {limits.window_days} days have codes that do not fit the patient's sex or age; "
            "records or tables may be wrong.",
            window=f"{end // limits.window_days}:cluster",
            features=features,
        )
    if denied:
        return Hit("low", "The payer denied the claim for a sex or age that does not fit.", features=features)
    what = scene.notes.get("claim.mismatch_of")
    said = "A code of this claim does" if codes == 1 else f"{codes} codes of this claim do"
    return Hit("low", f"{said} not fit the patient's {what} on the claim.", features=features)
