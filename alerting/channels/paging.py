"""What news mean for alerts that wake somebody up: one is opened, or somebody is at it, or all are over.

Providers know an alert by a key that is ours. The first call about an incident has the incident's id as its key, each
later one an alert and a key of its own (`INC-7F3K9Q2M.2`); all of them are acknowledged and resolved together.
"""

from typing import Literal, TypeAlias

from alerting.incidents import FINISHED
from alerting.notification import Notification, Told

_SEPARATOR = "."
Action: TypeAlias = Literal["trigger", "acknowledge", "resolve"]

CALMS: frozenset[Told] = frozenset({"status_changed", "withdrawn"})
"""News that somebody works on the incident, or that nothing speaks for it any more: nobody is to be woken up."""
IN_PASSING: frozenset[Told] = frozenset(
    {"reminder", "overpayment_due", "answered", "linked", "split", "assigned", "commented"}
)
"""News that wake nobody up, unless nobody has taken the incident on yet."""

DEADLINES: frozenset[Told] = frozenset({"breach_due", "overdue", "overpayment_overdue"})
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


def keys_of(news: Notification, action: Action) -> tuple[str, ...]:
    """Return the keys of the alerts that an action is about: that of the last call, or those of all."""
    first = news.call if action == "trigger" else 1
    return tuple(_key(news.incident_id, call) for call in range(first, news.call + 1))


def incident_of_key(key: str) -> str:
    """Return the id of the incident that a key of ours belongs to.

    >>> incident_of_key("INC-7F3K9Q2M.2"), incident_of_key("INC-7F3K9Q2M")
    ('INC-7F3K9Q2M', 'INC-7F3K9Q2M')
    """
    return key.partition(_SEPARATOR)[0]


def _key(incident_id: str, call: int) -> str:
    return incident_id if call == 1 else f"{incident_id}{_SEPARATOR}{call}"
