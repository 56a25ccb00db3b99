"""The Slack channel against a Slack that behaves as documented: exact calls, threads, errors."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from msgspec import structs

from alerting.channels.api import Failed, Outcome, Retry, Sent
from alerting.channels.slack import SlackChannel, SlackConfig
from alerting.notification import RuleLine
from alerting.practice.server import Answer
from alerting.practice.slack import PracticeSlack
from alerting.practice.slack_blocks import wrong_with
from tests.alerting.building import PlainSecret, a_notice, a_notification, notification_of

TOKEN = "xoxb-practice-token"

BLOCKS = [
    {"type": "header", "text": {"type": "plain_text", "text": "[SEV2] INC-F73K9Q2M: case opened"}},
    {"type": "section", "text": {"type": "mrkdwn", "text": "• A09 Unusual volume of records"}},
    {
        "type": "section",
        "fields": [
            {"type": "mrkdwn", "text": "*Severity*\nSEV2"},
            {"type": "mrkdwn", "text": "*Status*\nnew"},
            {"type": "mrkdwn", "text": "*About*\nuser"},
            {"type": "mrkdwn", "text": "*Findings*\n&lt;11"},
            {"type": "mrkdwn", "text": "*First hour*\n2026-03-02T09:00:00Z"},
            {"type": "mrkdwn", "text": "*Last hour*\n2026-03-02T11:00:00Z"},
        ],
    },
    {
        "type": "actions",
        "elements": [
            {
                "type": "button",
                "text": {"type": "plain_text", "text": "Open in Wardwatch"},
                "url": "https://wardwatch.example/incidents/INC-F73K9Q2M",
            }
        ],
    },
]


@pytest.fixture
def slack() -> Iterator[PracticeSlack]:
    with PracticeSlack(TOKEN) as server:
        yield server


def channel_of(slack: PracticeSlack, token: str = TOKEN, channel: str = "C0PRACTICE") -> SlackChannel:
    return SlackChannel(SlackConfig(token=PlainSecret(token), channel=channel, base_url=f"{slack.url}/api/"))


def told(channel: SlackChannel, *, thread: str = "", **fields: Any) -> Outcome:
    return channel.send(channel.compose(a_notice(thread=thread, **fields)))


def test_the_first_notice_posts_a_message(slack: PracticeSlack) -> None:
    assert told(channel_of(slack)) == Sent("C0PRACTICE/1700000000.000001")
    (request,) = slack.requests
    assert request.path == "/api/chat.postMessage"
    assert request.headers["authorization"] == f"Bearer {TOKEN}"
    assert json.loads(request.body) == {
        "channel": "C0PRACTICE",
        "text": "[SEV2] INC-F73K9Q2M: case opened",
        "blocks": BLOCKS,
        "metadata": {
            "event_type": "wardwatch_notice",
            "event_payload": {
                "incident_id": "INC-F73K9Q2M",
                "notice_id": "0123456789abcdef0123456789abcdef",
                "revision": 1,
            },
        },
        "unfurl_links": False,
        "unfurl_media": False,
    }


def test_later_notices_update_it_and_answer_in_its_thread(slack: PracticeSlack) -> None:
    channel = channel_of(slack)
    told(channel)
    outcome = told(channel, thread="C0PRACTICE/1700000000.000001", told="status_changed", status="triaged", revision=2)
    assert outcome == Sent("C0PRACTICE/1700000000.000002")
    update, answer = (json.loads(request.body) for request in slack.requests[1:])
    assert [request.path for request in slack.requests[1:]] == ["/api/chat.update", "/api/chat.postMessage"]
    assert (update["channel"], update["ts"]) == ("C0PRACTICE", "1700000000.000001")
    assert update["blocks"][2]["fields"][1]["text"] == "*Status*\ntriaged"
    assert answer == {
        "channel": "C0PRACTICE",
        "thread_ts": "1700000000.000001",
        "text": "[SEV2] INC-F73K9Q2M: case now triaged",
    }
    root, reply = slack.messages
    assert (root.updates, reply.thread) == (1, root.ts)
    assert slack.thread(root.ts) == [reply]


@pytest.mark.parametrize(
    ("news", "shown"), [("escalated", True), ("reopened", True), ("more_evidence", False), ("status_changed", False)]
)
def test_escalations_are_shown_outside_the_thread(slack: PracticeSlack, news: str, shown: bool) -> None:
    channel = channel_of(slack)
    told(channel)
    told(channel, thread="C0PRACTICE/1700000000.000001", told=news)
    assert slack.messages[1].broadcast is shown


def test_a_deleted_message_does_not_keep_the_news_out(slack: PracticeSlack) -> None:
    channel = channel_of(slack)
    told(channel)
    slack.script.append(Answer(200, {"ok": False, "error": "message_not_found"}))
    assert isinstance(told(channel, thread="C0PRACTICE/1700000000.000001", told="status_changed"), Sent)
    assert len(slack.messages) == 2


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (Answer(200, {"ok": False, "error": "ratelimited"}), Retry("ratelimited")),
        (Answer(200, {"ok": False, "error": "internal_error"}), Retry("internal_error")),
        (Answer(200, {"ok": False, "error": "fatal_error"}), Retry("fatal_error")),
        (Answer(200, {"ok": False, "error": "service_unavailable"}), Retry("service_unavailable")),
        (Answer(200, {"ok": False, "error": "channel_not_found"}), Failed("channel_not_found")),
        (Answer(200, {"ok": False, "error": "token_revoked"}), Failed("token_revoked")),
        (Answer(200, {"ok": False, "error": "is_archived"}), Failed("is_archived")),
        (Answer(200, {"ok": False, "error": "message_not_found"}), Failed("message_not_found")),
        (Answer(200, {"ok": False, "error": "Jane Doe <jane@example.org>"}), Failed("unknown_error")),
        (Answer(200, {"ok": False}), Failed("unknown_error")),
        (Answer(200, ["no", "object"]), Retry("unreadable answer")),
        (Answer(429, {"ok": False, "error": "ratelimited"}, {"Retry-After": "7"}), Retry("http 429", 7.0)),
        (Answer(429, None), Retry("http 429")),
        (Answer(500, None), Retry("http 500")),
        (Answer(503, {"ok": False}, {"Retry-After": "30"}), Retry("http 503", 30.0)),
        (Answer(404, None), Failed("http 404")),
        (Answer(302, None, {"Location": "http://127.0.0.1:1/"}), Retry("no connection")),
        (Answer(hang_up=True), Retry("no connection")),
    ],
)
def test_what_answers_mean(slack: PracticeSlack, answer: Answer, expected: Outcome) -> None:
    slack.script.append(answer)
    assert told(channel_of(slack)) == expected


def test_wrong_settings(slack: PracticeSlack) -> None:
    assert told(channel_of(slack, token="xoxb-other")) == Failed("invalid_auth")
    assert told(channel_of(slack, channel="C0OTHER")) == Failed("channel_not_found")


def test_nobody_there() -> None:
    with PracticeSlack(TOKEN) as slack:
        channel = channel_of(slack)
    assert told(channel) == Retry("no connection")


def test_the_rate_limit_of_one_message_a_second() -> None:
    now = [100.0]
    with PracticeSlack(TOKEN, rate_limited=True, clock=lambda: now[0]) as slack:
        channel = channel_of(slack)
        assert isinstance(told(channel), Sent)
        assert told(channel) == Retry("http 429", 1.0)
        now[0] += 1.0
        assert isinstance(told(channel), Sent)
    assert len(slack.messages) == 2


def test_the_largest_notification_is_far_from_slacks_limits(slack: PracticeSlack) -> None:
    rules = tuple(RuleLine("R" * 64, "& " * 50) for _ in range(10))
    channel = channel_of(slack)
    large: dict[str, Any] = {
        "rules": rules,
        "other_rules": 50,
        "findings": "10000+",
        "kind": "notice_failed",
        "told": "status_changed",
    }
    (call,) = channel.compose(a_notice(status="breach_confirmed", **large)).calls
    assert len(json.dumps(call.body)) < 8_000
    assert isinstance(told(channel, **large), Sent)


def test_titles_cannot_mention_or_link(slack: PracticeSlack) -> None:
    told(channel_of(slack), rules=(RuleLine("A09", "<!channel> & <http://x|y>"),))
    assert slack.messages[0].blocks[1]["text"]["text"] == "• A09 &lt;!channel&gt; &amp; &lt;http://x|y&gt;"


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ({}, "no_text"),
        ({"text": "x" * 40_001}, "msg_too_long"),
        ({"text": "x", "blocks": [{"type": "divider"}] * 51}, "invalid_blocks"),
        ({"text": "x", "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "y" * 3000}}] * 5},
         "msg_blocks_too_long"),
        ({"text": "x", "blocks": [{"type": "header", "text": {"type": "plain_text", "text": "y" * 151}}]},
         "invalid_blocks"),
        ({"text": "x", "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "y" * 3001}}]},
         "invalid_blocks"),
        ({"text": "x", "blocks": [{"type": "section", "fields": [{"type": "mrkdwn", "text": "y"}] * 11}]},
         "invalid_blocks"),
        ({"text": "x", "blocks": [{"type": "actions", "elements": [{"type": "button"}]}]}, "invalid_blocks"),
        ({"text": "x", "blocks": [{"type": "surprise"}]}, "invalid_blocks"),
        ({"text": "x", "blocks": [{"type": "divider"}]}, ""),
    ],
)  # fmt: skip
def test_the_practice_slack_keeps_slacks_limits(body: dict[str, object], word: str) -> None:
    assert wrong_with(body) == word


def test_nothing_shows_the_token(slack: PracticeSlack) -> None:
    channel = channel_of(slack, token="xoxb-canary")
    config = SlackConfig(token=PlainSecret("xoxb-canary"), channel="C0")
    shown = [repr(channel), repr(config), str(vars(config)), repr(told(channel)), repr(slack.requests)]
    shown.append(str(channel.compose(a_notice())))
    assert not [text for text in shown if "canary" in text]


def test_a_notification_is_all_that_a_message_is_made_of(slack: PracticeSlack) -> None:
    channel = channel_of(slack)
    notice = a_notice()
    same = structs.replace(notice, created_at=0.0, due_at=1.0, attempts=9, fallbacks=("x",))
    assert channel.compose(notice) == channel.compose(same)
    assert a_notification() == notification_of(notice)
