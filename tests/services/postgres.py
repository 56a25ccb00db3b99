"""A real PostgreSQL on loopback, thrown away after the tests."""

import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Self
from uuid import uuid4

import psycopg
from psycopg import sql

from streams.embedded import LOOPBACK, free_port
from tests.services.child import ServiceError, ServiceMissingError, end, runs_as_root, spawn, tail

START_SECONDS = 30.0
SUPERUSER = "wardwatch"
# Nobody needs these data after a crash of the machine: no waiting for the disk.
FAST_SETTINGS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "60"}
# PostgreSQL refuses to run as root. Debian's package makes the first account; the second is on every Unix.
ACCOUNTS = ("postgres", "nobody")


def program(name: str) -> str:
    """Return the path of a PostgreSQL server program: on the PATH, or where Debian puts the newest version."""
    found = shutil.which(name)
    if found is not None:
        return found
    installed = [path for path in Path("/usr/lib/postgresql").glob(f"*/bin/{name}") if path.parts[-3].isdigit()]
    if not installed:
        message = f"PostgreSQL's {name} is neither on the PATH nor under /usr/lib/postgresql"
        raise ServiceMissingError(message)
    return str(max(installed, key=lambda path: int(path.parts[-3])))


def account() -> str | None:
    """Return the account to run the server as, None for our own."""
    if not runs_as_root():
        return None
    import pwd  # noqa: PLC0415 -- only on POSIX

    known = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in ACCOUNTS if name in known)


class PostgresServer:
    """One PostgreSQL server with its data in a temporary folder, reachable without a password on loopback only."""

    def __init__(self) -> None:
        """Look for the programs; nothing runs until ``start``."""
        self._initdb = program("initdb")
        self._postgres = program("postgres")
        self._account = account()
        self._port = free_port()
        self.folder = Path(tempfile.mkdtemp(prefix="wardwatch-postgres-"))
        self._data = self.folder / "data"
        self._log = self.folder / "postgres.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Make the cluster, start the server and wait until it takes connections."""
        if self._account is not None:
            shutil.chown(self.folder, user=self._account)
        self._run_initdb()
        self._process = spawn(self._command(), log=self._log, user=self._account)
        deadline = time.monotonic() + START_SECONDS
        while not self._takes_connections():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.close()
                message = f"PostgreSQL did not start:\n{tail(self._log)}"
                raise ServiceError(message)
            time.sleep(0.05)

    def url(self, database: str = "postgres") -> str:
        """Return the SQLAlchemy URL of a database of this server."""
        return f"postgresql+psycopg://{SUPERUSER}@{LOOPBACK}:{self._port}/{database}"

    def create_database(self) -> str:
        """Create an empty database and return its URL."""
        name = f"test_{uuid4().hex}"
        with self._connect() as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return self.url(name)

    def close(self) -> None:
        """End the server and remove its data."""
        if self._process is not None:
            end(self._process, how=signal.SIGQUIT)  # PostgreSQL's immediate shutdown: the data are not wanted
            self._process = None
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

    def _connect(self) -> psycopg.Connection:
        return psycopg.connect(
            host=LOOPBACK, port=self._port, user=SUPERUSER, dbname="postgres", autocommit=True, connect_timeout=2
        )

    def _takes_connections(self) -> bool:
        try:
            self._connect().close()
        except psycopg.OperationalError:
            return False
        return True

    def _command(self) -> list[str]:
        settings = FAST_SETTINGS | {
            "listen_addresses": LOOPBACK,
            "unix_socket_directories": "",
            "port": str(self._port),
        }
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return [self._postgres, "-D", str(self._data), *options]

    def _run_initdb(self) -> None:
        command = [
            self._initdb, "-D", str(self._data), "-U", SUPERUSER,
            "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync",
        ]  # fmt: skip
        process = spawn(command, log=self._log, user=self._account)
        if process.wait() != 0:
            message = f"initdb failed:\n{tail(self._log)}"
            raise ServiceError(message)
