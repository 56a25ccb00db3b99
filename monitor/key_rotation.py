"""The next key: what is to be written where when a key is rotated or retired (docs/privacy.md, docs/adr/0007)."""

import os
import secrets
import tempfile
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from monitor.failure import Failure
from monitor.key_text import KEY_BYTES, MOST_ID, Key, keys_as_text, read_key, read_keys
from monitor.keys import LOCAL_KEY, LOCAL_PREVIOUS, local_keys
from monitor.setting_reader import FILE_SUFFIX, PREFIX, SecretPlace
from monitor.settings import Settings

SETTINGS_OF: dict[str, tuple[str, str]] = {
    "token": ("token_key", "previous_token_keys"),
    "vault": ("vault_key", "previous_vault_keys"),
    "evidence": ("evidence_key", "previous_evidence_keys"),
}
"""Kind of key to the settings of the current one and of the previous ones."""


class KeyRing(Struct, frozen=True):
    """The keys of one kind, and where they are kept: in files, or in variables that only a person can change."""

    kind: str
    current: Key
    previous: Mapping[int, bytes]
    file: Path | None
    previous_file: Path | None

    def __repr__(self) -> str:
        return f"<KeyRing {self.kind} {self.current.id}>"

    @property
    def ids(self) -> list[int]:
        """The numbers of all keys."""
        return sorted({*self.previous, self.current.id})


def key_ring(settings: Settings, places: Mapping[str, SecretPlace], kind: str) -> KeyRing:
    """Return the keys of a kind.

    Raises:
        Failure: where there are none.
    """
    name, previous_name = SETTINGS_OF[kind]
    place, previous_place = places.get(name), places.get(previous_name)
    if kind == "token" and place is None:
        local = local_keys(settings)
        folder = settings.data_dir
        return KeyRing(kind, local.current, local.previous, folder / LOCAL_KEY, folder / LOCAL_PREVIOUS)
    secret, older = {
        "token": (settings.token_key, settings.previous_token_keys),
        "vault": (settings.vault_key, settings.previous_vault_keys),
        "evidence": (settings.evidence_key, settings.previous_evidence_keys),
    }[kind]
    if secret is None:
        message = f"{PREFIX}{name.upper()} is not set; docs/privacy.md says how a key is made"
        raise Failure(message)
    current = read_key(secret, settings.token_key_id if kind == "token" else 1)
    previous = {key_id: key for key_id, key in read_keys(older).items() if key_id != current.id}
    return KeyRing(
        kind, current, previous, place.file if place else None, previous_place.file if previous_place else None
    )


def rotated(ring: KeyRing) -> KeyRing:
    """Return the ring with a new current key under the next number; the one before stays live.

    Raises:
        Failure: where there are no numbers left.
    """
    number = max(ring.ids) + 1
    if number > MOST_ID:
        message = f"the numbers of keys end at {MOST_ID}"
        raise Failure(message)
    fresh = Key(number, secrets.token_bytes(KEY_BYTES))
    before = {**ring.previous, ring.current.id: ring.current.key}
    return KeyRing(ring.kind, fresh, before, ring.file, ring.previous_file)


def retired(ring: KeyRing, number: int) -> KeyRing:
    """Return the ring without an old key.

    Raises:
        Failure: where it is not an old key.
    """
    if number not in ring.previous:
        old = ", ".join(map(str, sorted(ring.previous))) or "none"
        message = f"{number} is not an old {ring.kind} key; the old ones are: {old}"
        raise Failure(message)
    left = {key_id: key for key_id, key in ring.previous.items() if key_id != number}
    return KeyRing(ring.kind, ring.current, left, ring.file, ring.previous_file)


def require_files(ring: KeyRing) -> None:
    """Make sure that the keys are in files that can be written.

    Raises:
        Failure: where they are not, and what to do.
    """
    name, previous_name = (PREFIX + setting.upper() for setting in SETTINGS_OF[ring.kind])
    if ring.file is None:
        message = (
            f"{name} is not read from a file, so only you can change it: name a file for what is to be set with "
            "--write-to FILE, or see it with --show"
        )
        raise Failure(message)
    if ring.previous_file is None:
        message = (
            f"there is no place for the old keys: set {previous_name}{FILE_SUFFIX.upper()} to a file of your own, "
            "which may be empty, everywhere where the key is used; or use --write-to FILE"
        )
        raise Failure(message)


def write_files(ring: KeyRing) -> None:
    """Write the files of a ring, the old keys first: at no moment is a key in none of them.

    Raises:
        Failure: where one cannot be written.
    """
    for file, text in ((ring.previous_file, keys_as_text(ring.previous)), (ring.file, f"{ring.current.text}\n")):
        if file is not None:
            try:
                replace_file(file, text)
            except OSError as error:
                message = f"{file} cannot be written ({error.strerror}); nothing is lost, use --write-to FILE"
                raise Failure(message) from None


def replace_file(path: Path, text: str) -> None:
    """Replace a file, for its owner alone, at once and durably: readers see the old one or the new one."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # made with mode 0600
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def as_variables(ring: KeyRing) -> str:
    """Return what is to be set where the keys are kept in variables."""
    name, previous_name = (PREFIX + setting.upper() for setting in SETTINGS_OF[ring.kind])
    previous = ",".join(keys_as_text(ring.previous).split())
    return f"{name}={ring.current.text}\n{previous_name}={previous}\n"


def write_new(path: Path, text: str) -> None:
    """Write a file that must not exist yet, for its owner alone.

    Raises:
        Failure: where it exists, or cannot be written.
    """
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.write(text)
    except OSError as error:
        message = f"{path} cannot be written: {error.strerror}"
        raise Failure(message) from None
