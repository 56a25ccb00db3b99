"""Asking about a case: from the account that acted to an address, and from a question to its link."""

import time
from collections.abc import Callable
from urllib.parse import urlsplit

from alerting.desk import Desk
from alerting.questions.commands import Ask, AskedQuestion
from alerting.questions.contacts import WAYS, Audience, Directory, Way, address_for
from alerting.questions.links import ID_BYTES, Link, question_id_of, token_of
from alerting.questions.rules import Asking
from alerting.refusal import Refused, UnknownIncident
from alerting.subjects import users_of
from monitor.channels import configured
from monitor.failure import Failure
from monitor.key_text import read_key
from monitor.settings import Settings

PATH = "/answers/"
THIS_MACHINE = frozenset({"127.0.0.1", "localhost"})

NEEDED: dict[Way, str] = {"slack": "WARDWATCH_SLACK_TOKEN", "email": "WARDWATCH_EMAIL_HOST"}
"""What configures each way."""

_HOUR = 3600.0


def answer_key(settings: Settings) -> bytes:
    """Return the key of links.

    Raises:
        Failure: where it is not set.
    """
    if settings.answer_key is None:
        raise Failure("WARDWATCH_ANSWER_KEY is not set, and links need it; make one with `openssl rand -hex 32`")
    return read_key(settings.answer_key, 1).key


def ask_about(
    desk: Desk,
    settings: Settings,
    staff: Directory,
    rules: Asking,
    incident_id: str,
    *,
    audience: Audience,
    way: Way | None,
    actor: str,
    random: Callable[[int], bytes],
    clock: Callable[[], float] = time.time,
) -> AskedQuestion:
    """Ask somebody about the activity in a case.

    Raises:
        Refused: if that may not be, or nobody can be reached.
        Failure: where there is no key for links, they would lead to this machine, or no channel is configured.
    """
    key = answer_key(settings)
    if urlsplit(settings.hooks_url).hostname in THIS_MACHINE:
        raise Failure("nobody who is asked can open a link to 127.0.0.1: set WARDWATCH_HOOKS_URL (docs/questions.md)")
    ways = _ways(settings, way)
    way, to = address_for(staff, _account_in(desk, rules, incident_id), audience, way, ways)
    # Whole hours: the message names the hour, and the link must hold until then.
    expires_at = int((clock() + rules.valid_hours * _HOUR) // _HOUR * _HOUR)
    question_id = question_id_of(random(ID_BYTES))
    link = f"{settings.hooks_url.rstrip('/')}{PATH}{token_of(key, Link(question_id, expires_at))}"
    return desk.handle(
        Ask(
            actor=actor,
            incident_id=incident_id,
            question_id=question_id,
            audience=audience,
            channel=way,
            to=to,
            link=link,
            expires_at=expires_at,
        )
    )


def _ways(settings: Settings, way: Way | None) -> tuple[Way, ...]:
    """Return the ways that are configured, where the one that is wanted is among them."""
    ways = tuple(one for one in WAYS if one in configured(settings))
    if way is None and not ways:
        message = f"neither Slack nor email is configured: set {' or '.join(NEEDED.values())} (docs/channels.md)"
        raise Failure(message)
    if way is not None and way not in ways:
        other = f", or ask by {ways[0]}" if ways else ""
        message = f"{way} is not configured, so nobody can be asked by it: set {NEEDED[way]} (docs/channels.md){other}"
        raise Failure(message)
    return ways


def _account_in(desk: Desk, rules: Asking, incident_id: str) -> str:
    """Return the token of the one account that a case is about, if the case may be asked about."""
    with desk.store.reading() as connection:
        case = desk.store.incident(incident_id, max_findings=0)
        users = users_of(connection, case.incident) if case else []
    if case is None:
        message = f"there is no incident {incident_id}"
        raise UnknownIncident(message)
    if refusal := rules.refusal(case.incident):
        raise Refused(refusal)
    entity = case.incident.entity
    if entity is not None and entity.type == "user":
        return entity.ref
    if len(users) != 1:
        message = f"{incident_id} names {len(users)} accounts, and it must be clear whose activity is meant"
        raise Refused(message)
    return users[0]
