"""What news mean for an alert that wakes somebody up: it is opened, or somebody is at it, or it is over."""

from typing import Literal, TypeAlias

from alerting.incidents import FINISHED
from alerting.notification import Notification, Told

Action: TypeAlias = Literal["trigger", "acknowledge", "resolve"]

CALMS: frozenset[Told] = frozenset({"status_changed", "withdrawn"})
"""News that somebody works on the incident, or that nothing speaks for it any more: nobody is to be woken up."""
IN_PASSING: frozenset[Told] = frozenset({"reminder", "answered", "linked", "split", "assigned", "commented"})
"""News that wake nobody up, unless nobody has taken the incident on yet."""

DEADLINES: frozenset[Told] = frozenset({"breach_due", "overdue"})
"""News of a time that runs on, or has run out, also when nobody works on the incident any more."""


def action_of(news: Notification) -> Action:
    """Return what to do with the alert of an incident.

    To trigger an alert that is open wakes nobody up again; one that somebody closed at the provider is opened anew.
    """
    if news.status in FINISHED and news.told not in DEADLINES:
        return "resolve"
    if news.told in CALMS or (news.told in IN_PASSING and news.status != "new"):
        return "acknowledge"
    return "trigger"
