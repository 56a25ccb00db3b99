"""A small WSGI server in a thread of its own, for health, metrics and pages: it never waits on the event loop."""

import logging
import socket
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from http import HTTPStatus
from socketserver import TCPServer, ThreadingMixIn
from types import TracebackType
from typing import TYPE_CHECKING, Self
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import msgspec

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_log = logging.getLogger(__name__)

SOCKET_TIMEOUT_SECONDS = 10
"""A client that says nothing for so long is cut off."""

BODY_SECONDS = 10.0
"""How long a whole body may take: without it a client could give a byte every few seconds for ever."""

REQUEST_SECONDS = 30.0
"""How long a connection may last, with all headers, body and answer."""

MOST_CONNECTIONS = 100
"""At once; further ones are closed unheard, for each costs a thread."""

MAX_BODY = 1 << 20
"""More is refused unread. What Slack and PagerDuty send is some ten kilobytes."""

STOP_POLL_SECONDS = 0.05
"""How often the server looks whether it is to end."""

HEADERS = (
    ("Cache-Control", "no-store"),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    (
        "Content-Security-Policy",
        "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
)


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """A request as it came. It may hold anything, and is never shown.

    `query` is what stands behind the question mark, still encoded. Names of `headers` are in lower case. `body` is the
    raw one, as signatures need it.
    """

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = {}
    body: bytes = b""

    def __repr__(self) -> str:
        return f"<Request {self.method}>"


class Answer(msgspec.Struct, frozen=True):
    """What a route answers: status, type, body, and headers beside those that every answer has."""

    status: HTTPStatus
    content_type: str
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()


Route = Callable[[Request], Answer]
"""Takes a request, returns the answer."""


Observe = Callable[[str | None, HTTPStatus, float], None]
"""Is told of an answer: the name of its route (None where there is none), the status, and the seconds that it took."""


def _unobserved(_route: str | None, _status: HTTPStatus, _seconds: float) -> None:
    """Let nobody be told."""


class _Unreadable(Exception):  # noqa: N818 -- reads as what it says
    """The body cannot be had."""

    def __init__(self, status: HTTPStatus) -> None:
        super().__init__(status.phrase)
        self.status = status


def json_answer(value: object, status: HTTPStatus = HTTPStatus.OK) -> Answer:
    """Return a value as JSON."""
    return Answer(status, "application/json", msgspec.json.encode(value) + b"\n")


def html_answer(text: str, status: HTTPStatus = HTTPStatus.OK) -> Answer:
    """Return a page."""
    return Answer(status, "text/html; charset=utf-8", text.encode())


def text_answer(text: str, status: HTTPStatus = HTTPStatus.OK) -> Answer:
    """Return a line of plain text."""
    return Answer(status, "text/plain; charset=utf-8", f"{text}\n".encode())


NOT_FOUND = text_answer("There is no such page.", HTTPStatus.NOT_FOUND)
FAILED = text_answer("This page failed; the log says where.", HTTPStatus.INTERNAL_SERVER_ERROR)


def application(
    pages: Mapping[str, Route], posts: Mapping[str, Route] | None = None, observe: Observe = _unobserved
) -> "WSGIApplication":
    """Return a WSGI application. A route that ends in `/` answers for all paths below it.

    Args:
        pages: what answers GET and HEAD; it must change nothing, for programs follow links on their own.
        posts: what answers POST; without it nothing does.
        observe: is told of every answer.
    """
    by_method = {"GET": pages, "HEAD": pages, "POST": posts or {}}
    known = {**pages, **(posts or {})}

    def respond(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        begun = time.perf_counter()
        answer = _answer(environ, by_method)
        observe(_name_of(environ["PATH_INFO"], known), answer.status, time.perf_counter() - begun)
        headers = [("Content-Type", answer.content_type), ("Content-Length", str(len(answer.body)))]
        start_response(f"{answer.status.value} {answer.status.phrase}", [*headers, *HEADERS, *answer.headers])
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [answer.body]

    return respond


def _answer(environ: "WSGIEnvironment", by_method: Mapping[str, Mapping[str, Route]]) -> Answer:
    path, method = environ["PATH_INFO"], environ["REQUEST_METHOD"]
    route = _route_for(path, by_method.get(method, {}))
    if route is None:
        allowed = [name for name, routes in by_method.items() if _route_for(path, routes) is not None]
        return _not_allowed(allowed) if allowed else NOT_FOUND
    try:
        return route(_request(environ))
    except _Unreadable as refusal:
        return text_answer("The request cannot be read.", refusal.status)
    except Exception:  # noqa: BLE001 - the guard of pages: wsgiref would print a traceback with values
        _log.exception("A page failed")
        return FAILED


def _not_allowed(allowed: list[str]) -> Answer:
    answer = text_answer("This is not answered here in that way.", HTTPStatus.METHOD_NOT_ALLOWED)
    return msgspec.structs.replace(answer, headers=(("Allow", ", ".join(allowed)),))


def _route_for(path: str, routes: Mapping[str, Route]) -> Route | None:
    name = _name_of(path, routes)
    return None if name is None else routes[name]


def _name_of(path: str, routes: Mapping[str, Route]) -> str | None:
    """Return the name of the route that answers for a path, None where there is none."""
    above = path[: path.rfind("/") + 1]
    if path in routes:
        return path
    return above if above != "/" and above in routes else None


def _request(environ: "WSGIEnvironment") -> Request:
    headers = {
        name.removeprefix("HTTP_").replace("_", "-").lower(): str(value)
        for name, value in environ.items()
        if name.startswith("HTTP_") or name == "CONTENT_TYPE"
    }
    return Request(
        method=environ["REQUEST_METHOD"],
        path=environ["PATH_INFO"],
        query=environ.get("QUERY_STRING", ""),
        headers=headers,
        body=_body(environ) if environ["REQUEST_METHOD"] == "POST" else b"",
    )


def _body(environ: "WSGIEnvironment") -> bytes:
    """Read the body, no longer than it says and no longer than we wait."""
    said = environ.get("CONTENT_LENGTH", "")
    if not said:
        raise _Unreadable(HTTPStatus.LENGTH_REQUIRED)
    if not (said.isascii() and said.isdigit()):
        raise _Unreadable(HTTPStatus.BAD_REQUEST)
    missing = int(said) if len(said) < len(str(MAX_BODY)) + 1 else MAX_BODY + 1
    if missing > MAX_BODY:
        raise _Unreadable(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    parts: list[bytes] = []
    give_up = time.monotonic() + BODY_SECONDS
    while missing:
        try:
            part = environ["wsgi.input"].read1(missing)
        except OSError:
            raise _Unreadable(HTTPStatus.REQUEST_TIMEOUT) from None
        if not part or time.monotonic() > give_up:
            raise _Unreadable(HTTPStatus.REQUEST_TIMEOUT)
        parts.append(part)
        missing -= len(part)
    return b"".join(parts)


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True
    request_seconds = REQUEST_SECONDS
    slots = threading.BoundedSemaphore(MOST_CONNECTIONS)

    def process_request(self, request: socket.socket | tuple[bytes, socket.socket], client_address: object) -> None:
        """Answer in a thread of its own, if there is one left."""
        if self.slots.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(
        self, request: socket.socket | tuple[bytes, socket.socket], client_address: object
    ) -> None:
        """Answer, and give the thread back."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self.slots.release()

    def server_bind(self) -> None:
        """Bind without asking a name server who we are, which can take seconds."""
        TCPServer.server_bind(self)
        self.server_name = str(self.server_address[0])
        self.server_port = int(self.server_address[1])
        self.setup_environ()

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: the other side went away, and the traceback would quote what it had asked."""


class _Handler(WSGIRequestHandler):
    server: _Server
    timeout = SOCKET_TIMEOUT_SECONDS
    server_version = "wardwatch"
    sys_version = ""

    def setup(self) -> None:
        """Begin, and see to it that it ends."""
        super().setup()
        self._end = threading.Timer(self.server.request_seconds, self._cut)
        self._end.daemon = True
        self._end.start()

    def finish(self) -> None:
        """End in time."""
        self._end.cancel()
        super().finish()

    def _cut(self) -> None:
        with suppress(OSError):  # it has ended at this moment
            self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
        """Write no access log: paths name incidents."""


class WebServer:
    """Serves an application until `stop` or the end of the `with` block; port 0 takes a free one."""

    def __init__(
        self,
        app: "WSGIApplication",
        host: str,
        port: int,
        *,
        request_seconds: float = REQUEST_SECONDS,
        most_connections: int = MOST_CONNECTIONS,
    ) -> None:
        self._server = make_server(host, port, app, server_class=_Server, handler_class=_Handler)
        self._server.request_seconds = request_seconds
        self._server.slots = threading.BoundedSemaphore(most_connections)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(STOP_POLL_SECONDS,), name="web", daemon=True
        )

    @property
    def address(self) -> str:
        """The base address, `http://host:port`."""
        host, port = self._server.server_address[:2]
        return f"http://{host!s}:{port}"

    def start(self) -> None:
        """Begin to serve."""
        self._thread.start()

    def stop(self) -> None:
        """End serving and free the port."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()
