"""Canaries in everything that is PHI or free text: none may leave by any channel, log or error."""

import logging
import random
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from alerting.channels import CHANNELS, LogConfig, PagerDutyConfig, SlackConfig, WebhookConfig
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
from alerting.practice.pagerduty import PracticePagerDuty
from alerting.practice.server import Answer, PracticeServer, Request
from alerting.practice.slack import PracticeSlack
from alerting.routes import Route
from alerting.sender import Sender
from alerting.store import Store
from alerting.storm import StormLimit
from alerting.transitions import IllegalTransition
from alerting.tripwire import Tripwire
from detectors.finding import EntityType
from tests.alerting.building import Clock, PlainSecret, a_desk, a_finding

CONSOLE = "http://127.0.0.1:8080"  # as in the demo: an address that the tripwire would stop if it were not ours
CANARY = "canary"
TOKEN, KEY, SECRET = "xoxb-canary-token", "canary0123456789canary0123456789", "canary-secret"


class Receiver(PracticeServer):
    """Takes everything."""

    def answer(self, request: Request) -> Answer:
        return Answer(200)


class Outside:
    """Everything that is outside, and what it got."""

    def __init__(self, slack: PracticeSlack, pagerduty: PracticePagerDuty, receiver: Receiver) -> None:
        self.slack, self.pagerduty, self.receiver = slack, pagerduty, receiver
        self.channels = {
            "slack": CHANNELS["slack"](
                SlackConfig(token=PlainSecret(TOKEN), channel="C0PRACTICE", base_url=f"{slack.url}/api/", pace=0)
            ),
            "pagerduty": CHANNELS["pagerduty"](
                PagerDutyConfig(routing_key=PlainSecret(KEY), base_url=pagerduty.url, pace=0)
            ),
            "webhook": CHANNELS["webhook"](
                WebhookConfig(url=receiver.url, secret=PlainSecret(SECRET), clock=lambda: 1_772_442_843.0)
            ),
            "log": CHANNELS["log"](LogConfig()),
        }

    @property
    def requests(self) -> list[Request]:
        return [*self.slack.requests, *self.pagerduty.requests, *self.receiver.requests]


@pytest.fixture
def outside() -> Iterator[Outside]:
    with ExitStack() as stack:
        servers = (PracticeSlack(TOKEN), PracticePagerDuty(KEY), Receiver())
        slack, pagerduty, receiver = (stack.enter_context(server) for server in servers)
        assert isinstance(slack, PracticeSlack)
        assert isinstance(pagerduty, PracticePagerDuty)
        assert isinstance(receiver, Receiver)
        yield Outside(slack, pagerduty, receiver)


def log_everything(caplog: pytest.LogCaptureFixture) -> None:
    """Log from DEBUG on, but for the HTTP client, which monitor.logs keeps quiet."""
    caplog.set_level(logging.DEBUG)
    for name in ("httpx", "httpcore"):
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
