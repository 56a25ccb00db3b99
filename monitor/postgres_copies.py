"""Copies of databases on a PostgreSQL server, by its own programs: `pg_dump` makes them, `pg_restore` puts them back.

https://www.postgresql.org/docs/current/app-pgdump.html
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from psycopg.conninfo import make_conninfo
from sqlalchemy import URL, create_engine, inspect
from sqlalchemy.exc import SQLAlchemyError

from monitor.failure import Failure
from monitor.private_files import write_private

DUMP, RESTORE = "pg_dump", "pg_restore"
CONNECT_SECONDS = 10


def is_there(program: str) -> bool:
    """Return whether a program of PostgreSQL's client is on the PATH."""
    return shutil.which(program) is not None


def dump_command(name: str, url: URL) -> str:
    """Return what copies a database, for people to run; the password comes from ~/.pgpass."""
    return f"{DUMP} --format custom {_server(url)} --file {name}.dump {url.database}"


def restore_command(name: str, url: URL) -> str:
    """Return what puts a copy back, for people to run; the password comes from ~/.pgpass."""
    return f"{RESTORE} --single-transaction --no-owner --no-acl {_server(url)} --dbname {url.database} {name}.dump"


def dump(url: URL, copy: Path) -> None:
    """Copy a database into a file that is not there yet, for its owner alone; it is whole or it is not there.

    Raises:
        Failure: where it cannot be copied, or the copy cannot be read to its end.
    """
    partial = copy.with_name(f".{copy.name}.partial")
    write_private(partial, b"")
    try:
        with _way_to(url) as conninfo:
            made = _run([DUMP, "--format", "custom", "--file", str(partial), "--dbname", conninfo])
        if made.returncode:
            message = f"{url.database} on {url.host} cannot be copied: {_why(made)}"
            raise Failure(message)
        if _run([RESTORE, "--file", os.devnull, str(partial)]).returncode:
            message = f"the copy of {url.database} cannot be read again; is the disk full?"
            raise Failure(message)
        with partial.open("rb+") as file:
            os.fsync(file.fileno())
        partial.replace(copy)
    finally:
        with suppress(FileNotFoundError):
            partial.unlink()


def require_empty(url: URL) -> None:
    """Make sure that a database is there and holds nothing yet.

    Raises:
        Failure: where it is not, or does.
    """
    engine = create_engine(url, connect_args={"connect_timeout": CONNECT_SECONDS})
    try:
        tables = inspect(engine).get_table_names()
    except SQLAlchemyError as error:
        message = f"{url.database} on {url.host} does not answer ({type(error).__name__}); make it, empty"
        raise Failure(message) from None
    finally:
        engine.dispose()
    if tables:
        message = f"{url.database} on {url.host} has tables already; nothing was written over"
        raise Failure(message)


def restore(url: URL, copy: Path) -> None:
    """Put a copy into an empty database, in one transaction.

    Raises:
        Failure: where that does not work; the database is empty then. What the program says may hold what is in the
            copy, and is not repeated.
    """
    words = [RESTORE, "--single-transaction", "--exit-on-error", "--no-owner", "--no-acl"]
    with _way_to(url) as conninfo:
        ran = _run([*words, "--dbname", conninfo, str(copy)])
    if ran.returncode:
        message = f"{copy.name} cannot be put into {url.database} on {url.host} ({RESTORE} ended with {ran.returncode})"
        raise Failure(message)


def _run(words: list[str]) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(words, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)  # noqa: S603 -- our own words


@contextmanager
def _way_to(url: URL) -> Iterator[str]:
    """Give what tells a program where a database is; others on the machine see it, so the password is in a file."""
    given = url.translate_connect_args(username="user", database="dbname")
    password = given.pop("password", None)
    with TemporaryDirectory() as folder:
        if password is not None:
            passfile = Path(folder) / "pgpass"
            write_private(passfile, f"*:*:*:*:{_escaped(password)}\n".encode())
            given["passfile"] = str(passfile)
        yield make_conninfo(**{"connect_timeout": CONNECT_SECONDS, **given, **url.query})


def _escaped(password: str) -> str:
    return password.replace("\\", "\\\\").replace(":", "\\:")


def _server(url: URL) -> str:
    return f"--host {url.host} --port {url.port or 5432} --username {url.username}"


def _why(ran: "subprocess.CompletedProcess[str]") -> str:
    """Return what `pg_dump` says is wrong: of connections, versions and rights; it never tells what is in a table."""
    lines = [line.partition("error: ")[2] for line in ran.stderr.splitlines() if ": error: " in line]
    return lines[0] if lines else f"{DUMP} ended with {ran.returncode}"
