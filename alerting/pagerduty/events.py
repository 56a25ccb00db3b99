"""Reading PagerDuty's webhooks, as far as they matter to us.

https://developer.pagerduty.com/docs/webhooks/v3-overview/
"""

import re
from typing import Literal, TypeAlias, get_args

import msgspec
from msgspec import Struct

Did: TypeAlias = Literal[
    "triggered", "acknowledged", "unacknowledged", "escalated", "delegated", "reassigned", "reopened", "annotated",
    "resolved",
]  # fmt: skip
"""What was done with an incident, in PagerDuty's words."""
_DEEDS: dict[str, Did] = {f"incident.{did}": did for did in get_args(Did)}
MAX_NOTE = 4_000
_INCIDENT = re.compile(r"\bINC-[0-9A-Z]+\b")


class PagerDutyEvent(Struct, frozen=True, kw_only=True):
    """One thing that was done with an alert of ours.

    `alert` is PagerDuty's id of its incident, `key` our deduplication key where the webhook has it, `named` what its
    title names as our incident. `user` is the id of the person who did it, empty where no person did. `assignees` are
    ids of people. `note` is free text.
    """

    did: Did
    alert: str
    key: str = ""
    named: str = ""
    user: str = ""
    assignees: tuple[str, ...] = ()
    note: str = ""

    def __repr__(self) -> str:
        return f"<PagerDutyEvent {self.did}>"


class _Reference(Struct):
    id: str = ""
    type: str = ""
    summary: str | None = None


class _Data(Struct):
    """`incident` or `incident_note`; the latter has its incident within."""

    id: str = ""
    incident_key: str | None = None
    title: str | None = None
    content: str | None = None
    incident: _Reference | None = None
    assignees: list[_Reference] | None = None


class _Event(Struct):
    event_type: str
    data: _Data
    agent: _Reference | None = None


class _Webhook(Struct):
    event: _Event


def read_event(body: bytes) -> PagerDutyEvent | None:
    """Return what was done, None for what is of no concern to us.

    Raises:
        ValueError: if it is no webhook of version 3; the text holds nothing of it.
    """
    try:
        event = msgspec.json.decode(body, type=_Webhook).event
    except (msgspec.MsgspecError, UnicodeDecodeError):
        message = "this is no webhook of PagerDuty"
        raise ValueError(message) from None
    did = _DEEDS.get(event.event_type)
    if did is None:
        return None
    data, alert = event.data, event.data.incident
    title = (alert.summary if alert else data.title) or ""
    named = _INCIDENT.search(title)
    return PagerDutyEvent(
        did=did,
        alert=alert.id if alert else data.id,
        key=data.incident_key or "",
        named=named.group() if named else "",
        user=event.agent.id if event.agent and event.agent.type.startswith("user") else "",
        assignees=tuple(person.id for person in data.assignees or ()),
        note=(data.content or "")[:MAX_NOTE],
    )
