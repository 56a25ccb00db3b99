"""`wardwatch channels`: what is configured, and a test notice with what to correct."""

import json
from typing import Any

import pytest

from alerting.channels.api import Failed, Retry
from alerting.practice.opsgenie import PracticeOpsgenie
from alerting.practice.pagerduty import PracticePagerDuty
from alerting.practice.server import Answer, PracticeServer, Request
from alerting.practice.slack import PracticeSlack
from alerting.practice.teams import PracticeTeams
from monitor.channel_trial import PLACES, TEST_TITLE, remedy
from monitor.channels import CONFIGS
from tests.monitor.cli.conftest import Wardwatch

KEY = "canary0123456789canary0123456789"


def test_what_is_configured(wardwatch: Wardwatch) -> None:
    ran = wardwatch(
        "channels", "list", "--json", teams_url="https://canary.example/x", alertmanager_url="http://a:9093"
    )
    rows: list[dict[str, Any]] = json.loads(ran.out)
    assert [row["channel"] for row in rows] == [
        "pagerduty", "opsgenie", "slack", "teams", "email", "webhook", "log", "alertmanager",
    ]  # fmt: skip
    assert [row["channel"] for row in rows if row["configured"]] == ["teams", "log", "alertmanager"]
    assert "canary" not in ran.out
    assert "SEV1 and SEV2, wakes people up" in wardwatch("channels", "list").out


def test_a_test_notice_arrives(wardwatch: Wardwatch) -> None:
    with PracticeTeams("s") as teams:
        ran = wardwatch("channels", "test", "teams", teams_url=teams.webhook)
        assert (ran.code, ran.out) == (0, "The test notice was taken by teams.\n")
        assert TEST_TITLE in teams.requests[0].body.decode()
    with PracticeSlack(KEY) as slack:
        settings = {"slack_token": KEY, "slack_channel": "C0PRACTICE", "slack_url": f"{slack.url}/api/"}
        assert json.loads(wardwatch("channels", "test", "slack", "--json", **settings).out) == {
            "channel": "slack", "arrived": True, "reason": "", "remedy": "",
        }  # fmt: skip


def test_a_pager_is_called_and_called_off(wardwatch: Wardwatch) -> None:
    with PracticePagerDuty(KEY) as pagerduty, PracticeOpsgenie(KEY) as opsgenie:
        wardwatch("channels", "test", "pagerduty", pagerduty_routing_key=KEY, pagerduty_url=pagerduty.url)
        wardwatch("channels", "test", "opsgenie", opsgenie_key=KEY, opsgenie_url=opsgenie.url)
        assert [(alert.events, alert.payload["severity"]) for alert in pagerduty.alerts] == [
            (["trigger", "resolve"], "info")
        ]
        assert [(alert.calls, alert.status) for alert in opsgenie.alerts] == [(["create", "close"], "closed")]


def test_alertmanager_is_tried_too(wardwatch: Wardwatch) -> None:
    class Receiver(PracticeServer):
        def answer(self, request: Request) -> Answer:
            return Answer(200 if request.path == "/api/v2/alerts" else 404)

    with Receiver() as server:
        assert wardwatch("channels", "test", "alertmanager", alertmanager_url=server.url).code == 0
        (alert,) = json.loads(server.requests[0].body)
        assert alert["annotations"]["description"] == f"TEST {TEST_TITLE}"


def test_what_to_correct_is_said(wardwatch: Wardwatch) -> None:
    with PracticeOpsgenie("another") as opsgenie:
        ran = wardwatch("channels", "test", "opsgenie", opsgenie_key=KEY, opsgenie_url=opsgenie.url)
    assert (ran.code, ran.err) == (
        1,
        "wardwatch: the test notice did not arrive by opsgenie (http 401): the service does not accept us; correct "
        "WARDWATCH_OPSGENIE_KEY\n",
    )
    gone = wardwatch("channels", "test", "opsgenie", "--json", opsgenie_key=KEY, opsgenie_url=opsgenie.url)
    assert json.loads(gone.out)["remedy"] == (
        "nothing answers there; correct WARDWATCH_OPSGENIE_URL, the firewall or WARDWATCH_CHANNEL_PROXY"
    )
    assert wardwatch("channels", "test", "teams").err == (
        "wardwatch: the channel teams is not configured; see docs/channels.md for its settings\n"
    )
    assert "there is no channel fax; there are pagerduty," in wardwatch("channels", "test", "fax").err


@pytest.mark.parametrize("reason", ["no connection", "timeout", "http 429", "http 503", "smtp 451", "ratelimited"])
@pytest.mark.parametrize("name", [*CONFIGS, "alertmanager"])
def test_there_is_always_something_to_do(name: str, reason: str) -> None:
    assert "{" not in remedy(name, Retry(reason))
    assert "{" not in remedy(name, Failed(reason))
    assert set(PLACES) == {*CONFIGS, "alertmanager"}


@pytest.mark.parametrize(
    ("settings", "wrong"),
    [
        ({"email_host": "smtp.example"}, ["WARDWATCH_EMAIL_FROM", "WARDWATCH_EMAIL_TO"]),
        ({"email_host": "h", "email_from": "Ana <a@b>", "email_to": "a@b"}, ["WARDWATCH_EMAIL_FROM"]),
        ({"email_user": "u"}, ["WARDWATCH_EMAIL_PASSWORD"]),
        ({"email_ca": "/nowhere.pem"}, ["WARDWATCH_EMAIL_CA"]),
        ({"email_ca": __file__}, ["WARDWATCH_EMAIL_CA"]),
        ({"pagerduty_routing_key": KEY, "pagerduty_keys": KEY}, ["WARDWATCH_PAGERDUTY_KEYS"]),
        ({"pagerduty_keys": f"a={KEY}"}, ["WARDWATCH_PAGERDUTY_ROUTING_KEY"]),
        ({"teams_url": "https://x.example/1", "teams_urls": "a=1,a=2"}, ["WARDWATCH_TEAMS_URLS"]),
        ({"teams_urls": "a=https://x.example/1"}, ["WARDWATCH_TEAMS_URL"]),
    ],
)
def test_settings_that_do_not_fit(wardwatch: Wardwatch, settings: dict[str, str], wrong: list[str]) -> None:
    ran = wardwatch("channels", "list", **settings)
    assert ran.code == 2
    assert [line.split(":")[0].strip() for line in ran.err.splitlines()[1:]] == wrong
    assert "canary" not in ran.err
