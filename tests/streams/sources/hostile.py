"""What tests of hostile files share."""

import io
from collections.abc import Iterable

from streams.sources.api import Refused
from streams.sources.tables import read_table
from tests.streams.sources.hl7.adt import ORIGIN
from tests.streams.sources.tables.made import ACCESS, mapping

MIB = 1 << 20
CSV = b"Key,Time,User,Patient,What\n1,2026-03-02T09:14:03,u1,p1,open\n"
LAUGHS = b'<!DOCTYPE sst [<!ENTITY a "ha">' + b"".join(
    b'<!ENTITY %c "%s">' % (letter, b"&%c;" % (letter - 1) * 10) for letter in b"bcdefghij"
)


def said(items: Iterable[object]) -> list[str]:
    return [item.reason if isinstance(item, Refused) else "event" for item in items]


def table(content: bytes) -> list[str]:
    return said(list(read_table(io.BytesIO(content), ORIGIN, mapping(ACCESS))))
