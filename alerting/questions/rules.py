"""What a site allows to be asked. A covert investigation must not warn the one whom it is about."""

from collections.abc import Iterable
from typing import Annotated

from msgspec import Meta, Struct

from alerting.incidents import Incident
from alerting.severity import IncidentSeverity


class Asking(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which cases may be asked about: those of these severities in which none of the rules speaks.

    Grave cases are left out unless the site says otherwise. A link holds for so many hours.
    """

    severities: tuple[IncidentSeverity, ...] = ("SEV3", "SEV4")
    not_for_rules: tuple[str, ...] = ()
    valid_hours: Annotated[float, Meta(gt=0, le=720)] = 72.0

    def refusal(self, incident: Incident) -> str:
        """Return why a case may not be asked about, or an empty text."""
        if not incident.is_open:
            return f"{incident.id} is {incident.status}"
        if incident.severity not in self.severities:
            return f"the response plan allows no questions about cases of {incident.severity}"
        covert = _in_common(incident.rules, self.not_for_rules)
        return f"the response plan allows no questions about cases of {covert}" if covert else ""


def _in_common(rules: Iterable[str], others: Iterable[str]) -> str:
    return next((rule for rule in rules if rule in set(others)), "")
