"""Ten thousand findings at once, through desk, sender and every channel, to providers that enforce their limits.

In virtual time: the clock of desk, sender and providers is the test's.
"""

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pytest

from alerting.channels import (
    CHANNELS,
    Channel,
    EmailConfig,
    OpsgenieConfig,
    PagerDutyConfig,
    SlackConfig,
    TeamsConfig,
    WebhookConfig,
)
from alerting.channels.api import PacedByRecipient
from alerting.commands import RecordFindings
from alerting.desk import Desk
from alerting.policy import Policy
from alerting.practice.opsgenie import PracticeOpsgenie
from alerting.practice.pagerduty import PracticePagerDuty
from alerting.practice.server import Answer, PracticeServer, Request
from alerting.practice.slack import PracticeSlack
from alerting.practice.teams import PracticeTeams
from alerting.routes import Route
from alerting.sender import Sender
from alerting.store import Store, create_schema, open_engine
from alerting.store.schema import OUTBOX
from detectors.finding import Severity
from tests.alerting.building import CONSOLE, Clock, PlainSecret, a_desk, a_finding
from tests.alerting.channels.mail import Mailbox, mail_server
from tests.alerting.sending import a_sender
from tests.services.certificates import Authority

KEY = "0123456789abcdef0123456789abcdef"
PAGERS, QUIET = ("pagerduty", "opsgenie"), ("slack", "teams", "email", "webhook")
RULES: tuple[tuple[str, Severity], ...] = (
    ("B22", "critical"), ("A10", "critical"), ("A09", "high"), ("B05", "high"), ("A13", "medium"), ("A01", "medium"),
    ("B02", "low"), ("A06", "low"),
)  # fmt: skip
PER_RULE = 30
"""Cases that a rule may open in an hour; the rest of its findings are a rule storm."""


class Receiver(PracticeServer):
    """Takes everything."""

    def answer(self, request: Request) -> Answer:
        return Answer(204)


@pytest.fixture
def store() -> Iterator[Store]:
    """A store that waits for no disk."""
    engine = open_engine("sqlite://")
    create_schema(engine)
    yield Store(engine)
    engine.dispose()


@dataclass
class Outside:
    """All providers, and the ways to them."""

    slack: PracticeSlack
    pagerduty: PracticePagerDuty
    opsgenie: PracticeOpsgenie
    teams: PracticeTeams
    receiver: Receiver
    mailbox: Mailbox
    channels: dict[str, Channel]

    @property
    def refused(self) -> dict[str, int]:
        """How often a provider was called too soon."""
        limits = {"pagerduty": self.pagerduty.limit, "opsgenie": self.opsgenie.limit, "teams": self.teams.limit}
        refused = {name: limit.refused for name, limit in limits.items()}
        posted = [call for call in self.slack.requests if call.path.endswith("chat.postMessage")]
        return refused | {"slack": len(posted) - len(self.slack.messages)}

    def told(self) -> dict[str, list[tuple[str, str]]]:
        """Return, by channel, the severity and headline of everything that its provider took, in order."""
        texts = {
            "pagerduty": [alert.payload["summary"] for alert in self.pagerduty.alerts],
            "opsgenie": [alert.body["message"] for alert in self.opsgenie.alerts],
            "slack": [message.text for message in self.slack.messages],
            "teams": [card["body"][0]["text"] for card in self.teams.cards],
            "email": [message.get_content().splitlines()[0] for message in self.mailbox.messages],
        }
        return {name: [(text[1:5], text) for text in told] for name, told in texts.items()}


@contextmanager
def outside(clock: Clock, folder: Path, **pace: Any) -> Iterator[Outside]:
    authority = Authority(folder)
    with ExitStack() as stack:
        slack = stack.enter_context(PracticeSlack("xoxb-t", rate_limited=True, clock=clock))
        pagerduty = stack.enter_context(PracticePagerDuty(KEY, clock))
        opsgenie = stack.enter_context(PracticeOpsgenie(KEY, clock))
        teams = stack.enter_context(PracticeTeams("s", clock))
        receiver = stack.enter_context(Receiver())
        mailbox, port = stack.enter_context(mail_server(authority.issue("mail", "127.0.0.1")))
        secret = PlainSecret(KEY)
        mail: dict[str, Any] = {"host": "127.0.0.1", "port": port, "ca_file": authority.pem, "clock": clock}
        configs: dict[str, Any] = {
            "pagerduty": PagerDutyConfig(routing_key=secret, base_url=pagerduty.url, **pace),
            "opsgenie": OpsgenieConfig(api_key=secret, base_url=opsgenie.url, **pace),
            "slack": SlackConfig(
                token=PlainSecret("xoxb-t"), channel="C0PRACTICE", base_url=f"{slack.url}/api/", **pace
            ),
            "teams": TeamsConfig(url=PlainSecret(teams.webhook), **pace),
            "email": EmailConfig(sender="ward@h.example", recipient="privacy@h.example", **mail),
            "webhook": WebhookConfig(url=receiver.url, secret=secret, clock=clock),
        }
        channels = {name: CHANNELS[name](config) for name, config in configs.items()}
        yield Outside(slack, pagerduty, opsgenie, teams, receiver, mailbox, channels)


def a_busy_desk(store: Store, clock: Clock) -> Desk:
    routes = (Route("SEV2", (*PAGERS, *QUIET)), Route("SEV4", QUIET))
    return a_desk(store, clock, policy=Policy(routes=routes, console_url=CONSOLE))


def a_storm(number: int, at: float, rules: Sequence[tuple[str, Severity]] = RULES) -> list[Any]:
    """Findings of every rule about as many users, in an order of no meaning."""
    findings = [
        a_finding(rule, ref=f"u1:{rule}-{person}", severity=severity, at=at, ground=f"storm-{rule}-{person}")
        for rule, severity in rules
        for person in range(number // len(rules))
    ]
    random.Random(5).shuffle(findings)
    return findings


def send_everything(sender: Sender, store: Store, clock: Clock, step: float) -> None:
    """Let time pass until nothing waits any more."""
    for _ in range(2_000):
        sender.run_once(clock.now)
        clock.advance(step)
        if not any(fates.get("pending") for fates in store.outbox().values()):
            return


def outbox(store: Store) -> list[Any]:
    with store.reading() as connection:
        return list(connection.execute(OUTBOX.select()))


def test_ten_thousand_findings(store: Store, clock: Clock, tmp_path: Path) -> None:
    desk = a_busy_desk(store, clock)
    findings = a_storm(10_000, clock.now)
    for start in range(0, len(findings), 1_000):
        desk.handle(RecordFindings(findings[start : start + 1_000]))

    # No finding is lost: each is part of a case, or of the storm of its rule.
    incidents = store.incidents(limit=10_000)
    kinds = Counter(incident.kind for incident in incidents)
    assert kinds == {"case": PER_RULE * len(RULES), "rule_storm": len(RULES)}
    assert sum(incident.findings for incident in incidents) == 10_000

    waiting = outbox(store)
    with outside(clock, tmp_path) as world:
        send_everything(a_sender(desk, world.channels, clock), store, clock, step=0.5)
        told = world.told()

        # No provider was called too soon.
        assert world.refused == dict.fromkeys(("slack", "pagerduty", "opsgenie", "teams"), 0)
        # No notice is lost, and none is sent twice.
        assert {row.fate for row in outbox(store)} == {"sent"}
        assert Counter(row.attempts for row in outbox(store)) == {1: len(waiting)}
        assert len(outbox(store)) == len(waiting)  # nothing went wrong that an incident would tell of
        everything = {incident.id for incident in incidents}
        grave = {incident.id for incident in incidents if incident.severity <= "SEV2"}
        keys = [request.headers["idempotency-key"] for request in world.receiver.requests]
        assert Counter(keys) == Counter(row.notice_id for row in waiting if row.channel == "webhook")
        assert Counter(alert.dedup_key for alert in world.pagerduty.alerts) == Counter(grave)
        assert Counter(alert.alias for alert in world.opsgenie.alerts) == Counter(grave)
        events = [msgspec.json.decode(request.body) for request in world.pagerduty.requests]
        revisions = Counter((one["dedup_key"], one["payload"]["custom_details"]["revision"]) for one in events)
        assert set(revisions.values()) == {1}
        first_messages = [message for message in world.slack.messages if not message.thread]
        assert Counter(one.metadata["event_payload"]["incident_id"] for one in first_messages) == Counter(everything)
        assert set(Counter(message["Message-ID"] for message in world.mailbox.messages).values()) == {1}
        assert {message["Message-ID"].partition(".")[0][1:] for message in world.mailbox.messages} == everything

    # The gravest first, on every channel.
    for name, news in told.items():
        severities = [severity for severity, _ in news]
        assert severities == sorted(severities), name
        assert len(set(severities)) == (2 if name in PAGERS else 4)


def test_providers_that_are_called_too_soon_lose_nothing(store: Store, clock: Clock, tmp_path: Path) -> None:
    desk = a_busy_desk(store, clock)
    desk.handle(RecordFindings(a_storm(132, clock.now, RULES[:4])))
    waiting = outbox(store)
    with outside(clock, tmp_path, pace=0.0) as world:
        send_everything(a_sender(desk, world.channels, clock), store, clock, step=1.0)
        assert all(refused > 0 for refused in world.refused.values())
        rows = outbox(store)
        assert ({row.fate for row in rows}, len(rows)) == ({"sent"}, len(waiting))
        posted = [one.metadata["event_payload"]["notice_id"] for one in world.slack.messages if one.metadata]
        assert len(set(posted)) == len(posted)
        cards = [card["body"][0]["text"] for card in world.teams.cards]
        assert len(cards) == sum(row.channel == "teams" for row in waiting)


@pytest.mark.parametrize("kind", ["pagerduty", "opsgenie", "slack", "teams"])
def test_every_pace_keeps_its_limit(kind: str) -> None:
    calls, seconds = {"pagerduty": (120, 60), "opsgenie": (60, 60), "slack": (1, 1), "teams": (4, 1)}[kind]
    secret = PlainSecret(KEY)
    configs: dict[str, Any] = {
        "pagerduty": PagerDutyConfig(routing_key=secret),
        "opsgenie": OpsgenieConfig(api_key=secret),
        "slack": SlackConfig(token=secret, channel="C"),
        "teams": TeamsConfig(url=secret),
    }
    channel = CHANNELS[kind](configs[kind])
    pace = channel.recipient_pace if isinstance(channel, PacedByRecipient) else channel.pace
    assert pace >= seconds / calls
