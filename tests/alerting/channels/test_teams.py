"""The Teams channel against a webhook that behaves as documented."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from msgspec import structs

from alerting.channels.api import Failed, Outcome, Retry, Sent
from alerting.channels.teams import TeamsChannel, TeamsConfig
from alerting.notification import Body, Digest, DigestLine, Question
from alerting.practice.server import Answer, Request
from alerting.practice.teams import MAX_BYTES, PracticeTeams
from alerting.tripwire import Tripwire
from tests.alerting.building import CONSOLE, Clock, PlainSecret, a_notice, a_notification

LINK = f"{CONSOLE}/incidents/INC-F73K9Q2M"


@pytest.fixture
def teams() -> Iterator[PracticeTeams]:
    with PracticeTeams("canary-signature", Clock()) as server:
        yield server


def channel_of(server: PracticeTeams, **options: Any) -> TeamsChannel:
    return TeamsChannel(TeamsConfig(url=PlainSecret(server.webhook), **options))


def told(channel: TeamsChannel, body: Body | None = None, to: str = "") -> Outcome:
    notice = structs.replace(a_notice(channel="teams"), to=to, body=body or a_notification())
    return channel.send(channel.compose(notice))


def test_the_card(teams: PracticeTeams) -> None:
    assert told(channel_of(teams)) == Sent()
    (request,) = teams.requests
    assert request.headers["content-type"] == "application/json"
    assert json.loads(request.body) == {
        "type": "message",
        "attachments": [
            {
                "contentType": "application/vnd.microsoft.card.adaptive",
                "content": {
                    "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
                    "type": "AdaptiveCard",
                    "version": "1.4",
                    "body": [
                        {"type": "TextBlock", "text": "[SEV2] INC-F73K9Q2M: case opened", "weight": "Bolder",
                         "size": "Medium", "wrap": True},
                        {"type": "TextBlock", "text": "- A09 Unusual volume of records", "wrap": True},
                        {"type": "FactSet", "facts": [
                            {"title": "Severity", "value": "SEV2"},
                            {"title": "Status", "value": "new"},
                            {"title": "About", "value": "user"},
                            {"title": "Findings", "value": "<11"},
                            {"title": "First hour", "value": "2026-03-02T09:00:00Z"},
                            {"title": "Last hour", "value": "2026-03-02T11:00:00Z"},
                        ]},
                    ],
                    "actions": [{"type": "Action.OpenUrl", "title": "Open in Wardwatch", "url": LINK}],
                },
            }
        ],
    }  # fmt: skip


def test_a_long_digest_stays_below_the_limit(teams: PracticeTeams) -> None:
    line = DigestLine(
        incident_id="INC-F73K9Q2M", severity="SEV4", status="new", rules=("A09",) * 10, findings="<11", link=LINK
    )
    digest = Digest(digest_id="DIG-1", severity="SEV4", lines=(line,) * 500, others=5, link=CONSOLE)
    assert told(channel_of(teams), digest) == Sent()
    shown = [block["text"] for block in teams.cards[0]["body"]]
    assert shown[0] == "[SEV4] Digest: 505 incidents"
    assert shown[-1] == f"and {505 - (len(shown) - 2)} more"
    assert MAX_BYTES / 2 < len(teams.requests[0].body) < MAX_BYTES


def test_a_question(teams: PracticeTeams) -> None:
    question = Question(
        question_id="Q1", audience="manager", link=f"{CONSOLE}/answers/x",
        first_hour="2026-03-02T09:00:00Z", last_hour="2026-03-02T11:00:00Z", expires="2026-03-05T09:00:00Z",
    )  # fmt: skip
    assert told(channel_of(teams), question) == Sent()
    (card,) = teams.cards
    assert card["actions"] == [{"type": "Action.OpenUrl", "title": "Answer", "url": f"{CONSOLE}/answers/x"}]


def test_other_channels_by_name(teams: PracticeTeams) -> None:
    channel = channel_of(teams, named={"privacy": PlainSecret(f"{teams.url}/elsewhere")})
    assert told(channel, to="privacy") == Failed("http 401")  # it was posted to the other webhook
    assert told(channel, to="nobody") == Failed("no such recipient")
    assert [request.path for request in teams.requests] == ["/elsewhere"]


def test_the_older_webhook_says_so_in_its_text(teams: PracticeTeams) -> None:
    class Older(PracticeTeams):
        def answer(self, request: Request) -> Answer:
            return Answer(200, raw=b"Webhook message delivery failed with error: HTTP error 429 with ContextId x")

    with Older("s") as server:
        assert told(channel_of(server)) == Retry("not delivered")


def test_more_than_four_in_a_second_are_refused() -> None:
    clock = Clock()
    with PracticeTeams("s", clock) as server:
        channel = channel_of(server)
        assert [told(channel) for _ in range(5)] == [Sent()] * 4 + [Retry("http 429", 1.0)]
        clock.advance(1.0)
        assert told(channel) == Sent()


@pytest.mark.parametrize(
    "message",
    [
        {"type": "message"},
        {"type": "message", "attachments": [{"contentType": "text/html", "content": {"body": []}}]},
        {"text": "plain"},
    ],
)  # fmt: skip
def test_the_practice_webhook_refuses_what_is_no_card(teams: PracticeTeams, message: dict[str, Any]) -> None:
    path = teams.webhook.removeprefix(teams.url)
    assert teams.answer(Request(path, {}, json.dumps(message).encode())).status == 400
    assert teams.answer(Request(path, {}, b"x" * (MAX_BYTES + 1))).status == 413


def test_nothing_shows_the_address(teams: PracticeTeams) -> None:
    channel = channel_of(teams)
    message = channel.compose(a_notice(channel="teams"))
    teams.script.append(Answer(403, {"canary": "canary"}))
    assert "canary" not in repr((channel, message, channel.send(message)))
    wire = Tripwire(allowed=(CONSOLE,))
    assert wire.patterns_in(message.calls[0].body) == ()
