"""What may leave, in words."""

from alerting.incidents import IncidentKind
from alerting.notification import Body, Digest, DigestLine, Notification, Question, Room, Told

KINDS: dict[IncidentKind, str] = {
    "case": "case",
    "rule_storm": "rule storm",
    "tripwire": "stopped notice",
    "notice_failed": "failed notice",
    "nobody_reached": "unanswered escalation",
    "review_overdue": "overdue review",
}
NEWS: dict[Told, str] = {
    "opened": "opened",
    "repeated": "opened, the third or more about the same within 90 days",
    "reopened": "reopened",
    "escalated": "more severe",
    "more_evidence": "more evidence",
    "status_changed": "now",
    "withdrawn": "rests on nothing any more: its findings were withdrawn",
    "overdue": "is overdue",
    "escalation_step": "still waits for somebody",
    "unmuted": "is told again: what held it back has ended",
    "reminder": "waits for you",
    "breach_due": "has a breach deadline near",
    "overpayment_due": "has money to return soon",
    "overpayment_overdue": "has money that should have been returned by now",
    "answered": "has an answer to a question",
    "linked": "is linked to another",
    "split": "was split",
    "nobody_reached": "reached nobody",
    "assigned": "has somebody who is responsible",
    "commented": "has a new comment",
}


def headline(body: Body) -> str:
    """Return one line, such as `[SEV2] INC-F73K9Q2M: case opened`."""
    match body:
        case Notification():
            return _news_line(body)
        case Digest():
            return ENDED[body.ended].format(body.digest_id) if body.ended else _digest_line(body)
        case Question():
            return f"[Wardwatch] {ASKED[body.audience]}"
        case Room():
            return f"[{body.severity}] Room {body.codename}"


def plain(body: Body) -> list[str]:
    """Return everything that is told, as lines of plain text; the last one is the link."""
    match body:
        case Notification():
            return [headline(body), *rule_lines(body), *(f"{name}: {value}" for name, value in facts(body)), body.link]
        case Digest():
            more = [f"and {body.others} more"] if body.others else []
            return [headline(body), *remarks(body), *(digest_line(line) for line in body.lines), *more, body.link]
        case Question():
            span = f"Between {body.first_hour} and {body.last_hour}, whole hours in UTC."
            return [headline(body), span, f"The link can be used once, until {body.expires}.", body.link]
        case Room():
            return [headline(body), body.link]


ASKED = {
    "actor": "Please confirm recent activity of your account",
    "manager": "Please confirm recent activity of somebody whom you lead",
}
"""What a question says first, by who is asked."""


ENDED = {
    "silence": "[Wardwatch] Your silence {} has ended",
    "maintenance": "[Wardwatch] Your maintenance window {} has ended",
}
"""What whoever began it is told first, by its kind."""


def remarks(body: Digest) -> list[str]:
    """Return what stands before the incidents of a digest: of what has ended, how much it held back."""
    if not body.ended:
        return []
    cases = "1 case" if body.incidents == 1 else f"{body.incidents} cases"
    return [f"It held back news of {cases}." if body.incidents else "It held nothing back."]


def _digest_line(body: Digest) -> str:
    return f"[{body.severity}] Digest: {body.incidents} incidents"


def digest_line(line: DigestLine) -> str:
    """Return a line such as `[SEV4] INC-F73K9Q2M new: A09, B05; findings: <11; https://…`."""
    rules = ", ".join(line.rules)
    return f"[{line.severity}] {line.incident_id} {words(line.status)}: {rules}; findings: {line.findings}; {line.link}"


def _news_line(notification: Notification) -> str:
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
    assigned = [("Responsible", notification.assignee)] if notification.assignee else []
    return [
        ("Severity", notification.severity),
        ("Status", words(notification.status)),
        ("About", notification.entity_type or "Wardwatch itself"),
        ("Findings", notification.findings),
        ("First hour", notification.first_hour),
        ("Last hour", notification.last_hour),
        *assigned,
    ]


def words(name: str) -> str:
    """Return a status as people write it: `awaiting_context` is `awaiting context`."""
    return name.replace("_", " ")
