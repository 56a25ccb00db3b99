"""What comes in by HTTP: which methods, which bodies, and that nothing of them comes back."""

import socket
from collections.abc import Iterator
from http import HTTPStatus

import httpx
import pytest

from monitor.web import MAX_BODY, Answer, Request, Route, WebServer, application, text_answer

CANARY = "Marjorie Canary"


class Ears:
    """A route that remembers what it was asked."""

    def __init__(self) -> None:
        self.heard: list[Request] = []

    def __call__(self, request: Request) -> Answer:
        self.heard.append(request)
        return text_answer("heard")


@pytest.fixture
def ears() -> Ears:
    return Ears()


@pytest.fixture
def server(ears: Ears) -> Iterator[WebServer]:
    pages: dict[str, Route] = {"/page": ears, "/both/": ears}

    def broken(request: Request) -> Answer:
        return text_answer(str(1 // len(request.query)))

    posts: dict[str, Route] = {"/hook": ears, "/both/": ears, "/broken": broken}
    with WebServer(application(pages, posts), "127.0.0.1", 0) as web:
        yield web


def spoken(server: WebServer, *lines: str, body: bytes = b"") -> bytes:
    """Say something by hand, end there, and return all of the answer."""
    host, _, port = server.address.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=5) as connection:
        connection.sendall("".join(f"{line}\r\n" for line in (*lines, "")).encode("latin-1") + body)
        connection.shutdown(socket.SHUT_WR)
        heard = b""
        while part := connection.recv(65536):
            heard += part
    return heard


def test_a_request_comes_as_it_was_sent(server: WebServer, ears: Ears) -> None:
    sent = b"payload=%7B%7D&\xff\x00"
    answer = httpx.post(
        f"{server.address}/hook?a=%41&a=b",
        content=sent,
        headers={"X-Slack-Signature": "v0=1", "Content-Type": "application/x-www-form-urlencoded"},
    )
    assert (answer.status_code, answer.text) == (200, "heard\n")
    (request,) = ears.heard
    assert (request.method, request.path, request.query, request.body) == ("POST", "/hook", "a=%41&a=b", sent)
    assert request.headers["x-slack-signature"] == "v0=1"
    assert request.headers["content-type"] == "application/x-www-form-urlencoded"


def test_only_what_takes_posts_is_posted_to(server: WebServer, ears: Ears) -> None:
    refused = httpx.post(f"{server.address}/page", content=b"x")
    assert (refused.status_code, refused.headers["allow"]) == (405, "GET, HEAD")
    refused = httpx.get(f"{server.address}/hook")
    assert (refused.status_code, refused.headers["allow"]) == (405, "POST")
    assert httpx.put(f"{server.address}/hook", content=b"x").status_code == 405
    assert httpx.post(f"{server.address}/nowhere", content=b"x").status_code == 404
    assert ears.heard == []
    assert httpx.get(f"{server.address}/both/one").status_code == 200
    assert httpx.post(f"{server.address}/both/one", content=b"").status_code == 200
    assert [(request.method, request.body) for request in ears.heard] == [("GET", b""), ("POST", b"")]


@pytest.mark.parametrize(
    ("length", "status"),
    [
        ("", HTTPStatus.LENGTH_REQUIRED),
        ("Transfer-Encoding: chunked", HTTPStatus.LENGTH_REQUIRED),
        ("Content-Length: -1", HTTPStatus.BAD_REQUEST),
        ("Content-Length: ten", HTTPStatus.BAD_REQUEST),
        ("Content-Length: \xb2", HTTPStatus.BAD_REQUEST),
        (f"Content-Length: {MAX_BODY + 1}", HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
        (f"Content-Length: {'9' * 5000}", HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
        ("Content-Length: 5", HTTPStatus.REQUEST_TIMEOUT),
    ],
)
def test_bodies_without_an_honest_length_are_refused(
    server: WebServer, ears: Ears, length: str, status: HTTPStatus
) -> None:
    lines = [line for line in ("POST /hook HTTP/1.1", "Host: x", length) if line]
    assert spoken(server, *lines).startswith(f"HTTP/1.0 {status.value} ".encode())
    assert ears.heard == []


def test_a_body_of_the_full_size_is_taken(server: WebServer, ears: Ears) -> None:
    assert httpx.post(f"{server.address}/hook", content=b"x" * MAX_BODY).status_code == 200
    assert len(ears.heard[0].body) == MAX_BODY


def test_nothing_of_a_request_comes_back(server: WebServer, caplog: pytest.LogCaptureFixture) -> None:
    refused = [
        httpx.post(f"{server.address}/{path}", params={"q": CANARY}, content=CANARY.encode(), headers={"X-A": CANARY})
        for path in ("hook", "page", CANARY)
    ]
    broken = httpx.post(f"{server.address}/broken", content=CANARY.encode())
    assert broken.status_code == 500
    for answer in (*refused, broken):
        assert CANARY not in answer.text + str(answer.headers)
    assert CANARY not in caplog.text
    assert CANARY not in repr(Request(method="POST", path=f"/{CANARY}", query=CANARY, body=CANARY.encode()))


def test_a_client_that_dawdles_is_cut_off(ears: Ears) -> None:
    routes: dict[str, Route] = {"/page": ears}
    with WebServer(application(routes), "127.0.0.1", 0, request_seconds=0.2) as server:
        host, _, port = server.address.removeprefix("http://").partition(":")
        with socket.create_connection((host, int(port)), timeout=20) as connection:
            connection.sendall(b"GET /page HTTP/1.1\r\nX-Slow: ")
            assert connection.recv(1) == b""


def test_what_is_too_much_at_once_is_closed_and_others_are_served(ears: Ears) -> None:
    routes: dict[str, Route] = {"/page": ears}
    with WebServer(application(routes), "127.0.0.1", 0, most_connections=1) as server:
        host, _, port = server.address.removeprefix("http://").partition(":")
        with socket.create_connection((host, int(port)), timeout=20) as first:
            first.sendall(b"GET /page HTTP/1.1\r\n")
            with socket.create_connection((host, int(port)), timeout=20) as second:
                assert second.recv(1) == b""
            first.sendall(b"\r\n")
            assert first.recv(12) == b"HTTP/1.0 200"
            while first.recv(4096):
                pass
        assert httpx.get(f"{server.address}/page").status_code == 200
