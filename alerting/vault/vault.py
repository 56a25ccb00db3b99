"""The vault: entries are added by those who make tokens, and opened by people, one at a time, into the audit log."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Literal

from msgspec import Struct
from sqlalchemy import Connection, Engine, delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from alerting.audit import AuditEntry
from alerting.store.audit_rows import append_audit, audit_entries
from alerting.store.chunks import chunks
from alerting.store.engine import WRITES
from alerting.vault.cipher import DamagedEntryError, MissingKeyError, Sealed, VaultKeys
from alerting.vault.schema import CLOSED_TOKEN_KEYS, ENTRIES, VAULT_AUDIT, VAULT_KEYS

_INSERT: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
_CHECK = "wardwatch vault key check"

Outcome = Literal["opened", "unknown", "refused", "damaged"]


class Naming(Struct, frozen=True):
    """A new token and what it stands for. Where it is not `kept`, only that the token was made is remembered."""

    token: str
    value: str
    kept: bool

    def __repr__(self) -> str:
        return "<Naming>"


class Opening(Struct, frozen=True):
    """How an opening ended; `value` is what the token stands for where it was opened."""

    outcome: Outcome
    value: str = ""

    def __repr__(self) -> str:
        return f"<Opening {self.outcome}>"


class Vault:
    """Who tokens stand for, in SQLite or PostgreSQL. It may be used by several threads and processes at once.

    It knows no clock: `at` is in seconds since the epoch.
    """

    def __init__(self, engine: Engine, keys: VaultKeys) -> None:
        self.engine = engine
        self._keys = keys

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with self.engine.connect() as connection:
            connection.execution_options(**{WRITES: True})
            with connection.begin():
                yield connection

    def check_keys(self) -> list[int]:
        """Return the numbers of keys that are not those that the vault was written with; learn new ones.

        Two keys of one number would leave entries that nobody can tell apart.
        """
        with self._writing() as connection:
            known = {row.key_id: Sealed(*row) for row in connection.execute(select(VAULT_KEYS))}
            current = self._keys.current
            if current not in known:
                known[current] = fresh = self._keys.seal(_CHECK, _CHECK)
                row = {"key_id": fresh.key_id, "nonce": fresh.nonce, "sealed": fresh.body}
                connection.execute(_INSERT[connection.dialect.name](VAULT_KEYS).values(row).on_conflict_do_nothing())
        return sorted(key_id for key_id in self._keys.ids & set(known) if not self._opens(known[key_id]))

    def put(self, namings: Sequence[Naming], at: float) -> int:
        """Add the tokens that are not there yet, in one transaction, and return how many those were."""
        new = {naming.token: naming for naming in namings}
        with self._writing() as connection:
            for some in chunks(list(new)):
                there = connection.scalars(select(ENTRIES.c.token).where(ENTRIES.c.token.in_(some)))
                for token in there.all():
                    del new[token]
            statement = _INSERT[connection.dialect.name](ENTRIES).on_conflict_do_nothing()
            # One order for all writers: no deadlock.
            for some in chunks(sorted(new)):
                connection.execute(statement, [self._row(new[token], at) for token in some])
        return len(new)

    def holds_any(self, tokens: Collection[str]) -> bool:
        """Return whether one of these tokens was ever made; nothing is opened, so nothing is written down."""
        with self.engine.connect() as connection:
            query = select(ENTRIES.c.token).where(ENTRIES.c.token.in_(sorted(tokens))).limit(1)
            return connection.execute(query).first() is not None

    def open(self, token: str, *, purpose: str, actor: str, at: float, incident: str = "") -> Opening:
        """Return who a token stands for, after the audit log has it: who asked, when, for which token and why."""
        with self._writing() as connection:
            found = connection.execute(select(ENTRIES).where(ENTRIES.c.token == token)).first()
            opening = self._opened(token, found)
            append_audit(
                connection,
                VAULT_AUDIT,
                at=at,
                actor=actor,
                action="vault.open",
                outcome=opening.outcome,
                subject=token,
                purpose=purpose,
                incident=incident,
            )
        return opening

    def refuse(self, token: str, *, purpose: str, actor: str, at: float, incident: str = "") -> None:
        """Write down that somebody was refused."""
        self.note("vault.open", "refused", actor=actor, at=at, subject=token, purpose=purpose, incident=incident)

    def note(
        self,
        action: str,
        outcome: str,
        *,
        actor: str,
        at: float,
        subject: str = "",
        purpose: str = "",
        incident: str = "",
    ) -> None:
        """Write something down that was done to the vault."""
        with self._writing() as connection:
            append_audit(
                connection,
                VAULT_AUDIT,
                at=at,
                actor=actor,
                action=action,
                outcome=outcome,
                subject=subject,
                purpose=purpose,
                incident=incident,
            )

    def audit(self) -> list[AuditEntry]:
        """Return the audit log, from the first entry."""
        with self.engine.connect() as connection:
            return list(audit_entries(connection, VAULT_AUDIT))

    def rewrap(self, at_most: int) -> int:
        """Seal entries that are under an older key anew, in one transaction, and return how many; 0 when all are done.

        Raises:
            MissingKeyError: an older key is not at hand.
            DamagedEntryError: an entry does not open.
        """
        older = select(ENTRIES).where(ENTRIES.c.vault_key != self._keys.current).order_by(ENTRIES.c.token)
        with self._writing() as connection:
            rows = connection.execute(older.limit(at_most)).all()
            for row in rows:
                sealed = self._keys.seal(row.token, self._keys.unseal(row.token, _sealed(row)))
                changed = {"vault_key": sealed.key_id, "nonce": sealed.nonce, "sealed": sealed.body}
                connection.execute(update(ENTRIES).where(ENTRIES.c.token == row.token).values(changed))
        return len(rows)

    def entries_by_vault_key(self) -> dict[int, int]:
        """Return the number of sealed entries by vault key."""
        return self._counts(ENTRIES.c.vault_key)

    def entries_by_token_key(self) -> dict[int, int]:
        """Return the number of entries by the key of their token."""
        return self._counts(ENTRIES.c.token_key)

    def close_token_key(self, token_key: int, at: float) -> None:
        """Say that a token key makes no new tokens, but that those made until now go on."""
        with self._writing() as connection:
            connection.execute(delete(CLOSED_TOKEN_KEYS).where(CLOSED_TOKEN_KEYS.c.token_key == token_key))
            connection.execute(insert(CLOSED_TOKEN_KEYS), {"token_key": token_key, "closed_at": at})

    def cut_token_keys(self, only: int | None = None) -> None:
        """Say that no token of an older key, or of one, goes on."""
        statement = delete(CLOSED_TOKEN_KEYS)
        with self._writing() as connection:
            connection.execute(statement if only is None else statement.where(CLOSED_TOKEN_KEYS.c.token_key == only))

    def closed_token_keys(self) -> dict[int, float]:
        """Return when each token key was closed whose tokens go on."""
        with self.engine.connect() as connection:
            return {row.token_key: row.closed_at for row in connection.execute(select(CLOSED_TOKEN_KEYS))}

    def tokens_made(self, token_key: int, until: float, at_most: int) -> Iterator[str]:
        """Yield the tokens of a key that were made until then; the newest where there are more than `at_most`."""
        table = ENTRIES.c
        query = select(table.token).where(table.token_key == token_key, table.first_at <= until)
        newest = query.order_by(table.first_at.desc(), table.token).limit(at_most)
        with self.engine.connect() as connection:
            for some in connection.execution_options(yield_per=10_000).scalars(newest).partitions():
                yield from some

    def _row(self, naming: Naming, at: float) -> dict[str, Any]:
        key_id = int(naming.token.partition(":")[0][1:])
        row: dict[str, Any] = {"token": naming.token, "token_key": key_id, "first_at": at}
        if not naming.kept:
            return row | {"vault_key": None, "nonce": None, "sealed": None}
        sealed = self._keys.seal(naming.token, naming.value)
        return row | {"vault_key": sealed.key_id, "nonce": sealed.nonce, "sealed": sealed.body}

    def _opened(self, token: str, row: Any) -> Opening:  # noqa: ANN401 - a row of any columns, or None
        if row is None or row.vault_key is None:
            return Opening("unknown")
        try:
            return Opening("opened", self._keys.unseal(token, _sealed(row)))
        except (MissingKeyError, DamagedEntryError):
            return Opening("damaged")

    def _opens(self, sealed: Sealed) -> bool:
        try:
            return self._keys.unseal(_CHECK, sealed) == _CHECK
        except DamagedEntryError:
            return False

    def _counts(self, column: Any) -> dict[int, int]:  # noqa: ANN401 - a column of any table
        query = select(column, func.count()).where(column.is_not(None)).group_by(column).order_by(column)
        with self.engine.connect() as connection:
            return {row[0]: row[1] for row in connection.execute(query)}


def _sealed(row: Any) -> Sealed:  # noqa: ANN401 - a row of ENTRIES
    return Sealed(row.vault_key, row.nonce, row.sealed)
