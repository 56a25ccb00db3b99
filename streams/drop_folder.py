"""A drop folder: which of its files are complete, and putting away those that are done with.

Only regular files that lie in the folder itself count. Names that begin with a dot, or end as transfer programs name
what they are still writing, are left alone. A file is complete when it got its name by being renamed from such a one
(which is atomic), or when nobody has written to it for a while.
"""

import os
import stat
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Literal

from msgspec import Struct

PARTIAL_SUFFIXES = (".part", ".tmp", ".filepart")
"""Ends of names of unfinished files: curl and Firefox, many programs, WinSCP."""

WHY_SUFFIX = ".why.txt"

LONGEST_NAME = 255
"""Bytes of a file name (NAME_MAX of Linux's file systems)."""

Drawer = Literal["done", "failed"]
DRAWERS: tuple[Drawer, ...] = ("done", "failed")

_State = tuple[int, int, int, int]
"""Device, inode, size and time of change: equal while nobody writes."""


class Look(Struct):
    """What a folder holds: files that are complete, the longest unchanged first, and how many may still grow."""

    complete: list[Path]
    growing: int


class _Seen(Struct):
    state: _State
    since: float


class DropFolder:
    """One drop folder, with the folders `done` and `failed` in it, which are made.

    Args:
        path: the folder.
        settle_seconds: how long a file must be unchanged.
        clock: seconds since the epoch.

    Raises:
        OSError: where there is no such folder, or the two cannot be made in it.
    """

    def __init__(self, path: Path, settle_seconds: float, clock: Callable[[], float]) -> None:
        self._path = path
        self._settle_seconds = settle_seconds
        self._clock = clock
        self._seen: dict[str, _Seen] = {}
        self._partial: set[tuple[int, int]] = set()
        self._left_alone: dict[str, _State] = {}
        for drawer in DRAWERS:
            (path / drawer).mkdir(exist_ok=True)
            if (path / drawer).is_symlink():
                message = "is a symbolic link"
                raise NotADirectoryError(0, message, str(path / drawer))

    def look(self) -> Look:
        """Return what the folder holds now.

        Raises:
            OSError: where it cannot be read.
        """
        now = self._clock()
        seen: dict[str, _Seen] = {}
        partial: set[tuple[int, int]] = set()
        complete: list[tuple[int, str]] = []
        with os.scandir(self._path) as entries:
            for entry in entries:
                try:
                    status = entry.stat(follow_symlinks=False)
                except FileNotFoundError:
                    continue
                if not stat.S_ISREG(status.st_mode):
                    continue
                if _is_partial(entry.name):
                    partial.add((status.st_dev, status.st_ino))
                    continue
                state = _state(status)
                before = self._seen.get(entry.name)
                seen[entry.name] = before if before and before.state == state else _Seen(state, now)
                if self._is_complete(status, now - seen[entry.name].since, now):
                    complete.append((status.st_mtime_ns, entry.name))
        self._seen, self._partial = (
            seen,
            partial | {inode for inode in self._partial if any(each.state[:2] == inode for each in seen.values())},
        )
        self._left_alone = {name: state for name, state in self._left_alone.items() if name in seen}
        ready = [name for _, name in sorted(complete) if self._left_alone.get(name) != seen[name].state]
        return Look([self._path / name for name in ready], len(seen) - len(complete))

    def leave_alone(self, path: Path) -> None:
        """Do not offer a file again until it changes."""
        found = self._seen.get(path.name)
        if found is not None:
            self._left_alone[path.name] = found.state

    def put_away(self, path: Path, drawer: Drawer, why: str = "") -> Path:
        """Move a file into `done` or `failed`, beside others of its name; with a reason, a text of that lies beside it.

        Returns:
            Where it is now.

        Raises:
            OSError: where it cannot be moved; then it is where it was.
        """
        folder = self._path / drawer
        folder.mkdir(exist_ok=True)
        target = _reserved(folder, path.name)
        made = [target]
        try:
            if why:
                made.append(_reserved(folder, _fitting(target.name, WHY_SUFFIX)))
                # Names of files, which may stand in it, are bytes of any encoding.
                made[-1].write_text(why, encoding="utf-8", errors="backslashreplace")
            path.replace(target)
        except OSError:
            for each in made:
                with suppress(OSError):
                    each.unlink()
            raise
        return target

    def _is_complete(self, status: os.stat_result, unchanged: float, now: float) -> bool:
        if (status.st_dev, status.st_ino) in self._partial:
            return True
        return max(unchanged, now - status.st_mtime) >= self._settle_seconds


def _is_partial(name: str) -> bool:
    return name.startswith(".") or name.lower().endswith(PARTIAL_SUFFIXES)


def _state(status: os.stat_result) -> _State:
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


def _reserved(folder: Path, name: str) -> Path:
    """Return a path in the folder that no other file has: an empty file holds it."""
    number = 1
    while True:
        path = folder / (name if number == 1 else _fitting(Path(name).stem, f"-{number}{Path(name).suffix}"))
        try:
            path.touch(exist_ok=False)
        except FileExistsError:
            number += 1
        else:
            return path


def _fitting(stem: str, end: str) -> str:
    """Return a name that is short enough, its end whole."""
    room = LONGEST_NAME - len(os.fsencode(end))
    return os.fsdecode(os.fsencode(stem)[:room]) + end
