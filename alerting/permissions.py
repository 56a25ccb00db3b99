"""Which role may give which command; who comes by Slack, a pager or a link is checked against it."""

from alerting.people import Person, Role

WORK_ON_CASES = frozenset(
    {
        "acknowledge", "assign", "assess_risk", "await_context", "close", "comment", "contain", "merge", "remediate",
        "reopen", "resolve", "start_investigation", "suppress",
        "add_evidence", "add_task", "finish_task", "link_incidents", "snooze", "split", "unlink_incidents", "unsnooze",
        "unwatch_incident", "watch_incident",
    }
)  # fmt: skip
DECIDE_ON_MONEY = frozenset({"decide_overpayment", "return_overpayment"})
DECIDE_ON_BREACHES = frozenset({"confirm_breach", "rule_out_breach", "start_notifying", "finish_notifying"})
HOLD_NEWS_BACK = frozenset({"add_silence", "expire_silence"})
ACCOUNT_FOR = frozenset({"give_report", "sign_review"})
KEEP_FOR_COURTS = frozenset({"place_hold", "release_hold"})

MAY: dict[Role, frozenset[str]] = {
    "analyst": WORK_ON_CASES,
    "responder": WORK_ON_CASES | HOLD_NEWS_BACK,
    "security_officer": WORK_ON_CASES | HOLD_NEWS_BACK | ACCOUNT_FOR,
    "supervisor": WORK_ON_CASES | HOLD_NEWS_BACK | DECIDE_ON_MONEY,
    "privacy_officer": (
        WORK_ON_CASES | HOLD_NEWS_BACK | DECIDE_ON_MONEY | DECIDE_ON_BREACHES | ACCOUNT_FOR | KEEP_FOR_COURTS
    ),
    "legal": frozenset({"comment"}) | DECIDE_ON_MONEY | DECIDE_ON_BREACHES | KEEP_FOR_COURTS,
    "operator": frozenset({"acknowledge", "comment"}) | HOLD_NEWS_BACK,
    "auditor": frozenset({"sign_review"}),
}
"""Words for commands (`alerting.command.word_for`) by role; what stands nowhere, nobody may."""


def may(person: Person, action: str) -> bool:
    """Return whether somebody may give a command."""
    return any(action in MAY[role] for role in person.roles)
