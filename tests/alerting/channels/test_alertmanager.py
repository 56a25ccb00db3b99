"""The health of Wardwatch, pushed to a real Alertmanager, and when and what is pushed."""

import logging
import time
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import event

from alerting.channels.alertmanager import AlertmanagerConfig, AlertmanagerPush, HealthAlert
from alerting.channels.api import Failed, Message, Outcome, Retry, Sent
from alerting.commands import Acknowledge, RecordFindings, Resolve
from alerting.policy import OWN_TITLES, Policy
from alerting.store import Store
from alerting.store.incident_rows import open_about_wardwatch
from alerting.storm import StormLimit
from alerting.system_health import SystemHealth
from alerting.tripwire import Tripwire
from tests.alerting.building import CONSOLE, MONDAY, Clock, a_desk, a_finding, a_notification
from tests.conftest import skip_or_fail
from tests.services.alertmanager import AlertmanagerServer
from tests.services.child import ServiceMissingError

STORM = "INC-T0000002"


@pytest.fixture(scope="module")
def server() -> Iterator[AlertmanagerServer]:
    try:
        alertmanager = AlertmanagerServer()
    except ServiceMissingError as missing:
        skip_or_fail(missing)
    with alertmanager:
        yield alertmanager


def a_storm(store: Store, clock: Clock) -> Any:
    """A desk with one case, and a rule storm beside it."""
    desk = a_desk(store, clock, policy=Policy(console_url=CONSOLE, storm=StormLimit(per_hour=1)))
    desk.handle(RecordFindings([a_finding(ref=f"u1:{number}", at=clock.now) for number in range(3)]))
    assert [(incident.id, incident.kind) for incident in reversed(store.incidents())] == [
        ("INC-T0000001", "case"), (STORM, "rule_storm"),
    ]  # fmt: skip
    return desk


def health(store: Store, push: Any, clock: Clock) -> SystemHealth:
    titles = {"A09": "Unusual volume of records", **OWN_TITLES}
    wire = Tripwire(allowed=(CONSOLE,))
    return SystemHealth(store, push, titles=titles, console_url=CONSOLE, clock=clock, tripwire=wire)


def test_a_real_alertmanager_shows_it_until_it_ends(sqlite_store: Store, server: AlertmanagerServer) -> None:
    clock = Clock(time.time() - 100)
    desk = a_storm(sqlite_store, clock)
    clock.now = time.time()
    pushing = health(sqlite_store, AlertmanagerPush(AlertmanagerConfig(url=server.url)), clock)
    assert pushing.push_once() == Sent()
    (alert,) = server.alerts()
    assert alert["labels"] == {
        "alertname": "WardwatchRuleStorm", "severity": "critical", "service": "wardwatch", "incident": STORM,
    }  # fmt: skip
    assert alert["annotations"] == {
        "summary": f"[SEV2] {STORM}: rule storm opened",
        "description": "A09 Unusual volume of records",
        "status": "new",
    }
    assert alert["generatorURL"] == f"{CONSOLE}/incidents/{STORM}"
    assert alert["status"]["state"] == "active"
    desk.handle(Acknowledge(incident_id=STORM, actor="ana"))
    assert pushing.push_once() == Sent()
    (alert,) = server.alerts()  # the same one: labels identify, annotations do not
    assert alert["annotations"]["status"] == "triaged"
    desk.handle(Resolve(incident_id=STORM, actor="ana", verdict="false_positive_rule", reason="a bad rule"))
    assert pushing.push_once() == Sent()
    assert server.alerts() == []


def test_a_real_alertmanager_refuses_all_or_nothing(server: AlertmanagerServer) -> None:
    push = AlertmanagerPush(AlertmanagerConfig(url=server.url))
    backwards = HealthAlert(told=a_notification(kind="rule_storm"), began_at=MONDAY, ended_at=MONDAY - 60)
    assert push.send(push.compose([backwards], MONDAY)) == Failed("http 400")
    assert server.alerts() == []


class Recorder:
    """Notes what is pushed, and answers as told."""

    def __init__(self) -> None:
        self.pushed: list[list[tuple[str, float | None]]] = []
        self.answer: Outcome = Sent()
        self._composer = AlertmanagerPush(AlertmanagerConfig(url="http://127.0.0.1:1"))
        self._latest: list[HealthAlert] = []

    def compose(self, alerts: list[HealthAlert], now: float) -> Message:
        self._latest = alerts
        return self._composer.compose(alerts, now)

    def send(self, message: Message) -> Outcome:
        self.pushed.append([(alert.told.incident_id, alert.ended_at) for alert in self._latest])
        return self.answer


def test_times_leave_a_reserve_for_pushes_that_fail(store: Store, clock: Clock) -> None:
    a_storm(store, clock)
    push = AlertmanagerPush(AlertmanagerConfig(url="http://127.0.0.1:1"))
    told = a_notification(kind="rule_storm", incident_id=STORM)
    (call,) = push.compose([HealthAlert(told=told, began_at=MONDAY, ended_at=None)], MONDAY + 60).calls
    assert call.address == {STORM: "2026-03-02T09:14:03Z 2026-03-02T09:19:03Z"}  # a push a minute, four minutes each


def test_it_is_pushed_again_and_again_and_its_end_for_a_quarter_of_an_hour(store: Store, clock: Clock) -> None:
    desk = a_storm(store, clock)
    recorder = Recorder()
    pushing = health(store, recorder, clock)
    for _ in range(2):
        pushing.push_once()
        clock.advance(60)
    desk.handle(Acknowledge(incident_id=STORM, actor="ana"))
    desk.handle(Resolve(incident_id=STORM, actor="ana", verdict="false_positive_rule", reason="a bad rule"))
    ended = clock.now
    for _ in range(20):
        pushing.push_once()
        clock.advance(60)
    assert recorder.pushed == [[(STORM, None)]] * 2 + [[(STORM, ended)]] * 16


def test_cases_are_never_pushed(store: Store, clock: Clock) -> None:
    desk = a_desk(store, clock)
    desk.handle(RecordFindings([a_finding(severity="critical")]))
    recorder = Recorder()
    assert health(store, recorder, clock).push_once() == Sent()
    assert recorder.pushed == []


def test_who_asks_to_be_left_alone_is(store: Store, clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="alerting.system_health")
    a_storm(store, clock)
    recorder = Recorder()
    recorder.answer = Retry("http 429", 120.0)
    pushing = health(store, recorder, clock)
    for _ in range(4):
        pushing.push_once()
        clock.advance(60)
    assert len(recorder.pushed) == 2
    recorder.answer = Sent()
    pushing.push_once()
    assert caplog.messages == ["Alertmanager does not take alerts: http 429", "Alertmanager takes alerts again"]


def test_what_would_trip_the_wire_stays(store: Store, clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    a_storm(store, clock)
    recorder = Recorder()
    titles = {"A09": "call 212-555-0187"}
    pushing = SystemHealth(
        store, recorder, titles=titles, console_url=CONSOLE, clock=clock, tripwire=Tripwire((CONSOLE,))
    )
    assert pushing.push_once() == Sent()
    assert recorder.pushed == []
    assert caplog.messages == ["an alert about Wardwatch was stopped: it holds phone"]


def test_a_hundred_thousand_cases_are_not_looked_through(sqlite_store: Store) -> None:
    with sqlite_store.reading() as connection:
        statements: list[str] = []
        event.listen(connection, "before_cursor_execute", lambda *call: statements.append(call[2]))
        assert open_about_wardwatch(connection) == []
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statements[-1]}").all()
    assert [row[3] for row in plan] == ["SCAN incidents USING INDEX incidents_about_wardwatch"]
