"""Access tokens: read anew, kept while they are good, renewed in time, and never told to anybody."""

import base64
import threading
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from streams.oauth import ClientCredentials, TokenError, TokenFile

SECRET = "hunter2"
Handler = Callable[[httpx.Request], httpx.Response]


class Endpoint:
    """A token endpoint: counts what it is asked, and answers what the test wants."""

    def __init__(self, seconds: object = 100) -> None:
        self.asked: list[httpx.Request] = []
        self.seconds = seconds
        self.failure: httpx.Response | None = None

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        life = {} if self.seconds is None else {"expires_in": self.seconds}
        body = {"access_token": f"token-{len(self.asked)}", "token_type": "Bearer", **life}
        return self.failure or httpx.Response(200, json=body)


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def source(handler: Handler, clock: Clock | None = None, *, secret: str = SECRET) -> ClientCredentials:
    http = httpx.Client(transport=httpx.MockTransport(handler))
    return ClientCredentials("https://id.test/token", "ward watch", secret, http, "kafka", clock or Clock())


def test_a_file_is_read_again_each_time(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("first\n")
    tokens = TokenFile(file)
    assert tokens.token() == "first"
    file.write_text("second")
    assert tokens.token() == "second"


@pytest.mark.parametrize(
    ("content", "why"), [(b"", "one token"), (b"a b", "one token"), (b"\xff", "not ASCII"), (None, "No such file")]
)
def test_a_file_without_a_token_is_an_error_that_names_it(tmp_path: Path, content: bytes | None, why: str) -> None:
    file = tmp_path / "token"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(TokenError, match=why) as raised:
        TokenFile(file).token()
    assert str(file) in str(raised.value)


def test_the_request_is_that_of_the_standard() -> None:
    endpoint = Endpoint()
    source(endpoint, secret="p:%").token()
    (request,) = endpoint.asked
    assert request.method == "POST"
    assert request.content == b"grant_type=client_credentials&scope=kafka"
    assert request.headers["Content-Type"] == "application/x-www-form-urlencoded"
    # RFC 6749, 2.3.1: both parts are form-encoded before they are joined.
    assert request.headers["Authorization"] == "Basic " + base64.b64encode(b"ward+watch:p%3A%25").decode()


def test_a_token_is_kept_for_four_fifths_of_its_life() -> None:
    endpoint, clock = Endpoint(100), Clock()
    tokens = source(endpoint, clock)
    assert [tokens.token(), tokens.token()] == ["token-1", "token-1"]
    clock.now += 79.9
    assert tokens.token() == "token-1"
    clock.now += 0.1
    assert tokens.token() == "token-2"
    assert len(endpoint.asked) == 2


def test_a_life_time_may_be_written_as_text() -> None:
    endpoint = Endpoint("100")
    tokens = source(endpoint)
    assert [tokens.token(), tokens.token()] == ["token-1", "token-1"]


def test_a_token_without_a_life_time_is_used_once() -> None:
    endpoint = Endpoint(None)
    tokens = source(endpoint)
    assert [tokens.token(), tokens.token()] == ["token-1", "token-2"]


def test_while_the_endpoint_fails_the_old_token_serves_to_its_end(caplog: pytest.LogCaptureFixture) -> None:
    endpoint, clock = Endpoint(100), Clock()
    tokens = source(endpoint, clock)
    tokens.token()
    endpoint.failure = httpx.Response(503)
    clock.now += 99
    assert tokens.token() == "token-1"
    assert "http 503" in caplog.text
    assert "token-1" not in caplog.text
    clock.now += 1
    with pytest.raises(TokenError, match="http 503"):
        tokens.token()
    endpoint.failure = None
    assert tokens.token() == f"token-{len(endpoint.asked)}"


def lost(request: httpx.Request) -> httpx.Response:
    message = "no route for hunter2"
    raise httpx.ConnectError(message, request=request)


@pytest.mark.parametrize(
    ("handler", "said"),
    [
        (
            lambda _: httpx.Response(401, json={"error": "invalid_client", "error_description": "hunter2"}),
            "invalid_client",
        ),
        (lambda _: httpx.Response(400, json={"error": "hunter2"}), "http 400"),
        (lambda _: httpx.Response(302, headers={"Location": "https://elsewhere.test/"}), "http 302"),
        (lambda _: httpx.Response(200, text="<html>hunter2"), "no access token"),
        (lambda _: httpx.Response(200, json={"token": "hunter2"}), "no access token"),
        (lost, "ConnectError"),
    ],
)
def test_a_refusal_is_told_without_what_the_endpoint_wrote(handler: Handler, said: str) -> None:
    with pytest.raises(TokenError, match=said) as raised:
        source(handler).token()
    assert "hunter2" not in str(raised.value)
    assert raised.value.__suppress_context__ or raised.value.__context__ is None


def test_clients_in_several_threads_share_one_token() -> None:
    endpoint = Endpoint()
    tokens = source(endpoint)
    got: list[str] = []
    threads = [threading.Thread(target=lambda: got.append(tokens.token())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert got == ["token-1"] * 8


def test_secrets_do_not_show() -> None:
    tokens = source(Endpoint())
    tokens.token()
    assert "hunter2" not in repr(tokens)
    assert "token-1" not in repr(tokens)
