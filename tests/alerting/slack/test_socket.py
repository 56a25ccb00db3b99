"""Socket Mode against a socket that behaves as documented: envelopes, acknowledgements, connecting anew."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qsl

import pytest

from alerting.channels.slack import SlackConfig
from alerting.practice.slack import APP_TOKEN, PracticeSlack
from alerting.practice.slack_socket import PracticeSocket
from alerting.slack.asked import Asked, Pressed, Typed, Wrote
from alerting.slack.socket import SlackSocket
from tests.alerting.building import PlainSecret
from tests.alerting.slack import payloads


@pytest.fixture
def slack() -> Iterator[PracticeSlack]:
    with PracticeSlack("xoxb-1") as server, PracticeSocket() as socket:
        server.socket = socket
        yield server


@contextmanager
def listening(
    slack: PracticeSlack, receive: Callable[[Asked], bool], token: str = APP_TOKEN
) -> Iterator[PracticeSocket]:
    config = SlackConfig(token=PlainSecret("xoxb-1"), channel=slack.channel, base_url=f"{slack.url}/api/")
    stop = threading.Event()
    thread = threading.Thread(target=SlackSocket(config, PlainSecret(APP_TOKEN), receive).run, args=(stop,))
    thread.start()
    assert slack.socket is not None
    try:
        yield slack.socket
    finally:
        stop.set()
        thread.join()


def payload(content: bytes) -> Any:
    return json.loads(content)


def test_every_kind_of_request_comes_and_is_acknowledged(slack: PracticeSlack) -> None:
    heard: list[Asked] = []

    def receive(asked: Asked) -> bool:
        heard.append(asked)
        return True

    with listening(slack, receive) as socket:
        socket.push("interactive", payload(payloads.pressed()), "e1")
        assert socket.wait_acknowledged("e1")
        socket.push("slash_commands", dict(parse_qsl(payloads.command("list").decode())), "e2")
        assert socket.wait_acknowledged("e2")
        socket.push("events_api", payload(payloads.answered("asked the manager")), "e3", retry=1)
        assert socket.wait_acknowledged("e3")
        socket.push("interactive", payload(payloads.pressed("open")), "e4")
        socket.push("something_new", {}, "e5")
        socket.push("interactive", {"type": "block_actions"}, "e6")
        assert all(socket.wait_acknowledged(name) for name in ("e4", "e5", "e6"))
    assert [type(asked) for asked in heard] == [Pressed, Typed, Wrote]


def test_what_cannot_be_kept_is_not_acknowledged(slack: PracticeSlack, caplog: pytest.LogCaptureFixture) -> None:
    kept: list[Asked] = []
    broken = threading.Event()

    def receive(asked: Asked) -> bool:
        if not broken.is_set():
            broken.set()
            raise OSError("canary")
        kept.append(asked)
        return True

    with listening(slack, receive) as socket:
        socket.push("interactive", payload(payloads.pressed()), "e1")
        assert broken.wait(20)
        socket.push("interactive", payload(payloads.pressed()), "e1-again", retry=1)
        assert socket.wait_acknowledged("e1-again")
    assert socket.acknowledged == ["e1-again"]
    assert "canary" not in caplog.text
    assert "could not be kept; Slack will send it again: OSError" in caplog.text


def test_it_connects_anew_when_slack_asks_for_it(slack: PracticeSlack) -> None:
    heard: list[Asked] = []
    with listening(slack, lambda asked: not heard.append(asked)) as socket:  # type: ignore[func-returns-value]  # None
        assert socket.wait_connections(1)
        socket.refresh()
        assert socket.wait_connections(2)
        socket.push("interactive", payload(payloads.pressed()), "after")
        assert socket.wait_acknowledged("after")
    assert len(heard) == 1
    opened = [request for request in slack.requests if request.path.endswith("apps.connections.open")]
    assert len(opened) >= 2


def test_a_wrong_token_is_told_without_it(slack: PracticeSlack, caplog: pytest.LogCaptureFixture) -> None:
    stop = threading.Event()
    config = SlackConfig(token=PlainSecret("xoxb-1"), channel="C0", base_url=f"{slack.url}/api/")
    listener = SlackSocket(config, PlainSecret("xapp-canary"), lambda _: True)
    thread = threading.Thread(target=listener.run, args=(stop,))
    thread.start()
    while not caplog.messages:
        stop.wait(0.02)
    stop.set()
    thread.join()
    assert caplog.messages == ["Slack lets nobody listen: not_allowed_token_type"]
    assert "canary" not in caplog.text
