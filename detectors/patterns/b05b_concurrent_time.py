"""B05b, concurrent time: more time with one patient at a time than fits one after the other into a working day."""

from detectors.profiles.entries import day_key
from detectors.retraction import Cleared
from detectors.scene import Hit, Pattern, Scene
from detectors.stages.billing import dates_of, day_text
from detectors.stages.patient_claims import CLAIMS
from detectors.stages.provider_claims import answers_for
from detectors.thresholds import Thresholds

PATTERN = Pattern(
    id="B05b",
    title="Time with several patients at once",
    version=1,
    level="medium",
    stage="provider",
    window="date of service",
    needs=("service minutes table",),
    false_positives=(
        "directed or supervised anaesthesia (QK, QY, QX, AD), which is not counted",
        "group NPI as rendering, which is not counted",
        "group therapy billed by codes for one",
    ),
    references=("domain.md §2.2 B05b", "CMS Claims Processing Manual chapter 5, timed codes; chapter 12, anaesthesia"),
)


def detect(scene: Scene, thresholds: Thresholds) -> Hit | Cleared | None:
    """Judge the first date of service of a claim by the least minutes of all timed services on it."""
    if not answers_for(scene) or scene.data.kind not in CLAIMS or scene.days is None:
        return None
    days = dates_of(scene.data)
    if not days:
        return None
    day = min(days)
    entry = scene.days.fetch(day_key(scene.ref, day))
    timed = [mark for mark in entry.claims.values() if mark.one_to_one] if entry is not None else []
    minutes, patients = sum(mark.one_to_one for mark in timed), len({mark.patient for mark in timed})
    if minutes > thresholds.claims.one_to_one_minutes and patients > 1:
        return Hit(
            "medium",
            f"At least {minutes / 60:.1f} hours with one patient at a time are billed for {patients} patients on "
            f"{day_text(day)}; more than {thresholds.claims.one_to_one_minutes / 60:.0f} mean several at once.",
            window=day_text(day),
            features={"minutes": round(minutes, 1), "patients": float(patients)},
            ground=day_text(day),
        )
    if scene.data.kind == "claim_submitted":
        return None
    return Cleared([day_text(day)], "A claim was taken back, and what is left of the day is possible.")
