"""B06, service after death, by the day of death that any source names."""

from detectors.scene import Hit, Pattern, Scene
from detectors.stages.provider_claims import answers_for, number_of, window_end
from detectors.thresholds import Thresholds

PATTERN = Pattern(
    id="B06",
    title="Service after death",
    version=1,
    level="high",
    levels=("high", "critical"),
    stage="provider",
    window="claim; 90 days",
    needs=("claim.days_after_death",),
    false_positives=(
        "a wrong day of death (11 % of such payments in 2011)",
        "readings, outside laboratories and rentals by the month: 30 days of grace",
    ),
    references=("domain.md §2.2 B06", "OIG OEI-04-12-00130"),
)


def detect(scene: Scene, thresholds: Thresholds) -> Hit | None:
    """Report a service after death; of three patients in 90 days of service it is critical."""
    after = number_of(scene, "claim.days_after_death")
    if not after or not answers_for(scene):
        return None
    limits = thresholds.claims
    end = window_end(scene, limits.window_days)
    patients = len(
        {patient for patient, day in scene.profile.billing.deaths.values() if end - limits.window_days < day <= end}
    )
    days = "day" if after == 1 else "days"
    reason = f"The latest service of this claim is dated {after} {days} after the patient's death"
    features = {"days_after_death": float(after), "patients": float(patients)}
    if patients >= limits.death_patients_critical:
        more = f"; it is the same with {patients} patients of this provider in {limits.window_days} days."
        return Hit("critical", reason + more, features=features)
    return Hit("high", f"{reason}.", features=features)
