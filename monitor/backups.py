"""Copies of the databases that are files, made while Wardwatch runs, and put back where nothing is yet."""

import hashlib
import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import msgspec
from msgspec import Struct
from sqlalchemy import URL, make_url

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


def dump_command(name: str, url: URL) -> str:
    """Return what copies a database of PostgreSQL; the password comes from ~/.pgpass."""
    return (
        f"pg_dump --format custom --host {url.host} --port {url.port or 5432} --username {url.username} "
        f"--file {name}.dump {url.database}"
    )


def back_up(settings: Settings, folder: Path) -> list[str]:
    """Copy every database that is a file into a folder, as it is at one moment; return the names of the copies.

    Raises:
        Failure: where a copy is there already, or is not sound.
    """
    refuse_existing([folder / MANIFEST])
    files = {}
    for name, url in databases(settings).items():
        path = path_of(url)
        if path is not None and path.exists():
            copy = folder / f"{name}.sqlite"
            write_private(copy, b"")
            _copy(path, copy)
            files[copy.name] = _digest(copy)
    write_private(folder / MANIFEST, msgspec.json.format(msgspec.json.encode(Manifest(files))))
    return sorted(files)


def restore(settings: Settings, folder: Path) -> list[Path]:
    """Put the databases of a backup where the settings have them; return where that is.

    Raises:
        Failure: where the backup was changed or is not whole, or something is there already; nothing is done then.
    """
    wanted = {f"{name}.sqlite": path_of(url) for name, url in databases(settings).items()}
    places: dict[str, Path] = {}
    for name, digest in _manifest(folder).files.items():
        target = wanted.get(name)
        if target is None:
            message = (
                f"the settings have no file for {name}; set the addresses of the databases, or WARDWATCH_VAULT_KEY"
            )
            raise Failure(message)
        if not (folder / name).is_file() or _digest(folder / name) != digest:
            message = f"{folder / name} is not what was backed up; take another backup"
            raise Failure(message)
        places[name] = target
    refuse_existing([Path(f"{path}{end}") for path in places.values() for end in ("", *JOURNALS)])
    for name, path in places.items():
        write_private(path, b"")
        shutil.copyfile(folder / name, path)
    return list(places.values())


def _copy(path: Path, copy: Path) -> None:
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
