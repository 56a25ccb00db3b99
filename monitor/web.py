"""A small WSGI server in a thread of its own, for health, metrics and the console: it never waits on the event loop."""

import logging
import threading
from collections.abc import Callable, Iterable, Mapping
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

STOP_POLL_SECONDS = 0.05
"""How often the server looks whether it is to end."""

HEADERS = (
    ("Cache-Control", "no-store"),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"),
)


class Answer(msgspec.Struct, frozen=True):
    """What a route answers: status, type and body."""

    status: HTTPStatus
    content_type: str
    body: bytes


Route = Callable[[str], Answer]
"""Takes the path of the request, returns the answer."""


def json_answer(value: object, status: HTTPStatus = HTTPStatus.OK) -> Answer:
    """Return a value as JSON."""
    return Answer(status, "application/json", msgspec.json.encode(value) + b"\n")


def html_answer(text: str, status: HTTPStatus = HTTPStatus.OK) -> Answer:
    """Return a page."""
    return Answer(status, "text/html; charset=utf-8", text.encode())


NOT_FOUND = Answer(HTTPStatus.NOT_FOUND, "text/plain", b"There is no such page.\n")
FAILED = Answer(HTTPStatus.INTERNAL_SERVER_ERROR, "text/plain", b"This page failed; the log says where.\n")
ONLY_READING = Answer(HTTPStatus.METHOD_NOT_ALLOWED, "text/plain", b"Only GET is answered here.\n")


def application(routes: Mapping[str, Route]) -> "WSGIApplication":
    """Return a read-only WSGI application. A route that ends in `/` answers for all paths below it."""

    def respond(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        answer = ONLY_READING
        if environ["REQUEST_METHOD"] in ("GET", "HEAD"):
            answer = _answer(environ["PATH_INFO"], routes)
        headers = [("Content-Type", answer.content_type), ("Content-Length", str(len(answer.body))), *HEADERS]
        start_response(f"{answer.status.value} {answer.status.phrase}", headers)
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [answer.body]

    return respond


def _answer(path: str, routes: Mapping[str, Route]) -> Answer:
    try:
        return _route_for(path, routes)(path)
    except Exception:  # noqa: BLE001 - the guard of pages: wsgiref would print a traceback with values
        _log.exception("A page failed")
        return FAILED


def _route_for(path: str, routes: Mapping[str, Route]) -> Route:
    above = path[: path.rfind("/") + 1]
    return routes.get(path) or (routes.get(above) if above != "/" else None) or (lambda _path: NOT_FOUND)


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True

    def server_bind(self) -> None:
        """Bind without asking a name server who we are, which can take seconds."""
        TCPServer.server_bind(self)
        self.server_name = str(self.server_address[0])
        self.server_port = int(self.server_address[1])
        self.setup_environ()

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: the other side went away, and the traceback would quote what it had asked."""


class _Handler(WSGIRequestHandler):
    timeout = SOCKET_TIMEOUT_SECONDS
    server_version = "wardwatch"
    sys_version = ""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
        """Write no access log: paths name incidents."""


class WebServer:
    """Serves an application until `stop` or the end of the `with` block; port 0 takes a free one."""

    def __init__(self, app: "WSGIApplication", host: str, port: int) -> None:
        self._server = make_server(host, port, app, server_class=_Server, handler_class=_Handler)
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
