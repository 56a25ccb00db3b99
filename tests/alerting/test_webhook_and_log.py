"""The webhook and the log as channels."""

import hashlib
import hmac
import logging
from collections.abc import Iterator

import httpx
import msgspec
import pytest

from alerting.channels import CHANNELS, LogChannel, LogConfig, WebhookChannel, WebhookConfig
from alerting.channels.api import Failed, Outcome, Retry, Sent
from alerting.channels.http import retry_after
from alerting.practice.server import Answer, PracticeServer, Request
from tests.alerting.building import Clock, PlainSecret, a_notice

SECRET = "test-secret"


class Receiver(PracticeServer):
    """Takes everything."""

    def answer(self, request: Request) -> Answer:
        return Answer(204)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as server:
        yield server


def channel_of(receiver: PracticeServer) -> WebhookChannel:
    return WebhookChannel(WebhookConfig(url=f"{receiver.url}/hook", secret=PlainSecret(SECRET), clock=Clock()))


def told(channel: WebhookChannel) -> Outcome:
    return channel.send(channel.compose(a_notice(channel="webhook")))


def test_the_notification_arrives_signed(receiver: Receiver) -> None:
    assert told(channel_of(receiver)) == Sent()
    (request,) = receiver.requests
    assert msgspec.json.decode(request.body) == {
        "notice_id": "0123456789abcdef0123456789abcdef",
        "notification": {
            "type": "notification",
            "incident_id": "INC-F73K9Q2M",
            "kind": "case",
            "revision": 1,
            "told": "opened",
            "status": "new",
            "severity": "SEV2",
            "entity_type": "user",
            "rules": [{"id": "A09", "title": "Unusual volume of records"}],
            "other_rules": 0,
            "findings": "<11",
            "first_hour": "2026-03-02T09:00:00Z",
            "last_hour": "2026-03-02T11:00:00Z",
            "link": "https://wardwatch.example/incidents/INC-F73K9Q2M",
        },
    }
    assert request.headers["idempotency-key"] == "0123456789abcdef0123456789abcdef"
    # as the documentation tells a receiver to do
    parts = dict(part.split("=", 1) for part in request.headers["wardwatch-signature"].split(","))
    expected = hmac.new(SECRET.encode(), f"{parts['t']}.".encode() + request.body, hashlib.sha256).hexdigest()
    assert parts == {"t": "1772442843", "v1": expected}


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (Answer(200), Sent()),
        (Answer(400), Failed("http 400")),
        (Answer(401), Failed("http 401")),
        (Answer(410), Failed("http 410")),
        (Answer(301, None, {"Location": "http://127.0.0.1/"}), Failed("http 301")),
        (Answer(408), Retry("http 408")),
        (Answer(425), Retry("http 425")),
        (Answer(429, None, {"Retry-After": "3"}), Retry("http 429", 3.0)),
        (Answer(500), Retry("http 500")),
        (Answer(599), Retry("http 599")),
        (Answer(hang_up=True), Retry("no connection")),
    ],
)
def test_what_answers_mean(receiver: Receiver, answer: Answer, expected: Outcome) -> None:
    receiver.script.append(answer)
    assert told(channel_of(receiver)) == expected


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, None),
        ({"Retry-After": "120"}, 120.0),
        ({"Retry-After": " 1 "}, 1.0),
        ({"Retry-After": "-1"}, None),
        ({"Retry-After": "²"}, None),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "Mon, 02 Mar 2026 09:15:00 GMT", "Date": "Mon, 02 Mar 2026 09:14:00 GMT"}, 60.0),
        ({"Retry-After": "Mon, 02 Mar 2026 09:13:00 GMT", "Date": "Mon, 02 Mar 2026 09:14:00 GMT"}, 0.0),
        ({"Retry-After": "Mon, 02 Mar 2026 09:15:00 GMT"}, None),
    ],
)
def test_retry_after(headers: dict[str, str], expected: float | None) -> None:
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    assert retry_after(httpx.Headers(raw)) == expected


def test_while_the_secret_changes_both_sign(receiver: Receiver) -> None:
    config = WebhookConfig(
        url=receiver.url, secret=PlainSecret("new"), previous=PlainSecret(SECRET), clock=Clock(1_700_000_000.0)
    )
    told(WebhookChannel(config))
    (request,) = receiver.requests
    signed = b"1700000000." + request.body
    new, old = (hmac.new(secret, signed, hashlib.sha256).hexdigest() for secret in (b"new", SECRET.encode()))
    assert request.headers["wardwatch-signature"] == f"t=1700000000,v1={new},v1={old}"


def test_nothing_shows_the_secret(receiver: Receiver) -> None:
    config = WebhookConfig(url=receiver.url, secret=PlainSecret("canary"), clock=Clock())
    channel = WebhookChannel(config)
    told(channel)
    shown = [repr(config), repr(channel), str(channel.compose(a_notice())), str(receiver.requests[0].headers)]
    assert not [text for text in shown if "canary" in text]


def test_the_log_takes_one_line(caplog: pytest.LogCaptureFixture) -> None:
    channel = LogChannel(LogConfig())
    with caplog.at_level(logging.INFO, logger="wardwatch.notices"):
        assert channel.send(channel.compose(a_notice(channel="log", other_rules=2))) == Sent()
    assert caplog.messages == [
        "[SEV2] INC-F73K9Q2M: case opened; A09 Unusual volume of records, and 2 more; "
        "https://wardwatch.example/incidents/INC-F73K9Q2M"
    ]


def test_channels_by_kind() -> None:
    assert set(CHANNELS) == {"pagerduty", "opsgenie", "slack", "teams", "email", "webhook", "log"}
    assert CHANNELS["log"](LogConfig()).pace == 0.0
