"""What was sent of which file: so that a second run sends nothing twice, and an interrupted one goes on.

A small SQLite file of counts, without any name or content. Where it is lost, files are sent again, and the intake drops
what it has seen.
"""

import sqlite3
from contextlib import closing
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import msgspec
from msgspec import Struct, field

BUSY_SECONDS = 30.0
"""How long to wait for another process that is writing; a write takes milliseconds."""

_SETTINGS = ("PRAGMA journal_mode = WAL", "PRAGMA synchronous = NORMAL")
"""Without a wait for the disk at every note: folders of many small files would spend all their time on it."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS sent (
    destination TEXT NOT NULL,
    source TEXT NOT NULL,
    digest TEXT NOT NULL,
    reading TEXT NOT NULL,
    token_key TEXT NOT NULL,
    acknowledged INTEGER NOT NULL,
    dead_letters TEXT NOT NULL,
    finished INTEGER NOT NULL,
    PRIMARY KEY (destination, source, digest, reading, token_key)
) WITHOUT ROWID
"""
_WHERE = "WHERE destination = ? AND source = ? AND digest = ? AND reading = ? AND token_key = ?"


class Work(Struct, frozen=True):
    """One file, sent in one way: where to, as which source, by its SHA-256, how it was read, under which token key."""

    destination: str
    source: str
    digest: str
    reading: str
    token_key: str


class Sent(Struct):
    """How far a work is: the records that the broker acknowledged, from the first on, and the refused by reason."""

    acknowledged: int = 0
    dead_letters: dict[str, int] = field(default_factory=dict)
    finished: bool = False


class JournalError(Exception):
    """The journal cannot be read or written; the text names the file and says what to do."""


class Journal:
    """The journal in one file, which is made where there is none. Several processes may use it.

    Args:
        path: of the SQLite file; its folder exists.

    Raises:
        JournalError: where it cannot be opened. The same goes for all methods.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
            path.chmod(0o600)
            for statement in (*_SETTINGS, _SCHEMA):
                self._run(statement)
        except (sqlite3.Error, OSError):
            raise self._error() from None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._connection.close()

    def sent(self, work: Work) -> Sent:
        """Return how far a work is."""
        rows = self._run(
            f"SELECT acknowledged, dead_letters, finished FROM sent {_WHERE}",  # noqa: S608 - a constant
            *msgspec.structs.astuple(work),
        )
        if not rows:
            return Sent()
        acknowledged, dead_letters, finished = rows[0]
        try:
            return Sent(acknowledged, msgspec.json.decode(dead_letters, type=dict[str, int]), bool(finished))
        except msgspec.MsgspecError:
            raise self._error() from None

    def note(self, work: Work, sent: Sent) -> None:
        """Write down how far a work is.

        A process that is killed loses nothing of it; a power cut may cost the last notes, whose records are sent again.
        """
        self._run(
            "INSERT OR REPLACE INTO sent VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            *msgspec.structs.astuple(work),
            sent.acknowledged,
            msgspec.json.encode(sent.dead_letters).decode(),
            int(sent.finished),
        )

    def _run(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        try:
            with closing(self._connection.execute(statement, values)) as cursor:
                return cursor.fetchall()
        except sqlite3.Error:
            raise self._error() from None

    def _error(self) -> JournalError:
        return JournalError(f"{self._path} cannot be used as journal; move it away, and files are sent as if new")
