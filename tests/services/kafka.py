"""A real Apache Kafka broker (KRaft mode, one node) on loopback, for tests and for ``make kafka``."""

import contextlib
import shutil
import signal
import subprocess
import tempfile
import time
import uuid
from base64 import urlsafe_b64encode
from pathlib import Path
from types import TracebackType
from typing import Self

from streams.embedded import LOOPBACK, cluster_at, free_port
from tests.services.child import ServiceError, end, spawn, tail
from tests.services.kafka_jars import KAFKA_VERSION, java_command, kafka_jars

START_SECONDS = 60.0
JAVA_OPTIONS = [
    "-Xmx512m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-XX:-UsePerfData",
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
]


class KafkaServer:
    """One broker with its data in a temporary folder.

    ``start`` after ``stop`` or ``kill`` finds the data again on the same port; ``close`` (and leaving the ``with``
    block) ends it and removes the data.
    """

    def __init__(self, port: int | None = None) -> None:
        """Prepare a broker on the given port or on a free one; nothing runs until ``start``."""
        self._java = java_command()
        self._jars = kafka_jars()
        self._port = free_port() if port is None else port
        self._controller_port = free_port()
        self._cluster = urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        self.folder = Path(tempfile.mkdtemp(prefix="wardwatch-kafka-"))
        self._log = self.folder / "kafka.log"
        self._properties = self.folder / "server.properties"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def bootstrap(self) -> str:
        """The address for clients, ``127.0.0.1:port``."""
        return f"{LOOPBACK}:{self._port}"

    @property
    def is_running(self) -> bool:
        """Whether the broker's process lives."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> str:
        """Start the broker, formatting its storage the first time, and return its address once it answers."""
        if self.is_running:
            raise ServiceError("Apache Kafka runs already")
        if not self._properties.exists():
            self._format()
        self._process = spawn(self._command("kafka.Kafka", str(self._properties)), log=self._log)
        deadline = time.monotonic() + START_SECONDS
        while cluster_at(self._port) != self._cluster:
            if not self.is_running or time.monotonic() > deadline:
                self.kill()
                message = f"Apache Kafka did not start:\n{tail(self._log)}"
                raise ServiceError(message)
            time.sleep(0.05)
        return self.bootstrap

    def stop(self) -> None:
        """End the broker as an operator would; its data stay for the next ``start``."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End the broker at once, as a crash would; its data stay for the next ``start``."""
        self._end(signal.SIGKILL)

    def close(self) -> None:
        """End the broker and remove its data."""
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def _end(self, how: signal.Signals) -> None:
        if self._process is not None:
            end(self._process, how=how)
            self._process = None

    def _command(self, main: str, *arguments: str) -> list[str]:
        # Kafka unpacks native libraries into the temporary folder, and a killed one leaves them there.
        return [
            self._java,
            *JAVA_OPTIONS,
            f"-Djava.io.tmpdir={self.folder}",
            "-cp",
            f"{self._jars}/*",
            main,
            *arguments,
        ]

    def _format(self) -> None:
        self._properties.write_text("".join(f"{name}={value}\n" for name, value in self._settings().items()))
        # With `=`, for one id in 64 begins with a hyphen.
        arguments = ["format", "--standalone", f"--cluster-id={self._cluster}", "--config", str(self._properties)]
        arguments += self._format_options()
        tool = self._command("kafka.tools.StorageTool", *arguments)
        formatted = subprocess.run(tool, capture_output=True, text=True, check=False)
        if formatted.returncode != 0:
            message = f"Apache Kafka {KAFKA_VERSION} could not format its storage:\n{formatted.stderr[-2000:]}"
            raise ServiceError(message)

    def _format_options(self) -> list[str]:
        """Return what the storage shall hold from the beginning, as options of Kafka's tool."""
        return []

    def _settings(self) -> dict[str, str]:
        """One node for both roles, on loopback only; what would make tests wait or fill the disk is small."""
        controller = f"{LOOPBACK}:{self._controller_port}"
        return {
            "process.roles": "broker,controller",
            "node.id": "1",
            "controller.quorum.bootstrap.servers": controller,
            "controller.listener.names": "CONTROLLER",
            "listeners": f"PLAINTEXT://{self.bootstrap},CONTROLLER://{controller}",
            "advertised.listeners": f"PLAINTEXT://{self.bootstrap},CONTROLLER://{controller}",
            "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
            "log.dirs": str(self.folder / "data"),
            "auto.create.topics.enable": "false",
            "default.replication.factor": "1",
            "min.insync.replicas": "1",
            "offsets.topic.replication.factor": "1",
            "offsets.topic.num.partitions": "4",
            "transaction.state.log.replication.factor": "1",
            "transaction.state.log.min.isr": "1",
            "transaction.state.log.num.partitions": "2",
            "share.coordinator.state.topic.replication.factor": "1",
            "share.coordinator.state.topic.min.isr": "1",
            "group.initial.rebalance.delay.ms": "0",
            # After kill -9 the controller takes the same broker back only when its old session has run out (9 s).
            "broker.session.timeout.ms": "4000",
            "broker.heartbeat.interval.ms": "500",
            "log.segment.bytes": str(64 * 1024 * 1024),
            "log.cleaner.dedupe.buffer.size": str(8 * 1024 * 1024),
            "num.network.threads": "2",
            "num.io.threads": "4",
        }


def main() -> None:
    """Run a broker in the foreground until Ctrl-C, for ``make kafka``."""
    with KafkaServer(port=9092) as broker:
        print(f"Apache Kafka {KAFKA_VERSION} listens on {broker.bootstrap}; Ctrl-C ends it and removes its data.")  # noqa: T201
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        with contextlib.suppress(KeyboardInterrupt):
            signal.pause()


if __name__ == "__main__":
    main()
