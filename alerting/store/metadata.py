"""What every table of the store is made with."""

from typing import Any

from sqlalchemy import Column, Dialect, ForeignKey, MetaData, String, TypeDecorator
from sqlalchemy.types import TypeEngine

_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"

METADATA = MetaData()


class Text(TypeDecorator[str]):
    """Text from outside: PostgreSQL cannot hold NUL, so it is replaced on both databases alike."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Replace what cannot be stored."""
        return value.replace("\x00", _REPLACEMENT) if value is not None and "\x00" in value else value


def required(name: str, of: TypeEngine[Any] | type[TypeEngine[Any]], *constraints: ForeignKey) -> Column[Any]:
    """Return a column that always has a value."""
    return Column(name, of, *constraints, nullable=False)


def incident_key() -> ForeignKey:
    """Return what ties a column to the table of incidents."""
    return ForeignKey("incidents.id")
