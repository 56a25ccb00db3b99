"""From what people do in PagerDuty to what happens with the case.

A signature proves PagerDuty, not permission: who is in the directory may do what their role may. Whoever is not, may
nothing, though they are on call there; such people are `pagerduty:<id>`. The subject of a case may nothing either, and
is given nothing. Nothing done in PagerDuty ever ends a case: it has no verdict there.
"""

from collections.abc import Callable
from typing import Any

from msgspec import Struct

from alerting.act import Act
from alerting.changing import change
from alerting.command import Command, word_for
from alerting.commands import Acknowledge, Assign, Comment, IncidentCommand
from alerting.incidents import FINISHED, Incident
from alerting.pagerduty.commands import Heard, HearPagerDuty
from alerting.pagerduty.events import Did, PagerDutyEvent
from alerting.pagerduty.rows import incident_of, insert_heard, is_heard
from alerting.people import Person
from alerting.permissions import may
from alerting.refusal import Refused
from alerting.strangers import Stranger, turn_away
from alerting.subjects import subjects_of

PAGERDUTY = "pagerduty"


class _Deed(Struct, frozen=True):
    """Something that was done with the alert of an incident, and who did it."""

    act: Act
    incident: Incident
    event: PagerDutyEvent
    person: Person | None

    @property
    def actor(self) -> str:
        """The work name of who did it."""
        if self.person:
            return self.person.name
        return self.stranger.actor if self.stranger else PAGERDUTY

    @property
    def stranger(self) -> Stranger | None:
        """Who did it, if nobody in the directory did; None where no person did it."""
        return Stranger(PAGERDUTY, self.event.user) if self.event.user and self.person is None else None

    def may(self, action: str) -> bool:
        """Whether who did it may do this to the case."""
        return self.person is not None and may(self.person, action) and not self.is_about(self.person)

    def is_about(self, person: Person) -> bool:
        """Whether the case is about this person."""
        return person.name in subjects_of(self.act.connection, self.act.policy, self.incident)


def hear(act: Act, command: HearPagerDuty) -> Heard:
    """Carry out what was done in PagerDuty, once."""
    if is_heard(act.connection, command.webhook_id):
        return "repeated"
    event = command.event
    incident = incident_of(act.connection, event)
    insert_heard(act.connection, command.webhook_id, event, incident, act.now)
    if incident is None:
        return "unknown"
    answer = _ANSWERS.get(event.did)
    person = act.policy.plan.directory.of_pagerduty(event.user) if event.user else None
    return answer(_Deed(act, incident, event, person)) if answer else "nothing"


def _acknowledged(deed: _Deed) -> Heard:
    """Take the case on; what no person did is the echo of our own event."""
    if not deed.event.user or deed.incident.status != "new":
        return "nothing"
    return _carry_out(deed, Acknowledge(incident_id=deed.incident.id, actor=deed.actor))


def _annotated(deed: _Deed) -> Heard:
    if not deed.event.note.strip():
        return "nothing"
    return _carry_out(deed, Comment(incident_id=deed.incident.id, actor=deed.actor, note=deed.event.note))


def _reassigned(deed: _Deed) -> Heard:
    directory = deed.act.policy.plan.directory
    assignees = [person for user in deed.event.assignees if (person := directory.of_pagerduty(user))]
    if len(assignees) != 1 or deed.incident.status in FINISHED or deed.is_about(assignees[0]):
        return _noted(deed)
    if assignees[0].name == deed.incident.assignee:
        return "nothing"
    return _carry_out(deed, Assign(incident_id=deed.incident.id, actor=deed.actor, assignee=assignees[0].name))


def _resolved(deed: _Deed) -> Heard:
    """Write it down and remind people of the case, which stays as it is; the echo of our own event is nothing."""
    if deed.incident.status in FINISHED:
        return "nothing"
    noted = _written_down(deed)
    deed.act.tell(noted, "reminder")
    return "noted"


def _noted(deed: _Deed) -> Heard:
    if not deed.event.user:
        return "nothing"
    _written_down(deed)
    return "noted"


def _written_down(deed: _Deed) -> Incident:
    note = deed.stranger.remedy if deed.stranger else ""
    return deed.act.note(deed.incident, action=f"pagerduty_{deed.event.did}", actor=deed.actor, note=note)


def _carry_out(deed: _Deed, command: IncidentCommand) -> Heard:
    action = word_for(command)
    if deed.stranger:
        turn_away(deed.act, deed.stranger, action, deed.incident)
        return "refused"
    if deed.may(action):
        try:
            with deed.act.connection.begin_nested():
                change(deed.act, command)
        except Refused:
            pass  # by a rule of the case itself; what was begun is undone
        else:
            return "done"
    deed.act.note(deed.incident, action="refused", actor=deed.actor, detail={"command": action, "by": "pagerduty"})
    deed.act.audit(actor=deed.actor, action=action, outcome="refused", incident=deed.incident.id)
    return "refused"


_ANSWERS: dict[Did, Callable[[_Deed], Heard]] = {
    "acknowledged": _acknowledged,
    "annotated": _annotated,
    "reassigned": _reassigned,
    "delegated": _reassigned,
    "resolved": _resolved,
    "reopened": _noted,
    "unacknowledged": _noted,
    "escalated": _noted,
}

HANDLERS: dict[type[Command[Any]], Callable[[Act, Any], Any]] = {HearPagerDuty: hear}
