"""Slack's Socket Mode to practise with: hello, envelopes, acknowledgements and the call to connect anew.

https://docs.slack.dev/apis/events-api/using-socket-mode
"""

import socketserver
import threading
from types import TracebackType
from typing import Any, Self

import msgspec

from alerting.practice.server import LOOPBACK
from alerting.practice.websocket import (
    CLOSE,
    PING,
    PONG,
    TEXT,
    Gone,
    frame,
    handshake_answer,
    read_frame,
    read_handshake,
)

DEBUG_INFO = {"host": "applink-1", "build_number": 10, "approximate_connection_time": 18060}


class PracticeSocket:
    """Takes connections with a ticket that `ticket` gave, once each.

    `acknowledged` holds the envelopes that were acknowledged, in order; `connections` counts those ever made.
    """

    def __init__(self) -> None:
        self.acknowledged: list[str] = []
        self.connections = 0
        self._tickets: set[str] = set()
        self._open: list[_Handler] = []
        self._changed = threading.Condition()
        self._server = _Server((LOOPBACK, 0), _Handler)
        self._server.practice = self
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    def ticket(self) -> str:
        """Return an address at which one connection can be made."""
        with self._changed:
            name = f"/link/?ticket={len(self._tickets) + self.connections:04d}&app_id=A1"
            self._tickets.add(name)
        return f"ws://{LOOPBACK}:{self._server.server_address[1]}{name}"

    def push(self, kind: str, payload: Any, envelope: str, *, retry: int = 0) -> None:  # noqa: ANN401 -- any JSON
        """Send an envelope over the newest connection; waits for one."""
        message = {"envelope_id": envelope, "type": kind, "payload": payload, "accepts_response_payload": False}
        self._newest().send(message | ({"retry_attempt": retry, "retry_reason": "timeout"} if retry else {}))

    def refresh(self) -> None:
        """Ask the client to connect anew, as Slack does every few hours."""
        old = self._newest()
        old.send({"type": "disconnect", "reason": "refresh_requested", "debug_info": DEBUG_INFO})

    def hang_up(self) -> None:
        """End the newest connection without a word."""
        self._newest().end()

    def wait_acknowledged(self, envelope: str, seconds: float = 20.0) -> bool:
        """Wait for an envelope to be acknowledged; return whether it was."""
        with self._changed:
            return self._changed.wait_for(lambda: envelope in self.acknowledged, seconds)

    def wait_connections(self, count: int, seconds: float = 20.0) -> bool:
        """Wait until so many connections were made; return whether they were."""
        with self._changed:
            return self._changed.wait_for(lambda: self.connections >= count, seconds)

    def _newest(self) -> "_Handler":
        with self._changed:
            self._changed.wait_for(lambda: bool(self._open), 20)
            return self._open[-1]

    def admit(self, path: str) -> bool:
        """Use up a ticket."""
        with self._changed:
            if path not in self._tickets:
                return False
            self._tickets.remove(path)
            return True

    def joined(self, handler: "_Handler") -> None:
        """Note a connection."""
        with self._changed:
            self._open.append(handler)
            self.connections += 1
            self._changed.notify_all()

    def left(self, handler: "_Handler") -> None:
        """Note the end of a connection."""
        with self._changed:
            if handler in self._open:
                self._open.remove(handler)

    def heard(self, envelope: str) -> None:
        """Note an acknowledgement."""
        with self._changed:
            self.acknowledged.append(envelope)
            self._changed.notify_all()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for handler in list(self._open):
            handler.end()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    practice: PracticeSocket


class _Handler(socketserver.StreamRequestHandler):
    server: _Server

    def setup(self) -> None:
        super().setup()
        self._sending = threading.Lock()

    def handle(self) -> None:
        practice = self.server.practice
        try:
            path, headers = read_handshake(self.rfile)
            if not practice.admit(path):
                self.wfile.write(b"HTTP/1.1 403 Forbidden\r\n\r\n")
                return
            self.wfile.write(handshake_answer(headers))
            self.send({"type": "hello", "num_connections": 1, "connection_info": {"app_id": "A1"}})
            practice.joined(self)
            self._listen(practice)
        except (Gone, OSError):
            return
        finally:
            practice.left(self)

    def _listen(self, practice: PracticeSocket) -> None:
        while True:
            opcode, content = read_frame(self.rfile)
            if opcode == CLOSE:
                raise Gone
            if opcode == PING:
                self._write(frame(PONG, content))
            if opcode == TEXT:
                practice.heard(msgspec.json.decode(content)["envelope_id"])

    def send(self, message: dict[str, Any]) -> None:
        """Send a message."""
        self._write(frame(TEXT, msgspec.json.encode(message)))

    def end(self) -> None:
        """End the connection."""
        self.connection.close()

    def _write(self, content: bytes) -> None:
        with self._sending:
            self.wfile.write(content)
