"""What `/wardwatch` answers: what a notification may show, and nothing else."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice

from alerting.act import Act
from alerting.channels.text import digest_line, plain
from alerting.incidents import Incident
from alerting.notification import DigestLine, notification
from alerting.people import Person
from alerting.refusal import Refused
from alerting.routing.router import Router
from alerting.slack.deeds import NOT_YOURS, NotTheirs, do, incident_for
from alerting.store.incident_rows import page_of_incidents
from alerting.subjects import subjects_of

SHOWN = 10
LOOKED_AT = 50

HELP = """\
`/wardwatch list` the newest open cases
`/wardwatch show ID` one case
`/wardwatch ack ID` say that you have seen it
`/wardwatch oncall` who is on call
`/wardwatch help` this text"""


def answer_to(act: Act, person: Person, text: str) -> str:
    """Return the answer to a command.

    Raises:
        Refused: if what it asks for may not be.
    """
    word, about, *_ = (*text.split(), "", "")
    answer = _WORDS.get(word.lower())
    if answer is None:
        return HELP
    if not person.roles:
        raise Refused(NOT_YOURS)
    return answer(act, person, about.upper())


def _list(act: Act, person: Person, _rest: str) -> str:
    found = page_of_incidents(act.connection, (), only_open=True, limit=LOOKED_AT, after=None)
    theirs = (one for one in found if person.name not in subjects_of(act.connection, act.policy, one))
    lines = [digest_line(_line(act, incident)) for incident in islice(theirs, SHOWN)]
    return "\n".join(lines) or "There are no open cases."


def _line(act: Act, incident: Incident) -> DigestLine:
    shown = notification(incident, "status_changed", act.policy.all_titles, act.policy.console_url)
    return DigestLine(
        incident_id=shown.incident_id,
        severity=shown.severity,
        status=shown.status,
        rules=tuple(rule.id for rule in shown.rules),
        findings=shown.findings,
        link=shown.link,
    )


@contextmanager
def _as_if_it_were_not(incident_id: str) -> Iterator[None]:
    """Answer the subject of a case in the words for a case that is not there: two answers together would tell."""
    try:
        yield
    except NotTheirs:
        raise NotTheirs(incident_id, f"there is no incident {incident_id}") from None


def _show(act: Act, person: Person, incident_id: str) -> str:
    with _as_if_it_were_not(incident_id):
        incident = incident_for(act, person, incident_id)
    act.audit(actor=person.name, action="look", outcome="done", incident=incident.id)
    return "\n".join(plain(notification(incident, "status_changed", act.policy.all_titles, act.policy.console_url)))


def _acknowledge(act: Act, person: Person, incident_id: str) -> str:
    with _as_if_it_were_not(incident_id):
        after = do(act, person, incident_id, "acknowledge", {})
    return f"{after.id} is {after.status}."


def _on_call(act: Act, _person: Person, _about: str) -> str:
    router = Router(act.connection, act.policy, act.now)
    lines = [f"{one.name}: {router.on_call(one.name) or 'nobody'}" for one in act.policy.plan.schedules]
    return "\n".join(lines) or "The response plan has no schedules."


_WORDS: dict[str, Callable[[Act, Person, str], str]] = {
    "list": _list,
    "show": _show,
    "ack": _acknowledge,
    "oncall": _on_call,
}
