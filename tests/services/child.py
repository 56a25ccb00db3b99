"""Child processes that cannot outlive a test run."""

import os
import shutil
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path


class ServiceMissingError(Exception):
    """A program that the service needs is not on this machine; the text says which."""


class ServiceError(Exception):
    """The service is installed but did not do what was asked; the text says what and ends with its log."""


def spawn(command: Sequence[str], *, log: Path, user: str | None = None) -> subprocess.Popen[bytes]:
    """Start a process in a session of its own, appending all that it prints to a log file.

    Where util-linux is installed the kernel ends it when the starting thread dies, even by SIGKILL.
    """
    tied = ["setpriv", "--pdeathsig", "KILL", *command] if shutil.which("setpriv") else list(command)
    with log.open("ab") as output:
        return subprocess.Popen(
            tied,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            cwd=log.parent,
            user=user,
            group=user and _primary_group(user),
            extra_groups=None if user is None else [],
        )


def end(process: subprocess.Popen[bytes], *, how: signal.Signals, patience_seconds: float = 30.0) -> None:
    """Send a signal to a child and wait for its end; after the patience it gets SIGKILL."""
    if process.poll() is None:
        process.send_signal(how)
        try:
            process.wait(patience_seconds)
        except subprocess.TimeoutExpired:
            process.kill()
    process.wait()


def tail(log: Path, *, lines: int = 20) -> str:
    """Return the last lines of a log file, for an error's text."""
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:]) if log.exists() else "(no log)"


def _primary_group(user: str) -> int:
    import pwd  # noqa: PLC0415 -- only on POSIX

    return pwd.getpwnam(user).pw_gid


def runs_as_root() -> bool:
    """Return whether this process is root, which PostgreSQL refuses to be."""
    return hasattr(os, "geteuid") and os.geteuid() == 0
