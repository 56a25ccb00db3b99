"""Files that hold PHI: readable by their owner alone from the first byte, and never written over another."""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

from monitor.failure import Failure


def private_database(path: Path) -> None:
    """Make the file of an SQLite database, and its folder, where they are missing: for their owner alone.

    SQLite gives its journals the mode of the file.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))


def refuse_existing(paths: Iterable[Path]) -> None:
    """End before anything is written where one of the files is there already.

    Raises:
        Failure: with its name.
    """
    for path in paths:
        if path.exists():
            message = f"{path} is there already; nothing was written over"
            raise Failure(message)


def _filled(file: BinaryIO, content: bytes, path: Path) -> None:
    """Write a file whole, or leave none: half a letter of a full disk would stand in the way of the next one."""
    try:
        file.write(content)
        file.flush()
    except OSError:
        path.unlink()
        raise


def write_private(path: Path, content: bytes) -> None:
    """Write a new file that only its owner can read, in a folder that is made where it is missing.

    Raises:
        Failure: if the file is there already, or cannot be written.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            _filled(file, content, path)
    except FileExistsError:
        message = f"{path} is there already; nothing was written over"
        raise Failure(message) from None
    except OSError as error:
        message = f"{path} cannot be written: {type(error).__name__}"
        raise Failure(message) from None
