"""The journal of a running command, looked at from outside."""

import sqlite3
from pathlib import Path


def acknowledged(journal: Path) -> int:
    """Return how many records of the one file in a journal were acknowledged so far."""
    if not journal.exists():
        return 0
    try:
        with sqlite3.connect(f"file:{journal}?mode=ro", uri=True) as connection:
            rows = connection.execute("SELECT acknowledged FROM sent").fetchall()
    except sqlite3.Error:
        return 0
    return int(rows[0][0]) if rows else 0
