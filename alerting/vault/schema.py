"""The tables of the vault, for SQLite and PostgreSQL alike."""

from sqlalchemy import Column, Engine, Float, Index, Integer, LargeBinary, MetaData, String, Table, func, select

from alerting.store.audit_rows import audit_table
from alerting.store.engine import WRITES

_SCHEMA_LOCK = 0x56_41_55_4C  # "VAUL": a key for PostgreSQL's advisory locks

VAULT_METADATA = MetaData()

ENTRIES = Table(
    "vault_entries",
    VAULT_METADATA,
    Column("token", String, primary_key=True),
    Column("token_key", Integer, nullable=False),
    Column("first_at", Float, nullable=False),
    # Empty where it is only known that the token was made: names, addresses, cards, accounts, machines.
    Column("vault_key", Integer),
    Column("nonce", LargeBinary),
    Column("sealed", LargeBinary),
    Index("vault_entries_by_token_key", "token_key", "first_at"),
    Index("vault_entries_by_vault_key", "vault_key"),
)

VAULT_KEYS = Table(
    "vault_keys",
    VAULT_METADATA,
    Column("key_id", Integer, primary_key=True),
    Column("nonce", LargeBinary, nullable=False),
    Column("sealed", LargeBinary, nullable=False),  # a text that everybody knows: does this key open what it sealed?
)

CLOSED_TOKEN_KEYS = Table(
    "closed_token_keys",
    VAULT_METADATA,
    Column("token_key", Integer, primary_key=True),
    Column("closed_at", Float, nullable=False),
)

VAULT_AUDIT = audit_table("vault_audit", VAULT_METADATA)


def create_vault(engine: Engine) -> None:
    """Create the tables that do not exist yet; several processes may do so at once."""
    with engine.connect() as connection:
        connection.execution_options(**{WRITES: True})
        with connection.begin():
            if connection.dialect.name == "postgresql":
                connection.execute(select(func.pg_advisory_xact_lock(_SCHEMA_LOCK)))
            VAULT_METADATA.create_all(connection)
