"""A real Alertmanager on loopback, thrown away after the tests."""

import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from streams.embedded import LOOPBACK, free_port
from tests.services.child import ServiceError, ServiceMissingError, end, spawn, tail

START_SECONDS = 30.0
# Debian calls it by the first name; the second is its own; the third is where CI unpacks Debian's package.
NAMES = ("prometheus-alertmanager", "alertmanager")
UNPACKED = Path(__file__).resolve().parents[2] / ".cache/alertmanager/usr/bin/prometheus-alertmanager"


def program() -> str:
    """Return the path of Alertmanager."""
    found = next((path for path in map(shutil.which, NAMES) if path), None)
    if found is None and not UNPACKED.exists():
        message = "Alertmanager is not on the PATH (Debian: prometheus-alertmanager)"
        raise ServiceMissingError(message)
    return found or str(UNPACKED)


class AlertmanagerServer:
    """One Alertmanager, alone, that tells nobody."""

    def __init__(self) -> None:
        self._program = program()
        self._port = free_port()
        self.folder = Path(tempfile.mkdtemp(prefix="wardwatch-alertmanager-"))
        self._log = self.folder / "alertmanager.log"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Its address, without a slash at the end."""
        return f"http://{LOOPBACK}:{self._port}"

    def alerts(self) -> list[dict[str, Any]]:
        """Return the alerts that fire now."""
        found: list[dict[str, Any]] = httpx.get(f"{self.url}/api/v2/alerts", trust_env=False).raise_for_status().json()
        return found

    def __enter__(self) -> Self:
        (self.folder / "alertmanager.yml").write_text("route: {receiver: nobody}\nreceivers: [{name: nobody}]\n")
        command = [
            self._program,
            f"--config.file={self.folder / 'alertmanager.yml'}",
            f"--storage.path={self.folder / 'data'}",
            f"--web.listen-address={LOOPBACK}:{self._port}",
            "--cluster.listen-address=",
        ]
        self._process = spawn(command, log=self._log)
        deadline = time.monotonic() + START_SECONDS
        while not self._is_ready():
            if self._process.poll() is not None or time.monotonic() > deadline:
                said = tail(self._log)
                self._end()
                message = f"Alertmanager did not start:\n{said}"
                raise ServiceError(message)
            time.sleep(0.05)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._end()

    def _is_ready(self) -> bool:
        try:
            return httpx.get(f"{self.url}/-/ready", trust_env=False).is_success
        except httpx.HTTPError:
            return False

    def _end(self) -> None:
        if self._process is not None:
            end(self._process, how=signal.SIGTERM)
        shutil.rmtree(self.folder, ignore_errors=True)
