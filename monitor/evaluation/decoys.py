"""Decoys: ordinary work that looks suspicious. What alerted of them, and how gravely."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

from detectors.finding import SEVERITIES, Severity
from monitor.evaluation.inputs import FoundLike
from monitor.evaluation.report import DecoyReport


def decoy_reports(
    findings: Iterable[FoundLike], scored: Collection[str], decoys: Mapping[str, str]
) -> list[DecoyReport]:
    """Return a report of each decoy, by name.

    Args:
        findings: those that alerted and speak of nothing that was injected: whoever bills phantom visits may do so on
            the day on which fees rise, and what is said of that is no mistake.
        scored: ids of the scored events.
        decoys: name of the decoy by event id.
    """
    events: dict[str, int] = defaultdict(int)
    for event_id, name in decoys.items():
        events[name] += event_id in scored
    alerting: dict[str, list[tuple[str, Severity, str]]] = defaultdict(list)
    for finding in findings:
        decoy = decoys.get(finding.event_id)
        if decoy is not None:
            alerting[decoy].append((finding.event_id, finding.severity, finding.detector))
    return [
        DecoyReport(
            decoy=name,
            events=events[name],
            alerted=len({event_id for event_id, _, _ in alerting[name]}),
            worst=max((severity for _, severity, _ in alerting[name]), key=SEVERITIES.index, default=None),
            detectors=sorted({detector for _, _, detector in alerting[name]}),
        )
        for name in sorted(events)
    ]
