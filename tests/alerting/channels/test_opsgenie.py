"""The Opsgenie channel against an Opsgenie that behaves as documented."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from msgspec import structs

from alerting.channels.api import Failed, Outcome, Retry, Sent
from alerting.channels.opsgenie import OpsgenieChannel, OpsgenieConfig
from alerting.notification import Digest, RuleLine
from alerting.practice.opsgenie import PracticeOpsgenie
from alerting.practice.server import Answer, Request
from alerting.tripwire import Tripwire
from tests.alerting.building import CONSOLE, Clock, PlainSecret, a_notice

KEY = "canary-key"


@pytest.fixture
def opsgenie() -> Iterator[PracticeOpsgenie]:
    with PracticeOpsgenie(KEY, Clock()) as server:
        yield server


def channel_of(server: PracticeOpsgenie, key: str = KEY) -> OpsgenieChannel:
    return OpsgenieChannel(OpsgenieConfig(api_key=PlainSecret(key), base_url=server.url))


def told(channel: OpsgenieChannel, *, to: str = "", **fields: Any) -> Outcome:
    return channel.send(channel.compose(structs.replace(a_notice(channel="opsgenie", **fields), to=to)))


def test_opening_creates(opsgenie: PracticeOpsgenie) -> None:
    assert told(channel_of(opsgenie)) == Sent()
    (request,) = opsgenie.requests
    assert (request.path, request.headers["authorization"]) == ("/v2/alerts", f"GenieKey {KEY}")
    link = f"{CONSOLE}/incidents/INC-F73K9Q2M"
    assert json.loads(request.body) == {
        "message": "[SEV2] INC-F73K9Q2M: case opened",
        "alias": "INC-F73K9Q2M",
        "description": "[SEV2] INC-F73K9Q2M: case opened\nA09 Unusual volume of records\nSeverity: SEV2\nStatus: new\n"
        "About: user\nFindings: <11\nFirst hour: 2026-03-02T09:00:00Z\nLast hour: 2026-03-02T11:00:00Z\n" + link,
        "priority": "P2",
        "source": "wardwatch",
        "entity": "user",
        "tags": ["A09"],
        "details": {
            "severity": "SEV2",
            "status": "new",
            "about": "user",
            "findings": "<11",
            "first hour": "2026-03-02T09:00:00Z",
            "last hour": "2026-03-02T11:00:00Z",
            "revision": "1",
            "link": link,
        },
    }


def test_the_life_of_an_alert(opsgenie: PracticeOpsgenie) -> None:
    channel = channel_of(opsgenie)
    told(channel)
    told(channel, told="escalated", severity="SEV1")
    told(channel, told="status_changed", status="triaged")
    told(channel, told="status_changed", status="resolved")
    told(channel, told="status_changed", status="closed")
    told(channel, told="reopened", status="investigating")
    first, second = opsgenie.alerts
    assert (first.calls, first.status) == (["create", "create", "acknowledge", "close"], "closed")
    assert (second.calls, second.status) == (["create"], "open")
    assert opsgenie.requests[2].path == "/v2/alerts/INC-F73K9Q2M/acknowledge?identifierType=alias"
    assert json.loads(opsgenie.requests[2].body) == {"source": "wardwatch"}


def test_a_later_call_is_an_alert_of_its_own_and_ends_with_the_others(opsgenie: PracticeOpsgenie) -> None:
    channel = channel_of(opsgenie)
    told(channel)
    told(channel, told="escalation_step", call=2)
    told(channel, told="escalation_step", call=2)  # the same call once more, as after a crash
    told(channel, told="status_changed", status="triaged", call=2)
    told(channel, told="status_changed", status="resolved", call=2)
    assert [(alert.alias, alert.calls) for alert in opsgenie.alerts] == [
        ("INC-F73K9Q2M", ["create", "acknowledge", "close"]),
        ("INC-F73K9Q2M.2", ["create", "create", "acknowledge", "close"]),
    ]


def test_calls_after_one_that_was_not_taken_wait_with_it(opsgenie: PracticeOpsgenie) -> None:
    opsgenie.script += [Answer(202), Answer(500)]
    assert told(channel_of(opsgenie), told="status_changed", status="resolved", call=3) == Retry("http 500")
    assert len(opsgenie.requests) == 2


@pytest.mark.parametrize(("severity", "priority"), [("SEV1", "P1"), ("SEV2", "P2"), ("SEV3", "P3"), ("SEV4", "P5")])
def test_priorities(opsgenie: PracticeOpsgenie, severity: str, priority: str) -> None:
    told(channel_of(opsgenie), severity=severity)
    assert opsgenie.alerts[0].body["priority"] == priority


def test_a_team_by_name(opsgenie: PracticeOpsgenie) -> None:
    told(channel_of(opsgenie), to="privacy")
    assert opsgenie.alerts[0].body["responders"] == [{"type": "team", "name": "privacy"}]


def test_the_largest_notification_is_taken(opsgenie: PracticeOpsgenie) -> None:
    rules = tuple(RuleLine("r" * 64, "t" * 100) for _ in range(10))
    assert told(channel_of(opsgenie), rules=rules, other_rules=5, findings="10000+") == Sent()


def test_nobody_is_paged_for_a_digest(opsgenie: PracticeOpsgenie) -> None:
    channel = channel_of(opsgenie)
    digest = Digest(digest_id="DIG-1", severity="SEV4", lines=(), others=2, link=CONSOLE)
    notice = structs.replace(a_notice(channel="opsgenie"), body=digest)
    assert channel.send(channel.compose(notice)) == Failed("nothing to page for")
    assert opsgenie.requests == []


def test_the_limit_of_the_account() -> None:
    clock = Clock()
    with PracticeOpsgenie(KEY, clock) as server:
        channel = channel_of(server)
        assert [told(channel) for _ in range(61)] == [Sent()] * 60 + [Retry("http 429", 60.0)]
        clock.advance(60.0)
        assert told(channel) == Sent()


@pytest.mark.parametrize(
    "change",
    [
        {"message": ""},
        {"message": "x" * 131},
        {"alias": "x" * 513},
        {"description": "x" * 15_001},
        {"priority": "SEV1"},
        {"tags": ["x"] * 21},
        {"tags": ["x" * 51]},
        {"details": {"x": 1}},
        {"details": {"x": "y" * 8_001}},
        {"responders": ["privacy"]},
    ],
)
def test_the_practice_opsgenie_refuses_what_opsgenie_does(opsgenie: PracticeOpsgenie, change: dict[str, Any]) -> None:
    good = {"message": "x", "alias": "INC-1"}
    headers = {"authorization": f"GenieKey {KEY}"}
    assert opsgenie.answer(Request("/v2/alerts", headers, json.dumps(good).encode())).status == 202
    assert opsgenie.answer(Request("/v2/alerts", headers, json.dumps(good | change).encode())).status == 422
    assert opsgenie.answer(Request("/v2/alerts", headers, b"[]")).status == 400
    assert opsgenie.answer(Request("/v1/alerts", headers, b"{}")).status == 404


def test_a_wrong_key(opsgenie: PracticeOpsgenie) -> None:
    assert told(channel_of(opsgenie, "wrong")) == Failed("http 401")


def test_nothing_shows_the_key(opsgenie: PracticeOpsgenie) -> None:
    channel = channel_of(opsgenie)
    message = channel.compose(a_notice(channel="opsgenie"))
    opsgenie.script.append(Answer(403, {"canary": "canary"}))
    assert "canary" not in repr((channel, message, channel.send(message)))
    assert Tripwire(allowed=(CONSOLE,)).patterns_in(message.calls[0].body) == ()
