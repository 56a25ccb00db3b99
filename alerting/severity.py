"""How grave an incident is: SEV1 to SEV4 (domain.md §4.4), from the severity and the kind of its findings."""

from typing import Literal, TypeAlias

from detectors.finding import Finding, Kind, Severity

IncidentSeverity: TypeAlias = Literal["SEV1", "SEV2", "SEV3", "SEV4"]

SEVERITIES: tuple[IncidentSeverity, ...] = ("SEV1", "SEV2", "SEV3", "SEV4")
"""From most to least grave, which is also their order as texts: `min` of two is the graver."""

BY_FINDING: dict[Severity, IncidentSeverity] = {
    "critical": "SEV1",
    "high": "SEV2",
    "medium": "SEV3",
    "low": "SEV4",
    "info": "SEV4",
}
""""When unsure treat as the higher" (domain.md §4.4): critical pages at once, high within the hour."""

CEILING_BY_KIND: dict[Kind, IncidentSeverity] = {
    "rule": "SEV1",
    "fused": "SEV2",
    "online": "SEV3",
    "batch": "SEV3",
    "supervised": "SEV3",
}
"""The most that a kind of finding can claim alone: a score is a reason to look, not yet a case to page for."""

CEILING_BY_RULE: dict[str, IncidentSeverity] = {"B05": "SEV2", "B14": "SEV2"}
"""Critical patterns that domain.md §4.4 names under SEV2: an impossible day, an excluded party."""


CEILING_OF_QUEUES: IncidentSeverity = "SEV3"
"""The most that a finding can claim that goes to billing quality or to the data team: nobody is suspected."""


def severity_of(finding: Finding) -> IncidentSeverity:
    """Return the severity that this finding alone gives its incident."""
    return max(
        BY_FINDING[finding.severity],
        CEILING_BY_KIND[finding.kind],
        CEILING_BY_RULE.get(finding.detector, "SEV1"),
        CEILING_OF_QUEUES if finding.queue else "SEV1",
    )


def graver(one: IncidentSeverity, other: IncidentSeverity) -> IncidentSeverity:
    """Return the graver of two."""
    return min(one, other)
