"""A small HTTP server in a thread, with a script of answers to give before it behaves."""

import threading
from collections import deque
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

import msgspec
from msgspec import Struct

LOOPBACK = "127.0.0.1"


class Request(Struct, frozen=True):
    """A request as it came: path, headers with names in lower case, body."""

    path: str
    headers: Mapping[str, str]
    body: bytes

    def __repr__(self) -> str:
        return f"<Request {self.path.partition('?')[0]}>"  # a query may hold a key


class Answer(Struct, frozen=True):
    """An answer to give: `body` as JSON, or `raw` as it is.

    `delay` is in seconds; `hang_up` closes the connection without an answer.
    """

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = {}
    delay: float = 0.0
    hang_up: bool = False
    raw: bytes = b""


class PracticeServer:
    """Serves on a free loopback port between `with` and its end.

    `script` holds answers for the next requests, before the server answers by itself. `requests` is everything that
    came, in order.
    """

    def __init__(self) -> None:
        self.script: deque[Answer] = deque()
        self.requests: list[Request] = []
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._server = ThreadingHTTPServer((LOOPBACK, 0), _handler_for(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    @property
    def url(self) -> str:
        """The address, without a slash at the end."""
        return f"http://{LOOPBACK}:{self._server.server_address[1]}"

    def answer(self, request: Request) -> Answer:
        """Answer as the provider would; called by one thread at a time."""
        raise NotImplementedError

    def next_answer(self, request: Request) -> Answer:
        """Record a request and return what is to be answered."""
        with self._lock:
            self.requests.append(request)
            answer = self.script.popleft() if self.script else self.answer(request)
        self._ended.wait(answer.delay)
        return answer

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._ended.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def decoded(body: bytes) -> dict[str, Any] | None:
    """Return a JSON object, None for anything else."""
    try:
        return msgspec.json.decode(body, type=dict[str, Any])
    except msgspec.DecodeError:
        return None


def _handler_for(practice: PracticeServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        """Takes POST requests to `practice`."""

        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # it would hold every body back for 40 ms, until the headers are acknowledged

        def do_POST(self) -> None:
            """Answer one request."""
            length = int(self.headers.get("Content-Length", "0"))
            headers = {name.lower(): value for name, value in self.headers.items()}
            answer = practice.next_answer(Request(self.path, headers, self.rfile.read(length)))
            if answer.hang_up:
                self.close_connection = True
                return
            self._write(answer)

        def _write(self, answer: Answer) -> None:
            content = answer.raw if answer.body is None else msgspec.json.encode(answer.body)
            try:
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Type", "application/json; charset=utf-8")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)
            except ConnectionError:
                self.close_connection = True  # the caller lost patience

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the name of the base class
            """Log nothing."""

    return Handler
