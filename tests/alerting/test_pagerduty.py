"""The PagerDuty channel against a PagerDuty that behaves as documented."""

import json
from collections.abc import Iterator
from typing import Any, get_args

import pytest
from msgspec import structs

from alerting.channels.api import Failed, Outcome, Retry, Sent
from alerting.channels.pagerduty import PagerDutyChannel, PagerDutyConfig
from alerting.channels.paging import CALMS, IN_PASSING, action_of
from alerting.incidents import FINISHED, Status
from alerting.notification import Told
from alerting.practice.pagerduty import PracticePagerDuty
from alerting.practice.server import Answer, Request
from tests.alerting.building import STATUSES, Clock, PlainSecret, a_notice, a_notification

KEY = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def pagerduty() -> Iterator[PracticePagerDuty]:
    with PracticePagerDuty(KEY) as server:
        yield server


def channel_of(server: PracticePagerDuty, key: str = KEY) -> PagerDutyChannel:
    return PagerDutyChannel(PagerDutyConfig(routing_key=PlainSecret(key), base_url=server.url))


def told(channel: PagerDutyChannel, **fields: Any) -> Outcome:
    return channel.send(channel.compose(a_notice(channel="pagerduty", **fields)))


def test_opening_triggers(pagerduty: PracticePagerDuty) -> None:
    assert told(channel_of(pagerduty)) == Sent("INC-F73K9Q2M")
    (request,) = pagerduty.requests
    assert request.path == "/v2/enqueue"
    assert request.headers["content-type"] == "application/json"
    assert json.loads(request.body) == {
        "routing_key": KEY,
        "event_action": "trigger",
        "dedup_key": "INC-F73K9Q2M",
        "payload": {
            "summary": "[SEV2] INC-F73K9Q2M: case opened",
            "source": "wardwatch",
            "severity": "error",
            "group": "case",
            "custom_details": {
                "status": "new",
                "about": "user",
                "rules": ["A09 Unusual volume of records"],
                "findings": "<11",
                "first_hour": "2026-03-02T09:00:00Z",
                "last_hour": "2026-03-02T11:00:00Z",
                "revision": 1,
            },
        },
        "client": "Wardwatch",
        "client_url": "https://wardwatch.example/incidents/INC-F73K9Q2M",
        "links": [{"href": "https://wardwatch.example/incidents/INC-F73K9Q2M", "text": "Open in Wardwatch"}],
    }


def test_acknowledging_needs_no_payload(pagerduty: PracticePagerDuty) -> None:
    told(channel_of(pagerduty), told="status_changed", status="triaged")
    assert json.loads(pagerduty.requests[0].body) == {
        "routing_key": KEY, "event_action": "acknowledge", "dedup_key": "INC-F73K9Q2M",
    }  # fmt: skip


def test_the_life_of_an_alert(pagerduty: PracticePagerDuty) -> None:
    channel = channel_of(pagerduty)
    told(channel)
    told(channel, told="escalated", severity="SEV1")
    told(channel, told="status_changed", status="triaged")
    told(channel, told="status_changed", status="resolved")
    told(channel, told="status_changed", status="closed")  # dropped: no alert is open
    told(channel, told="reopened", status="investigating")
    first, second = pagerduty.alerts
    assert first.events == ["trigger", "trigger", "acknowledge", "resolve"]
    assert (first.status, second.status, second.events) == ("resolved", "triggered", ["trigger"])


def test_a_later_call_is_an_alert_of_its_own_and_ends_with_the_others(pagerduty: PracticePagerDuty) -> None:
    channel = channel_of(pagerduty)
    told(channel)
    assert told(channel, told="escalation_step", call=2) == Sent("INC-F73K9Q2M.2")
    told(channel, told="escalation_step", call=2)  # the same event once more, as after a crash
    told(channel, told="more_evidence", call=2)
    told(channel, told="status_changed", status="triaged", call=2)
    told(channel, told="status_changed", status="resolved", call=2)
    assert [(alert.dedup_key, alert.events) for alert in pagerduty.alerts] == [
        ("INC-F73K9Q2M", ["trigger", "acknowledge", "resolve"]),
        ("INC-F73K9Q2M.2", ["trigger", "trigger", "trigger", "acknowledge", "resolve"]),
    ]


def test_events_after_one_that_was_not_taken_wait_with_it(pagerduty: PracticePagerDuty) -> None:
    pagerduty.script += [Answer(202), Answer(500)]
    outcome = told(channel_of(pagerduty), told="status_changed", status="resolved", call=3)
    assert outcome == Retry("http 500")
    assert len(pagerduty.requests) == 2


@pytest.mark.parametrize(
    ("severity", "expected"), [("SEV1", "critical"), ("SEV2", "error"), ("SEV3", "warning"), ("SEV4", "info")]
)
def test_severities(pagerduty: PracticePagerDuty, severity: str, expected: str) -> None:
    told(channel_of(pagerduty), severity=severity)
    assert pagerduty.alerts[0].payload["severity"] == expected


@pytest.mark.parametrize(
    "told", ["reminder", "overpayment_due", "answered", "linked", "split", "assigned", "commented"]
)
def test_news_in_passing_wake_nobody_who_is_at_it(told: str) -> None:
    assert action_of(a_notification(told=told, status="investigating")) == "acknowledge"
    assert action_of(a_notification(told=told, status="new")) == "trigger"
    assert action_of(a_notification(told=told, status="closed")) == "resolve"


@pytest.mark.parametrize("told", ["repeated", "overdue", "escalation_step", "unmuted", "breach_due", "nobody_reached"])
def test_news_that_ask_for_somebody(told: str) -> None:
    assert action_of(a_notification(told=told, status="investigating")) == "trigger"


@pytest.mark.parametrize("told", ["overdue", "breach_due", "overpayment_overdue"])
@pytest.mark.parametrize("status", sorted(FINISHED))
def test_a_deadline_asks_for_somebody_though_the_case_is_finished(told: str, status: str) -> None:
    assert action_of(a_notification(told=told, status=status)) == "trigger"


def test_every_reason_to_tell_is_decided_on() -> None:
    """A new one must be put into the right table, or page people by oversight."""
    asking = {"opened", "repeated", "reopened", "escalated", "more_evidence", "overdue", "escalation_step", "unmuted"}
    assert set(get_args(Told)) - CALMS - IN_PASSING == asking | {"breach_due", "overpayment_overdue", "nobody_reached"}


def test_other_services_by_name(pagerduty: PracticePagerDuty) -> None:
    config = PagerDutyConfig(
        routing_key=PlainSecret("f" * 32), named={"privacy": PlainSecret(KEY)}, base_url=pagerduty.url
    )
    channel = PagerDutyChannel(config)
    notice = a_notice(channel="pagerduty")
    assert channel.send(channel.compose(structs.replace(notice, to="privacy"))) == Sent("INC-F73K9Q2M")
    assert channel.send(channel.compose(structs.replace(notice, to="nobody"))) == Failed("no such recipient")
    assert channel.send(channel.compose(notice)) == Failed("http 400")
    assert [alert.dedup_key for alert in pagerduty.alerts] == ["INC-F73K9Q2M"]


def test_more_than_120_events_a_minute_are_refused() -> None:
    clock = Clock()
    with PracticePagerDuty(KEY, clock) as server:
        channel = channel_of(server)
        assert [told(channel) for _ in range(121)] == [Sent("INC-F73K9Q2M")] * 120 + [Retry("http 429", 60.0)]
        clock.advance(60.0)
        assert told(channel) == Sent("INC-F73K9Q2M")


@pytest.mark.parametrize("status", STATUSES)
def test_actions_by_status(status: Status) -> None:
    expected = "resolve" if status in FINISHED else "acknowledge"
    assert action_of(a_notification(told="status_changed", status=status)) == expected


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (Answer(400, {"status": "invalid event", "errors": ["canary"]}), Failed("http 400")),
        (Answer(403), Failed("http 403")),
        (Answer(413), Failed("http 413")),
        (Answer(302, None, {"Location": "https://example.org"}), Failed("http 302")),
        (Answer(408), Retry("http 408")),
        (Answer(429, None, {"Retry-After": "60"}), Retry("http 429", 60.0)),
        (Answer(500), Retry("http 500")),
        (Answer(502), Retry("http 502")),
        (Answer(504, None, {"Retry-After": "soon"}), Retry("http 504")),
        (Answer(hang_up=True), Retry("no connection")),
    ],
)
def test_what_answers_mean(pagerduty: PracticePagerDuty, answer: Answer, expected: Outcome) -> None:
    pagerduty.script.append(answer)
    assert told(channel_of(pagerduty)) == expected


def test_a_wrong_key_and_nobody_there() -> None:
    with PracticePagerDuty(KEY) as server:
        assert told(channel_of(server, "f" * 32)) == Failed("http 400")
        channel = channel_of(server)
    assert told(channel) == Retry("no connection")


@pytest.mark.parametrize(
    "change",
    [
        {"routing_key": "short"},
        {"event_action": "shout"},
        {"dedup_key": "x" * 256},
        {"payload": None},
        {"payload": {"summary": "x", "source": "y"}},
        {"payload": {"summary": "x", "source": "y", "severity": "SEV1"}},
        {"payload": {"summary": "x" * 1025, "source": "y", "severity": "info"}},
        {"payload": {"source": "y", "severity": "info"}},
        {"links": [{"href": "javascript:alert(1)"}]},
        {"event_action": "resolve", "dedup_key": ""},
    ],
)
def test_the_practice_pagerduty_refuses_what_pagerduty_does(
    pagerduty: PracticePagerDuty, change: dict[str, Any]
) -> None:
    good = {
        "routing_key": KEY, "event_action": "trigger", "dedup_key": "k",
        "payload": {"summary": "x", "source": "y", "severity": "info"},
    }  # fmt: skip
    assert _answer(pagerduty, good).status == 202
    assert _answer(pagerduty, good | change).status == 400


def test_the_practice_pagerduty_refuses_large_and_broken_bodies(pagerduty: PracticePagerDuty) -> None:
    assert _answer(pagerduty, {"padding": "x" * 512 * 1024}).status == 413
    assert pagerduty.answer(Request("/v1/enqueue", {}, b"{}")).status == 404
    assert pagerduty.answer(_request(b"{")).status == 400
    assert pagerduty.answer(_request(b"[]")).status == 400


def _request(body: bytes) -> Request:
    return Request("/v2/enqueue", {}, body)


def _answer(server: PracticePagerDuty, event: dict[str, Any]) -> Answer:
    return server.answer(_request(json.dumps(event).encode()))


def test_nothing_shows_the_key(pagerduty: PracticePagerDuty) -> None:
    canary = "canary0123456789canary0123456789"
    channel = channel_of(pagerduty, canary)
    pagerduty.script.append(Answer(400, {"routing_key": canary}))
    shown = [repr(channel), repr(PagerDutyConfig(routing_key=PlainSecret(canary))), repr(told(channel))]
    shown.append(str(channel.compose(a_notice())))
    assert not [text for text in shown if "canary" in text]
