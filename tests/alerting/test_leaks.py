"""Canaries in everything that is PHI or free text: none may leave by any channel, log or error."""

import itertools
import logging
import random
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from alerting.channels import (
    CHANNELS,
    EmailConfig,
    LogConfig,
    OpsgenieConfig,
    PagerDutyConfig,
    SlackConfig,
    TeamsConfig,
    WebhookConfig,
)
from alerting.commands import (
    Acknowledge,
    Assign,
    Close,
    Comment,
    IncidentCommand,
    RecordFindings,
    Reopen,
    Resolve,
)
from alerting.policy import Policy
from alerting.practice.opsgenie import PracticeOpsgenie
from alerting.practice.pagerduty import PracticePagerDuty
from alerting.practice.server import Answer, PracticeServer, Request
from alerting.practice.slack import PracticeSlack
from alerting.practice.teams import PracticeTeams
from alerting.routes import Route
from alerting.sender import Sender
from alerting.store import Store
from alerting.storm import StormLimit
from alerting.transitions import IllegalTransition
from alerting.tripwire import Tripwire
from detectors.finding import EntityType
from tests.alerting.building import MONDAY, Clock, PlainSecret, a_desk, a_finding
from tests.alerting.channels.mail import PASSWORD, USER, mail_server
from tests.services.certificates import Authority

CONSOLE = "http://127.0.0.1:8080"  # as in the demo: an address that the tripwire would stop if it were not ours
CANARY = "canary"
TOKEN, KEY, SECRET = "xoxb-canary-token", "canary0123456789canary0123456789", "canary-secret"


class Receiver(PracticeServer):
    """Takes everything."""

    def answer(self, request: Request) -> Answer:
        return Answer(200)


class Outside:
    """Everything that is outside, and what it got."""

    def __init__(self, stack: ExitStack, folder: Path) -> None:
        self.slack = stack.enter_context(PracticeSlack(TOKEN))
        self.pagerduty = stack.enter_context(PracticePagerDuty(KEY))
        self.opsgenie = stack.enter_context(PracticeOpsgenie(KEY))
        self.teams = stack.enter_context(PracticeTeams(SECRET, itertools.count().__next__))
        self.receiver = stack.enter_context(Receiver())
        authority = Authority(folder)
        self.mailbox, port = stack.enter_context(mail_server(authority.issue("mail", "127.0.0.1"), login=True))
        secret, key = PlainSecret(SECRET), PlainSecret(KEY)
        configs: dict[str, Any] = {
            "slack": SlackConfig(
                token=PlainSecret(TOKEN), channel="C0PRACTICE", base_url=f"{self.slack.url}/api/", pace=0
            ),
            "pagerduty": PagerDutyConfig(routing_key=key, base_url=self.pagerduty.url, pace=0),
            "opsgenie": OpsgenieConfig(api_key=key, base_url=self.opsgenie.url, pace=0),
            "teams": TeamsConfig(url=PlainSecret(self.teams.webhook), pace=0),
            "email": EmailConfig(
                host="127.0.0.1", port=port, ca_file=authority.pem, user=USER, password=PlainSecret(PASSWORD),
                sender="wardwatch@hospital.example", recipient="privacy@hospital.example", clock=lambda: MONDAY,
            ),
            "webhook": WebhookConfig(url=self.receiver.url, secret=secret, clock=lambda: MONDAY),
            "log": LogConfig(),
        }  # fmt: skip
        self.channels = {name: CHANNELS[name](config) for name, config in configs.items()}

    @property
    def requests(self) -> list[Request]:
        servers = (self.slack, self.pagerduty, self.opsgenie, self.teams, self.receiver)
        mails = [Request("mail", {}, bytes(envelope.original_content or b"")) for envelope in self.mailbox.envelopes]
        return [request for server in servers for request in server.requests] + mails


@pytest.fixture
def outside(tmp_path: Path) -> Iterator[Outside]:
    with ExitStack() as stack:
        yield Outside(stack, tmp_path)


def log_everything(caplog: pytest.LogCaptureFixture) -> None:
    """Log from DEBUG on, but for the HTTP client, which monitor.logs keeps quiet, and the mail server, not ours."""
    caplog.set_level(logging.DEBUG)
    for name in ("httpx", "httpcore", "mail"):
        caplog.set_level(logging.WARNING, logger=name)


def test_no_canary_leaves(
    sqlite_store: Store, clock: Clock, outside: Outside, caplog: pytest.LogCaptureFixture
) -> None:
    log_everything(caplog)
    policy = Policy(
        routes=(Route("SEV4", tuple(outside.channels)),),
        titles={"A09": "Unusual volume of records"},
        storm=StormLimit(per_hour=4),
        console_url=CONSOLE,
    )
    desk = a_desk(sqlite_store, clock, policy=policy)
    wire = Tripwire(allowed=(CONSOLE,))
    sender = Sender(desk, outside.channels, clock=clock, source=random.Random(1), tripwire=wire)
    types: tuple[EntityType, ...] = ("patient", "user", "provider", "instrument")
    findings = [
        a_finding(
            detector,
            ref=f"u1:{CANARY}{number}",
            entity_type=types[number % 4],
            severity="critical",
            reasons=[f"{CANARY} Jane Doe opened 212 charts", "SSN 078-05-1120"],
            ground=f"{CANARY}-{number}",
        )
        for number in range(6)
        for detector in ("A09", "B22")
    ]
    recorded = desk.handle(RecordFindings(findings))
    about = {"incident_id": "INC-T0000001", "actor": CANARY, "note": f"{CANARY} MRN 1234567"}
    commands: list[IncidentCommand] = [
        Acknowledge(**about),
        Assign(**about, assignee=f"Dr {CANARY}"),
        Comment(**about),
        Resolve(**about, verdict="benign_explained", reason=f"{CANARY} is her sister"),
        Reopen(**about, reason=f"{CANARY} lied"),
    ]
    for command in commands:
        desk.handle(command)
    with pytest.raises(IllegalTransition) as refused:
        desk.handle(Close(**about))
    for _ in range(3):
        sender.run_once(clock.now)
        clock.advance(61)
    fates = {fate for counts in sqlite_store.outbox().values() for fate in counts}
    assert fates == {"sent"}
    assert len(outside.requests) > 20
    for request in outside.requests:
        body = request.body.replace(KEY.encode(), b"")  # PagerDuty's key travels in the body, by its API
        assert CANARY.encode() not in body
        assert b"Jane" not in body
        assert "1120" not in request.path + body.decode()
    shown = [caplog.text, str(refused.value), repr(findings), repr(recorded), repr(commands)]
    shown += [repr(sqlite_store.incident(incident.id)) for incident in sqlite_store.incidents()]
    shown += [repr(outside.requests), repr(sqlite_store.incidents())]
    assert [text for text in shown if CANARY in text or "Jane" in text] == []
    assert "case opened" in caplog.text


def test_what_providers_answer_is_not_repeated(
    sqlite_store: Store, clock: Clock, outside: Outside, caplog: pytest.LogCaptureFixture
) -> None:
    log_everything(caplog)
    routes = (Route("SEV4", ("slack", "pagerduty", "webhook"), ("log",)),)
    desk = a_desk(sqlite_store, clock, policy=Policy(routes=routes, console_url=CONSOLE))
    wire = Tripwire(allowed=(CONSOLE,))
    sender = Sender(desk, outside.channels, clock=clock, source=random.Random(1), tripwire=wire)
    outside.slack.script.append(Answer(200, {"ok": False, "error": f"no {CANARY}"}))
    outside.pagerduty.script.append(Answer(400, {"errors": [CANARY]}))
    outside.receiver.script.append(Answer(500, {"trace": CANARY}, {"X-Trace": CANARY}))
    desk.handle(RecordFindings([a_finding()]))
    for _ in range(5):
        sender.run_once(clock.now)
        clock.advance(61)
    cases = [sqlite_store.incident(incident.id) for incident in sqlite_store.incidents()]
    timeline = [entry.detail for case in cases if case for entry in case.timeline]
    assert CANARY not in str(timeline)
    assert CANARY not in caplog.text
    assert {detail.get("reason") for detail in timeline} == {None, "unknown_error", "http 400"}
