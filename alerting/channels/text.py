"""A notification in words."""

from alerting.incidents import IncidentKind
from alerting.notification import Notification, Told

KINDS: dict[IncidentKind, str] = {
    "case": "case",
    "rule_storm": "rule storm",
    "tripwire": "stopped notice",
    "notice_failed": "failed notice",
}
NEWS: dict[Told, str] = {
    "opened": "opened",
    "reopened": "reopened",
    "escalated": "more severe",
    "more_evidence": "more evidence",
    "status_changed": "now",
    "withdrawn": "rests on nothing any more: its findings were withdrawn",
}


def headline(notification: Notification) -> str:
    """Return one line, such as `[SEV2] INC-F73K9Q2M: case opened`."""
    news = NEWS[notification.told]
    if notification.told == "status_changed":
        news = f"{news} {words(notification.status)}"
    return f"[{notification.severity}] {notification.incident_id}: {KINDS[notification.kind]} {news}"


def rule_lines(notification: Notification) -> list[str]:
    """Return a line for each rule, such as `A09 Unusual volume of records`."""
    lines = [f"{rule.id} {rule.title}" for rule in notification.rules]
    if notification.other_rules:
        lines.append(f"and {notification.other_rules} more")
    return lines


def facts(notification: Notification) -> list[tuple[str, str]]:
    """Return the facts that people see, in order."""
    return [
        ("Severity", notification.severity),
        ("Status", words(notification.status)),
        ("About", notification.entity_type or "Wardwatch itself"),
        ("Findings", notification.findings),
        ("First hour", notification.first_hour),
        ("Last hour", notification.last_hour),
    ]


def words(name: str) -> str:
    """Return a status as people write it: `awaiting_context` is `awaiting context`."""
    return name.replace("_", " ")
