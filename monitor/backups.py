"""Copies of the databases, made while Wardwatch runs, and put back where nothing is yet.

Those that are files are copied here; those on a server by PostgreSQL's own programs, where this machine has them.
"""

import hashlib
import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import msgspec
from msgspec import Struct
from sqlalchemy import URL, make_url

from monitor import postgres_copies
from monitor.failure import Failure
from monitor.private_files import refuse_existing, write_private
from monitor.settings import Settings

MANIFEST = "manifest.json"
JOURNALS = ("-wal", "-shm", "-journal")


class Manifest(Struct, frozen=True, forbid_unknown_fields=True):
    """What a backup holds: the SHA-256 of each file, by its name."""

    files: dict[str, str]


def databases(settings: Settings) -> dict[str, URL]:
    """Return the addresses of the databases by their names; the vault only where there is one."""
    found = {"wardwatch": settings.database, "archive": settings.archive_database}
    if settings.vault_key is not None:
        found["vault"] = settings.vault_database
    return {name: make_url(address) for name, address in found.items()}


def path_of(url: URL) -> Path | None:
    """Return the file of a database, None where it is on a server."""
    return Path(url.database) if url.get_backend_name() == "sqlite" and url.database else None


def served(settings: Settings) -> dict[str, URL]:
    """Return the addresses of the databases that are on a server, by their names."""
    return {name: url for name, url in databases(settings).items() if path_of(url) is None}


def back_up(settings: Settings, folder: Path) -> list[str]:
    """Copy the databases into a folder, each as it is at one moment; return the names of the copies.

    Those on a server are left out where this machine has no `pg_dump`.

    Raises:
        Failure: where a copy is there already, cannot be made, or is not sound; then none is left.
    """
    copies = {folder / f"{name}{_ending(url)}": url for name, url in databases(settings).items() if _can_copy(url)}
    refuse_existing([folder / MANIFEST, *copies])
    made: list[Path] = []
    try:
        for copy, url in copies.items():
            made.append(copy)
            _copy(url, copy)
    except Failure:
        for copy in made:
            copy.unlink(missing_ok=True)
        raise
    files = {copy.name: _digest(copy) for copy in made}
    write_private(folder / MANIFEST, msgspec.json.format(msgspec.json.encode(Manifest(files))))
    return sorted(files)


def restore(settings: Settings, folder: Path) -> list[str]:
    """Put the databases of a backup where the settings have them; return where that is.

    Raises:
        Failure: where the backup was changed or is not whole, something is there already, or `pg_restore` is missing:
            nothing is done then.
    """
    wanted = {f"{name}{_ending(url)}": (name, url) for name, url in databases(settings).items()}
    places: dict[Path, URL] = {}
    for copy, digest in _manifest(folder).files.items():
        if copy not in wanted:
            message = (
                f"the settings have no place for {copy}; set the addresses of the databases, or WARDWATCH_VAULT_KEY"
            )
            raise Failure(message)
        if not (folder / copy).is_file() or _digest(folder / copy) != digest:
            message = f"{folder / copy} is not what was backed up; take another backup"
            raise Failure(message)
        name, url = wanted[copy]
        _require_place(name, url)
        places[folder / copy] = url
    for copy_path, url in places.items():
        _put_back(copy_path, url)
    return [str(path_of(url) or f"{url.database} on {url.host}") for url in places.values()]


def _ending(url: URL) -> str:
    return ".dump" if path_of(url) is None else ".sqlite"


def _can_copy(url: URL) -> bool:
    path = path_of(url)
    return path.exists() if path else postgres_copies.is_there(postgres_copies.DUMP)


def _copy(url: URL, copy: Path) -> None:
    path = path_of(url)
    if path is None:
        postgres_copies.dump(url, copy)
    else:
        write_private(copy, b"")
        _copy_file(path, copy)


def _require_place(name: str, url: URL) -> None:
    """Make sure that a copy can be put back without writing anything over.

    Raises:
        Failure: where it cannot.
    """
    path = path_of(url)
    if path is not None:
        refuse_existing([Path(f"{path}{end}") for end in ("", *JOURNALS)])
    elif postgres_copies.is_there(postgres_copies.RESTORE):
        postgres_copies.require_empty(url)
    else:
        command = postgres_copies.restore_command(name, url)
        message = (
            f"{postgres_copies.RESTORE} is not on this machine; run where it is, into an empty database:\n  {command}"
        )
        raise Failure(message)


def _put_back(copy: Path, url: URL) -> None:
    path = path_of(url)
    if path is None:
        postgres_copies.restore(url, copy)
    else:
        write_private(path, b"")
        shutil.copyfile(copy, path)


def _copy_file(path: Path, copy: Path) -> None:
    """Copy a database by SQLite's own means, which see all of it at one moment whoever writes meanwhile."""
    try:
        with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(copy)) as target:
            source.backup(target)
            target.execute("PRAGMA journal_mode = DELETE")
            (sound,) = target.execute("PRAGMA integrity_check").fetchone()
    except sqlite3.Error as error:
        message = f"{path} cannot be copied: {type(error).__name__}"
        raise Failure(message) from None
    if sound != "ok":
        message = f"{path} is damaged; keep it, and the last backup"
        raise Failure(message)
    with copy.open("rb+") as file:
        os.fsync(file.fileno())


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _manifest(folder: Path) -> Manifest:
    try:
        return msgspec.json.decode((folder / MANIFEST).read_bytes(), type=Manifest)
    except (OSError, msgspec.DecodeError):
        message = f"{folder} holds no backup: {MANIFEST} is missing or is none"
        raise Failure(message) from None
