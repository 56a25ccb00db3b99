"""What `wardwatch keys check` looks at. Nothing here shows a key."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from msgspec import Struct
from sqlalchemy import select

from alerting.store import Store
from alerting.store.schema import INCIDENTS
from alerting.vault import Vault
from alerting.work.resealing import evidence_by_key
from monitor.evidence import counted
from monitor.failure import Failure
from monitor.key_rotation import SETTINGS_OF, KeyRing, key_ring
from monitor.setting_reader import SecretPlace
from monitor.settings import Settings
from monitor.vault import NO_VAULT, opened_vault

OTHERS = 0o077
"""Rights of the group and of everybody else."""

ENTERS = 0o011
"""The right of others to reach what is in a folder."""

MOUNTED = Path("/run/secrets")
"""Where containers see their secrets, readable for whichever user they run as, and nobody else is there."""

_TOKEN = re.compile(r"(?:^|:)[a-z](\d{1,3}):")


class KeyRow(Struct, frozen=True):
    """One line of the answer; `detail` says what to do where it is not `ok`."""

    what: str
    ok: bool
    detail: str


def examine_keys(settings: Settings, places: Mapping[str, SecretPlace], store: Store) -> list[KeyRow]:
    """Return what there is to say of the keys of tokens, of evidence and of the vault, and of what is under them."""
    tokens = key_ring(settings, places, "token")
    rows = [*_of_ring(tokens, places), *_of_evidence(settings, places, store)]
    in_cases = key_ids_of_open_incidents(store)
    if settings.vault_key is None:
        rows.append(KeyRow("vault", True, NO_VAULT))
        return [*rows, *_of_tokens(tokens, {}, {}, in_cases)]
    rows.extend(_of_ring(key_ring(settings, places, "vault"), places))
    try:
        with opened_vault(settings) as vault:
            rows.extend(_of_vault(vault, key_ring(settings, places, "vault")))
            made, closed = vault.entries_by_token_key(), vault.closed_token_keys()
    except Failure as failure:
        return [*rows, KeyRow("vault", False, str(failure)), *_of_tokens(tokens, {}, {}, in_cases)]
    return [*rows, *_of_tokens(tokens, made, closed, in_cases)]


def key_ids_of_open_incidents(store: Store) -> dict[int, int]:
    """Return, by the number of the token key, how many open incidents are about a token of it."""
    counts: dict[int, int] = {}
    with store.reading() as connection:
        for ref in connection.scalars(select(INCIDENTS.c.entity_ref).where(INCIDENTS.c.is_open)):
            found = _TOKEN.search(ref or "")
            if found:
                counts[int(found[1])] = counts.get(int(found[1]), 0) + 1
    return counts


def _of_ring(ring: KeyRing, places: Mapping[str, SecretPlace]) -> Iterator[KeyRow]:
    name, previous_name = SETTINGS_OF[ring.kind]
    yield _row(f"{ring.kind} key {ring.current.id}", "current", ring.current.key, places.get(name), ring.file)
    for key_id, key in sorted(ring.previous.items()):
        yield _row(f"{ring.kind} key {key_id}", "previous", key, places.get(previous_name), ring.previous_file)


def _row(what: str, role: str, key: bytes, place: SecretPlace | None, file: Path | None) -> KeyRow:
    source = f"{place.label}: {file}" if place and file else place.label if place else str(file)
    said = f"{role}, {8 * len(key)} bits, from {source}"
    if file is not None and _is_open(file):
        return KeyRow(what, False, f"{said}; others may read it: chmod 600 {file}")
    return KeyRow(what, True, said)


def _is_open(file: Path) -> bool:
    """Return whether others on this machine can read a file."""
    try:
        reachable = file.absolute().parent.stat().st_mode & ENTERS and MOUNTED not in file.absolute().parents
        return bool(reachable and file.stat().st_mode & OTHERS)
    except OSError:
        return False  # it was read a moment ago; a mounted secret may have gone


def _of_vault(vault: Vault, ring: KeyRing) -> Iterator[KeyRow]:
    sealed = vault.entries_by_vault_key()
    yield KeyRow("vault", True, f"opens, {sum(sealed.values())} entries")
    for key_id, n in sealed.items():
        if key_id not in ring.ids:
            yield KeyRow(
                "vault", False, f"{n} entries are under key {key_id}, which is missing: put it into the previous keys"
            )
        elif key_id != ring.current.id:
            yield KeyRow("vault", True, f"{n} entries are under key {key_id}; `wardwatch vault rewrap` seals them anew")


def _of_evidence(settings: Settings, places: Mapping[str, SecretPlace], store: Store) -> Iterator[KeyRow]:
    with store.reading() as connection:
        sealed = evidence_by_key(connection)
    ring = key_ring(settings, places, "evidence") if settings.evidence_key else None
    if ring:
        yield from _of_ring(ring, places)
    for key_id, n in sealed.items():
        if ring is None or key_id not in ring.ids:
            remedy = "put it into the previous keys" if ring else "set WARDWATCH_EVIDENCE_KEY"
            yield KeyRow("evidence", False, f"{counted(n)} under key {key_id}, which is missing: {remedy}")
        elif key_id != ring.current.id:
            remedy = "`wardwatch incidents evidence reseal` seals anew what is"
            yield KeyRow("evidence", True, f"{counted(n)} under key {key_id}; {remedy}")


def _of_tokens(
    ring: KeyRing, made: Mapping[int, int], closed: Mapping[int, float], in_cases: Mapping[int, int]
) -> Iterator[KeyRow]:
    for key_id in sorted({*made, *closed, *in_cases}):
        there = f"{made.get(key_id, 0)} in the vault, {in_cases.get(key_id, 0)} open incidents"
        if key_id in ring.ids:
            goes_on = "; they go on in use" if key_id in closed and key_id != ring.current.id else ""
            yield KeyRow(f"tokens of key {key_id}", True, f"{there}{goes_on}")
        elif key_id in closed or key_id in in_cases:
            yield KeyRow(
                f"tokens of key {key_id}", False, f"{there}, but there is no such key: put it into the previous keys"
            )
        else:
            yield KeyRow(f"tokens of key {key_id}", True, f"{there}; the key is retired")
