"""A case that pages by PagerDuty and is answered there, as a script in virtual time: all that each side sees."""

import hashlib
import hmac
from collections.abc import Iterator
from typing import Any

import pytest

from alerting.channels.pagerduty import PagerDutyChannel, PagerDutyConfig
from alerting.commands import RecordFindings, Resolve, StartInvestigation
from alerting.desk import Desk
from alerting.people import Person
from alerting.plan import Plan
from alerting.policy import Policy
from alerting.practice.pagerduty import PracticePagerDuty
from alerting.routes import Route
from alerting.store import Store, create_schema, open_engine
from monitor.hooks_pagerduty import pagerduty_hook
from monitor.secret import Secret
from monitor.web import Request
from monitor.web import Route as Page
from tests.alerting.building import CONSOLE, Clock, PlainSecret, a_desk, a_finding
from tests.alerting.pagerduty.webhooks import incident, note, user, webhook
from tests.alerting.sending import a_sender

ONE = "INC-T0000001"
KEY = "0123456789abcdef0123456789abcdef"
ANA = Person(name="ana", roles=("responder",), pagerduty="PANA")


class Script:
    """PagerDuty on one side, the desk on the other, and Ana with her telephone."""

    def __init__(self, pagerduty: PracticePagerDuty, desk: Desk, clock: Clock) -> None:
        self.pagerduty, self.desk, self.clock = pagerduty, desk, clock
        channel = PagerDutyChannel(PagerDutyConfig(routing_key=PlainSecret(KEY), base_url=pagerduty.url))
        self._sender = a_sender(desk, {"pagerduty": channel}, clock)
        self._hook: Page = pagerduty_hook(desk, [Secret("s")])
        self._webhooks = 0

    def seconds_pass(self) -> None:
        for _ in range(3):
            self._sender.run_once(self.clock.now)
            self.clock.advance(1)

    def ana(self, did: str, data: dict[str, Any] | None = None) -> bytes:
        """Ana does something in PagerDuty, which tells us."""
        self._webhooks += 1
        body = webhook(f"incident.{did}", data or incident(ONE, title=f"[SEV1] {ONE}: case opened"), user("PANA"))
        signature = hmac.new(b"s", body, hashlib.sha256).hexdigest()
        headers = {"x-pagerduty-signature": f"v1={signature}", "x-webhook-id": f"w{self._webhooks}"}
        answer = self._hook(Request(method="POST", path="/hooks/pagerduty", headers=headers, body=body))
        assert answer.status == 200
        self.seconds_pass()
        return answer.body.strip()

    @property
    def alerts(self) -> list[tuple[str, list[str]]]:
        return [(alert.status, alert.events) for alert in self.pagerduty.alerts]


@pytest.fixture
def store() -> Iterator[Store]:
    engine = open_engine("sqlite://")
    create_schema(engine)
    yield Store(engine)
    engine.dispose()


@pytest.fixture
def script(store: Store) -> Iterator[Script]:
    clock = Clock()
    policy = Policy(routes=(Route("SEV2", ("pagerduty",)),), console_url=CONSOLE, plan=Plan(people=(ANA,)))
    desk = a_desk(store, clock, policy=policy)
    with PracticePagerDuty(KEY, clock) as pagerduty:
        script = Script(pagerduty, desk, clock)
        desk.handle(RecordFindings([a_finding(severity="critical")]))
        script.seconds_pass()
        assert script.alerts == [("triggered", ["trigger"])]
        yield script


def status_of(store: Store) -> str:
    case = store.incident(ONE)
    assert case is not None
    return case.incident.status


def test_a_page_is_answered_and_the_case_closed_here(script: Script, store: Store) -> None:
    assert script.ana("acknowledged") == b'{"heard":"done"}'
    assert status_of(store) == "triaged"
    assert script.alerts == [("acknowledged", ["trigger", "acknowledge"])]
    assert script.ana("annotated", note("her own account", title=f"[SEV1] {ONE}: case opened")) == b'{"heard":"done"}'
    script.desk.handle(StartInvestigation(incident_id=ONE, actor="ana"))
    script.desk.handle(Resolve(incident_id=ONE, actor="ana", verdict="benign_explained", reason="on call"))
    script.seconds_pass()
    assert script.alerts == [("resolved", ["trigger", "acknowledge", "acknowledge", "resolve"])]
    assert script.ana("resolved") == b'{"heard":"nothing"}'  # PagerDuty's echo of our own event
    assert script.alerts == [("resolved", ["trigger", "acknowledge", "acknowledge", "resolve"])]


def test_a_page_that_is_resolved_there_comes_back_until_somebody_takes_it_on(script: Script, store: Store) -> None:
    (alert,) = script.pagerduty.alerts
    alert.status = "resolved"
    assert script.ana("resolved") == b'{"heard":"noted"}'
    assert status_of(store) == "new"
    assert script.alerts == [("resolved", ["trigger"]), ("triggered", ["trigger"])]
    script.ana("acknowledged")
    script.pagerduty.alerts[1].status = "resolved"
    assert script.ana("resolved") == b'{"heard":"noted"}'
    assert status_of(store) == "triaged"  # it goes on, and pages nobody again
    assert script.alerts == [("resolved", ["trigger"]), ("resolved", ["trigger", "acknowledge"])]
