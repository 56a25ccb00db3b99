"""A10, mass export: more records leave the system than the role needs, or a breach's worth at once."""

from detectors.events import AccessEvent
from detectors.gate import noted
from detectors.scene import Hit, Pattern, Scene
from detectors.thresholds import Thresholds

PATTERN = Pattern(
    id="A10",
    title="Mass export, print or download",
    version=1,
    level="high",
    stage="user",
    window="24 hours and 30 days",
    needs=("volume.records", "at least ten peers"),
    false_positives=(
        "release of information, and reports: held against their own role",
        "research with a ticket, where the source says that a reason was given",
    ),
    references=("domain.md §3.3 A10", "45 CFR 164.408, breaches of 500 or more"),
    gate=noted("user.records_out_24h"),
)


def detect(scene: Scene, thresholds: Thresholds) -> Hit | None:
    """Judge one export by itself, then what left in 24 hours and 30 days against others of the role."""
    access, notes, limits = scene.data, scene.notes, thresholds.accounts
    if not isinstance(access, AccessEvent) or "user.records_out_24h" not in notes:
        return None
    records = access.volume.records if access.volume else 0
    has_ticket = access.purpose is not None and access.purpose.text_present
    if records > limits.export_records and not has_ticket:
        said = f"{records:,} records left the system at once, and no reason was given"
        window = ""
    else:
        said = _beyond_role(scene, thresholds, has_ticket=has_ticket)
        window = f"{int(scene.time // 86_400)}"
    if not said:
        return None
    ways = _ways_out(access, scene, thresholds)
    return Hit(
        "critical" if ways else "high",
        f"{said}{', ' + ' and '.join(ways) if ways else ''}.",
        window=window and f"{window}:{'critical' if ways else 'high'}",
        features={"records": float(records)},
    )


def _beyond_role(scene: Scene, thresholds: Thresholds, *, has_ticket: bool) -> str:
    limits, notes = thresholds.accounts, scene.notes
    if has_ticket:
        return ""
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
