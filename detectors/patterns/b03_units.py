"""B03, units over what is medically likely, by line or day, by the NCCI limits of the date of service."""

from collections.abc import Mapping

from detectors.finding import Severity
from detectors.scene import Hit, Pattern, Scene
from detectors.stages.provider_claims import answers_for, number_of
from detectors.thresholds import Thresholds

PATTERN = Pattern(
    id="B03",
    title="More units than are medically likely",
    version=1,
    level="high",
    levels=("low", "medium", "high"),
    stage="provider",
    window="date of service",
    needs=("unit limits table", "claim.units_indicator"),
    false_positives=(
        "both sides on lines of their own (LT, RT), each held to the limit",
        "milligrams typed for units of a drug: at most medium",
        "minutes of anaesthesia (SV103 MJ), which are not judged",
    ),
    references=("domain.md §2.2 B03", "CMS National Correct Coding Initiative, medically unlikely edits"),
)

_SEVERITY: Mapping[int, Severity] = {1: "low", 2: "high", 3: "medium"}
_OF: Mapping[int, str] = {
    1: "on one line",
    2: "for one patient and day, which no documentation changes",
    3: "for one patient and day, unless documented",
}


def detect(scene: Scene, thresholds: Thresholds) -> Hit | None:
    """Report the gravest limit that the claim passes, together with what was billed before for the day."""
    indicator = number_of(scene, "claim.units_indicator")
    if indicator not in _SEVERITY or not answers_for(scene):
        return None
    billed, code = scene.notes.get("claim.units_billed"), str(scene.notes.get("claim.units_code", ""))
    units = float(billed) if isinstance(billed, int | float) else 0.0
    limit = number_of(scene, "claim.units_limit")
    severity = _SEVERITY[indicator]
    if code.startswith(thresholds.claims.units_drug_prefix) and severity == "high":
        severity = "medium"
    return Hit(
        severity,
        f"{units:g} units of {code} are billed; more than {limit} are not likely {_OF[indicator]}.",
        features={"units": units, "limit": float(limit), "indicator": float(indicator)},
    )
