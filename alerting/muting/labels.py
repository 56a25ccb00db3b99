"""What a case is called by: the values of its labels."""

from collections.abc import Callable, Collection, Mapping, Sequence

from alerting.incidents import Incident
from alerting.muting.matchers import Label
from alerting.people import Team
from detectors.finding import Finding

_OF_INCIDENT: dict[Label, Callable[[Incident], Collection[str]]] = {
    "severity": lambda incident: (incident.severity,),
    "rule": lambda incident: incident.rules,
    "entity_type": lambda incident: (incident.entity.type,) if incident.entity else (),
    "entity": lambda incident: (incident.entity.ref,) if incident.entity else (),
    "queue": lambda incident: (incident.queue,),
    "incident": lambda incident: (incident.id,),
    "kind": lambda incident: (incident.kind,),
}
_OF_FINDING: Mapping[Label, Callable[[Finding], str]] = {
    "source": lambda finding: finding.source or (finding.entity.ref if finding.entity.type == "source" else ""),
    "department": lambda finding: finding.department,
}


class Labels:
    """The labels of one case; findings are asked for only where a label is theirs."""

    def __init__(
        self, incident: Incident, teams: Sequence[Team], findings: Callable[[str], Collection[Finding]]
    ) -> None:
        self.incident = incident
        self._teams = teams
        self._findings = findings
        self._known: dict[Label, frozenset[str]] = {}

    def __call__(self, name: Label) -> frozenset[str]:
        """Return the values of a label."""
        if name not in self._known:
            self._known[name] = frozenset(self._values(name))
        return self._known[name]

    def _values(self, name: Label) -> Collection[str]:
        if of_incident := _OF_INCIDENT.get(name):
            return of_incident(self.incident)
        if of_finding := _OF_FINDING.get(name):
            return {of_finding(finding) for finding in self._findings(self.incident.id)}
        return [team.name for team in self._teams if self.incident.assignee in team.members]
