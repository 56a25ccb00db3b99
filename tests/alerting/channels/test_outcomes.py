"""What every HTTP status means, the same for every channel; and no reason tells more than the status."""

from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import Any

import pytest

from alerting.channels import CHANNELS, OpsgenieConfig, PagerDutyConfig, SlackConfig, TeamsConfig, WebhookConfig
from alerting.channels.alertmanager import AlertmanagerConfig, AlertmanagerPush, HealthAlert
from alerting.channels.api import Failed, Outcome, Retry, Sent
from alerting.practice.server import Answer, PracticeServer, Request
from tests.alerting.building import MONDAY, PlainSecret, a_notice, a_notification

CANARY = PlainSecret("canary")
SENDS = {
    "pagerduty": lambda url: _channel("pagerduty", PagerDutyConfig(routing_key=CANARY, base_url=url)),
    "opsgenie": lambda url: _channel("opsgenie", OpsgenieConfig(api_key=CANARY, base_url=url)),
    "slack": lambda url: _channel("slack", SlackConfig(token=CANARY, channel="CCANARY", base_url=f"{url}/api/")),
    "teams": lambda url: _channel("teams", TeamsConfig(url=PlainSecret(f"{url}/canary"))),
    "webhook": lambda url: _channel("webhook", WebhookConfig(url=f"{url}/canary", secret=CANARY, clock=lambda: MONDAY)),
    "alertmanager": lambda url: _alertmanager(AlertmanagerConfig(url=url, token=CANARY)),
}
TRIED_AGAIN = {408, 425, 429}
STATUSES = [*(status.value for status in HTTPStatus if status.value >= 200), 299, 399, 499, 599]


def _channel(kind: str, config: Any) -> Callable[[], Outcome]:
    channel = CHANNELS[kind](config)
    return lambda: channel.send(channel.compose(a_notice(channel=kind)))


def _alertmanager(config: AlertmanagerConfig) -> Callable[[], Outcome]:
    push = AlertmanagerPush(config)
    storm = HealthAlert(told=a_notification(kind="rule_storm", entity_type=""), began_at=MONDAY, ended_at=None)
    return lambda: push.send(push.compose([storm], MONDAY))


class Provider(PracticeServer):
    """Answers with one status, and repeats what it was told, as some providers do in their errors."""

    status = 200
    headers: dict[str, str] = {}

    def answer(self, request: Request) -> Answer:
        told = {"ok": True, "channel": "C", "ts": "1.1", "canary": repr(request.headers)}
        return Answer(self.status, None if self.status in (204, 205, 304) else told, self.headers)


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with Provider() as server:
        yield server


@pytest.mark.parametrize("kind", SENDS)
def test_every_status(provider: Provider, kind: str) -> None:
    send = SENDS[kind](provider.url)
    meant: dict[int, Outcome] = {}
    expected: dict[int, Outcome] = {}
    for status in STATUSES:
        if kind == "slack" and status < 300:
            continue  # there success is a word in the body, see test_slack.py
        provider.status, provider.headers = status, {}
        meant[status] = send()
        expected[status] = Failed(f"http {status}")
        if status < 300:
            expected[status] = Sent("INC-F73K9Q2M") if kind == "pagerduty" else Sent()
        elif status in TRIED_AGAIN or status >= 500:
            expected[status] = Retry(f"http {status}")
    assert meant == expected
    assert len(meant) > 40


@pytest.mark.parametrize("kind", SENDS)
@pytest.mark.parametrize("header", ["Retry-After", "X-RateLimit-Period-In-Sec"])
def test_who_is_asked_to_wait_waits(provider: Provider, kind: str, header: str) -> None:
    provider.status, provider.headers = 429, {header: "7"}
    assert SENDS[kind](provider.url)() == Retry("http 429", 7.0)


@pytest.mark.parametrize("kind", SENDS)
def test_nobody_there_or_no_answer(kind: str) -> None:
    with Provider() as server:
        send = SENDS[kind](server.url)
        server.script.append(Answer(hang_up=True))
        assert send() == Retry("no connection")
    assert send() == Retry("no connection")


def test_every_channel_that_calls_by_http_is_here() -> None:
    assert set(SENDS) - {"alertmanager"} == set(CHANNELS) - {"email", "log"}
