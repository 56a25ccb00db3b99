"""Buttons under the message about an incident: what can be done in its status, from Slack."""

from typing import Any

from alerting.incidents import FINISHED, Status
from alerting.notification import Notification
from alerting.severity import IncidentSeverity
from alerting.slack.asked import Deed, value_of

LABELS: dict[Deed, str] = {
    "acknowledge": "Acknowledge",
    "assign": "Assign to me",
    "start_investigation": "Investigate",
    "comment": "Comment…",
    "resolve": "Resolve…",
    "snooze": "Snooze…",
}

RESOLVABLE: frozenset[Status] = frozenset(
    {"triaged", "investigating", "contained", "remediating", "notified", "not_breach"}
)
"""Where `alerting.transitions` lets a case be resolved."""

GRAVE: frozenset[IncidentSeverity] = frozenset({"SEV1", "SEV2"})
"""Not resolved from Slack (domain.md §4.8): a stolen phone must not end a grave case."""


def deeds_for(status: Status, severity: IncidentSeverity) -> list[Deed]:
    """Return what can be done from Slack, most urgent first; with the link at most six, which fit one row."""
    if status in FINISHED:
        return []
    deeds: list[Deed] = []
    if status == "new":
        deeds.append("acknowledge")
    if status in ("triaged", "awaiting_context"):
        deeds.append("start_investigation")
    deeds += ["assign", "comment"]
    if status in RESOLVABLE and severity not in GRAVE:
        deeds.append("resolve")
    return [*deeds, "snooze"]


def buttons(notification: Notification, nonce: str) -> list[dict[str, Any]]:
    """Return the buttons; each carries the id of the incident and the nonce, and nothing else."""
    value = value_of(notification.incident_id, nonce)
    made: list[dict[str, Any]] = [
        {"type": "button", "text": _plain(LABELS[deed]), "action_id": deed, "value": value}
        for deed in deeds_for(notification.status, notification.severity)
    ]
    if made:
        made[0]["style"] = "primary"
    return made


def _plain(text: str) -> dict[str, str]:
    return {"type": "plain_text", "text": text}
