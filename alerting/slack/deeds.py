"""Doing to an incident what somebody asked for in Slack: who may, what never, and the command that it is."""

from collections.abc import Callable, Iterable, Mapping

from alerting.act import Act
from alerting.changing import change
from alerting.commands import Acknowledge, Assign, Comment, IncidentCommand, Resolve, StartInvestigation
from alerting.incidents import VERDICT_OCSF, Incident
from alerting.muting.commands import Snooze
from alerting.muting.handling import snooze
from alerting.people import Person
from alerting.permissions import may
from alerting.refusal import Refused
from alerting.slack.asked import Deed
from alerting.slack.buttons import GRAVE
from alerting.slack.modals import SNOOZES
from alerting.subjects import subjects_of

NOT_YOURS = (
    "You cannot do this in Slack. If it should be you, ask a privacy or security officer to do it, "
    "or to give you a role in the response plan."
)
"""For whom the plan does not let and for the subject alike: the answer must not tell somebody that it is about them."""

ALREADY_USED = "This button has been used already; the message shows how the case stands now."

_HOUR = 3600.0
_SECONDS: dict[str, float] = {"1h": _HOUR, "4h": 4 * _HOUR, "1d": 24 * _HOUR, "3d": 72 * _HOUR, "7d": 168 * _HOUR}


class NotTheirs(Refused):
    """The case is about whoever asks. The text does not say so."""

    def __init__(self, incident_id: str, text: str = NOT_YOURS) -> None:
        super().__init__(text)
        self.incident_id = incident_id


def incident_for(act: Act, person: Person, incident_id: str) -> Incident:
    """Return an incident for somebody to work on.

    Raises:
        UnknownIncident: if there is none.
        NotTheirs: if the case is about this person.
    """
    incident = act.incident(incident_id)
    if person.name in subjects_of(act.connection, act.policy, incident):
        raise NotTheirs(incident_id)
    return incident


def check(act: Act, person: Person, incident_id: str, deed: Deed) -> Incident:
    """Return the incident, if this person may do this to it from Slack.

    Raises:
        Refused: if not; the text says what to do instead.
    """
    incident = incident_for(act, person, incident_id)
    if not may(person, deed):
        raise Refused(NOT_YOURS)
    if deed == "resolve" and incident.severity in GRAVE:
        message = (
            f"A case of {incident.severity} is not resolved from Slack: use the console, or "
            f"`wardwatch incidents resolve {incident.id}`."
        )
        raise Refused(message)
    return incident


def do(act: Act, person: Person, incident_id: str, deed: Deed, fields: Mapping[str, str]) -> Incident:
    """Do it.

    Raises:
        Refused: if it may not be, or the status of the incident does not allow it.
    """
    check(act, person, incident_id, deed)
    if deed == "snooze":
        until = act.now + _SECONDS[_choice(fields, "period", SNOOZES)]
        reason = fields.get("reason", "")
        after = snooze(act, Snooze(actor=person.name, incident_id=incident_id, until=until, reason=reason))
        act.audit(actor=person.name, action="snooze", outcome="done", incident=incident_id)
        return after
    return change(act, _COMMANDS[deed](incident_id, person.name, fields))


def _resolve(incident_id: str, actor: str, fields: Mapping[str, str]) -> Resolve:
    chosen = _choice(fields, "verdict", VERDICT_OCSF)
    verdict = next(known for known in VERDICT_OCSF if known == chosen)
    return Resolve(incident_id=incident_id, actor=actor, verdict=verdict, reason=fields.get("reason", ""))


def _comment(incident_id: str, actor: str, fields: Mapping[str, str]) -> Comment:
    note = fields.get("note", "").strip()
    if not note:
        message = "A comment needs a text."
        raise Refused(message)
    return Comment(incident_id=incident_id, actor=actor, note=note)


def _choice(fields: Mapping[str, str], name: str, choices: Iterable[str]) -> str:
    chosen = fields.get(name, "")
    if chosen not in choices:
        message = f"The field for the {name} was left empty."
        raise Refused(message)
    return chosen


_COMMANDS: dict[Deed, Callable[[str, str, Mapping[str, str]], IncidentCommand]] = {
    "acknowledge": lambda incident, actor, _: Acknowledge(incident_id=incident, actor=actor),
    "assign": lambda incident, actor, _: Assign(incident_id=incident, actor=actor, assignee=actor),
    "start_investigation": lambda incident, actor, _: StartInvestigation(incident_id=incident, actor=actor),
    "comment": _comment,
    "resolve": _resolve,
}
