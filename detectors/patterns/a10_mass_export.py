"""A10, mass export: more records leave the system than the role needs, or a breach's worth at once."""

from detectors.events import AccessEvent
from detectors.finding import Severity
from detectors.gate import noted
from detectors.scene import Hit, Pattern, Scene
from detectors.thresholds import Thresholds

PATTERN = Pattern(
    id="A10",
    title="Mass export, print or download",
    version=2,
    level="high",
    levels=("medium", "high", "critical"),
    stage="user",
    window="24 hours and 30 days",
    needs=("volume.records", "at least ten peers"),
    false_positives=(
        "release of information, and reports: held against their own role",
        "research, release of information and administration, where the source gives that reason by its code: medium",
    ),
    references=("domain.md §3.3 A10", "45 CFR 164.408, breaches of 500 or more"),
    gate=noted("user.records_out_24h"),
)


TASK = "T7"
"""The template of a task in a work queue (domain.md §3.2)."""

EXCUSES = {
    "HRESCH": "research",
    "CLINTRCH": "research",
    "BIORCH": "research",
    "TRANSRCH": "research",
    "PATRQST": "release of information",
    "FAMRQT": "release of information",
    "PWATRNY": "release of information",
    "HLEGAL": "release of information",
    "HSYSADMIN": "administration",
    "RECORDMGT": "administration",
    "HCOMPL": "administration",
    "HACCRED": "administration",
}
"""Reasons (HL7 v3-ActReason) for which many records rightly leave, and what they are. General ones, such as operations
(HOPERAT) or treatment, are stamped on any event and excuse nothing; nor does a text, which anybody can type."""


def detect(scene: Scene, thresholds: Thresholds) -> Hit | None:
    """Judge one export by itself, then what left in 24 hours and 30 days against others of the role.

    A reason of the list, or a task in a queue, lowers it by a level. It is somebody's word, so it never silences, and
    it does not count where the records leave the house.
    """
    access, notes, limits = scene.data, scene.notes, thresholds.accounts
    if not isinstance(access, AccessEvent) or "user.records_out_24h" not in notes:
        return None
    records = access.volume.records if access.volume else 0
    excuse = _excuse(access, scene)
    if records > limits.export_records:
        said, window = f"{records:,} records left the system at once, and {_word(access, excuse)}", ""
    else:
        said, window = _beyond_role(scene, thresholds), f"{int(scene.time // 86_400)}"
        if said and excuse:
            said += f", and {_word(access, excuse)}"
    if not said:
        return None
    ways = _ways_out(access, scene, thresholds)
    severity: Severity = "critical" if ways else "medium" if excuse else "high"
    return Hit(
        severity,
        f"{said}{', ' + ' and '.join(ways) if ways else ''}.",
        window=window and f"{window}:{severity}",
        features={"records": float(records)},
    )


def _excuse(access: AccessEvent, scene: Scene) -> str:
    """Return what explains that many records leave: a reason by its code, or a task in a work queue."""
    reason = EXCUSES.get(access.purpose.code, "") if access.purpose is not None else ""
    templates = scene.notes.get("rel.templates")
    return reason or ("a task in a work queue" if isinstance(templates, list) and TASK in templates else "")


def _word(access: AccessEvent, excuse: str) -> str:
    if excuse:
        return f"the reason given is {excuse}"
    if access.purpose is not None and (access.purpose.code or access.purpose.text_present):
        return "the reason given explains no export"
    return "no reason was given"


def _beyond_role(scene: Scene, thresholds: Thresholds) -> str:
    limits, notes = thresholds.accounts, scene.notes
    for name, least, what in (
        ("records_out_24h", limits.export_least, "records in 24 hours"),
        ("bytes_out_24h", limits.export_least_bytes, "bytes in 24 hours"),
        ("records_out_30d", limits.export_least, "records in 30 days"),
    ):
        value, p99 = notes.get(f"user.{name}"), notes.get(f"user.{name}_p99")
        if isinstance(value, int) and isinstance(p99, float) and value >= max(least, limits.export_margin * p99):
            return f"This user moved {value:,} {what} out of the system; 99 % of the role move no more than {p99:,.0f}"
    return ""


def _ways_out(access: AccessEvent, scene: Scene, thresholds: Thresholds) -> list[str]:
    """Return what makes it worse: from outside, to a carrier that leaves the house, shortly before leaving."""
    client, resource, ways = access.client, access.resource, []
    if client is not None and client.ip_class in ("remote", "cloud"):
        ways.append("from outside the house")
    names = (
        f"{client.app if client else ''} {resource.type if resource else ''} {resource.category if resource else ''}"
    )
    if access.action == "transmit" or any(part in names.lower() for part in thresholds.accounts.carriers):
        ways.append("to a carrier that leaves the house")
    if scene.notes.get("staff.leaving"):
        ways.append("by somebody who is leaving")
    return ways
