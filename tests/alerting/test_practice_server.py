"""The practice servers as servers, and calls that take too long."""

import http.client
import json

import httpx
import pytest

from alerting.channels.api import Retry
from alerting.channels.http import http_client, post
from alerting.practice.server import Answer
from alerting.practice.slack import PracticeSlack

TOKEN = "xoxb-practice-token"


def call(slack: PracticeSlack, method: str, body: object, token: str = TOKEN) -> dict[str, object]:
    connection = http.client.HTTPConnection("127.0.0.1", int(slack.url.rpartition(":")[2]), timeout=5)
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    connection.request("POST", f"/api/{method}", body if isinstance(body, str) else json.dumps(body), headers)
    answer: dict[str, object] = json.loads(connection.getresponse().read())
    connection.close()
    return answer


@pytest.mark.parametrize(
    ("method", "body", "token", "word"),
    [
        ("chat.shout", {}, TOKEN, "unknown_method"),
        ("chat.postMessage", {}, "", "not_authed"),
        ("chat.postMessage", {}, "xoxb-wrong", "invalid_auth"),
        ("chat.postMessage", "{", TOKEN, "invalid_json"),
        ("chat.postMessage", {"text": "x"}, TOKEN, "channel_not_found"),
        ("chat.postMessage", {"channel": "C0PRACTICE"}, TOKEN, "no_text"),
        ("chat.postMessage", {"channel": "C0PRACTICE", "text": "x", "thread_ts": "1.1"}, TOKEN, "thread_not_found"),
        ("chat.update", {"channel": "C0PRACTICE", "text": "x", "ts": "1.1"}, TOKEN, "message_not_found"),
    ],
)
def test_slack_refuses(method: str, body: object, token: str, word: str) -> None:
    with PracticeSlack(TOKEN) as slack:
        assert call(slack, method, body, token) == {"ok": False, "error": word}
        assert slack.messages == []


def test_the_script_comes_first() -> None:
    with PracticeSlack(TOKEN) as slack:
        slack.script.append(Answer(200, {"ok": False, "error": "fatal_error"}))
        post_it = {"channel": "C0PRACTICE", "text": "x"}
        assert call(slack, "chat.postMessage", post_it) == {"ok": False, "error": "fatal_error"}
        assert call(slack, "chat.postMessage", post_it)["ok"] is True
        assert [message.text for message in slack.messages] == ["x"]
        assert len(slack.requests) == 2


def test_a_call_that_takes_too_long() -> None:
    with PracticeSlack(TOKEN) as slack:
        slack.script.append(Answer(delay=30.0))
        impatient = http_client()
        impatient.timeout = httpx.Timeout(0.1)
        assert post(impatient, slack.url, b"{}", {}) == Retry("timeout")


def test_the_timeouts_of_every_call() -> None:
    timeout = http_client().timeout
    assert (timeout.connect, timeout.read) == (3.0, 10.0)
