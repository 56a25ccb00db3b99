"""Values that audit messages and FHIR resources share: identifiers, addresses, instants, hashes of queries."""

import binascii
import datetime
import ipaddress
from collections.abc import Iterable
from functools import lru_cache
from hashlib import sha256

from detectors.events import BadRecord
from detectors.events.access import Action
from detectors.events.envelope import EARLIEST, LATEST, MAXIMUM_BYTES
from streams.sources.api import Refused

SOURCE, DESTINATION, APPLICATION = "110153", "110152", "110150"
"""Roles of a participant (DICOM PS3.16 CID 402)."""

SYSTEM_ROLES = frozenset({SOURCE, DESTINATION, APPLICATION, "110151", "110154", "110155"})
"""With application launcher, destination media and source media: roles of machines and programs."""

DETAILS = ("records", "bytes", "pages", "result_count")
"""Types of an object's detail that are read: the names of the fields of an event; the standards define none."""

NOT_SENSITIVE = frozenset({"U", "L", "M", "N"})
"""v3-Confidentiality up to normal: they label a record, and say that nothing about it is sensitive."""

LARGEST_COUNT = 10**12

MOST_VALUES = 32
"""Roles of an actor, and sensitivities of what was opened; real records have a handful."""

LONGEST_REFERENCE = 128
"""Characters of a `Reference` of an event."""


def client_role(action: Action) -> str:
    """Return the role of the client: it receives what is read or imported, and sends everything else.

    Queries are sent, though what they find is received: IHE BALP has it so, and ATNA.
    """
    return DESTINATION if action in ("read", "import") else SOURCE


def short(value: str, place: str) -> str:
    """Return an identifier if it fits in an event.

    Raises:
        BadRecord: `too_long`, with `place`.
    """
    if len(value) > LONGEST_REFERENCE:
        raise BadRecord("too_long", place)
    return value


def few(values: Iterable[str], place: str) -> list[str]:
    """Return values without the empty ones, each once.

    They stand in the event of each patient that a record names: without a limit, a record of 1 MiB becomes 1 GiB.

    Raises:
        BadRecord: `too_many_values`, with `place`.
    """
    found = list(dict.fromkeys(filter(None, values)))
    if len(found) > MOST_VALUES:
        raise BadRecord("too_many_values", place)
    return found


def bare_identifier(value: str) -> str:
    """Return the id of an identifier in HL7 CX form (`MRN^^^&OID&ISO`, repetitions `~`); other values as they are.

    Other sources know the number alone, so that is what links them; the assigning authority is let go.
    """
    return value.partition("~")[0].partition("^")[0].strip() if "^" in value else value.strip()


def possible(moment: datetime.datetime, place: str) -> datetime.datetime:
    """Return an instant in UTC if it may be a business time.

    Raises:
        BadRecord: `impossible_date`, with `place`.
    """
    if not EARLIEST <= moment < LATEST:
        raise BadRecord("impossible_date", place)
    return moment.astimezone(datetime.UTC)


@lru_cache(maxsize=65_536)
def canonical_ip(address: str) -> str:
    """Return an IP address in its one spelling, so that it has one token; "" for what is none."""
    try:
        return str(ipaddress.ip_address(address.strip()))
    except ValueError:
        return ""


def decoded(encoded: str) -> bytes:
    """Return what stands in base64, or the text as it is where it is none."""
    try:
        return binascii.a2b_base64(encoded.encode())
    except ValueError:
        return encoded.encode()


def query_hash(encoded: str) -> str:
    """Return the hash of a query that stands in base64; "" for no query."""
    return sha256(decoded(encoded)).hexdigest() if encoded else ""


def count(text: str) -> int | None:
    """Return a count, None for what is none."""
    return min(int(text[:15]), LARGEST_COUNT) if text.isascii() and text.isdigit() else None


def refused(why: BadRecord, place: str, payload: bytes) -> Refused:
    """Return the refusal of a record that stood at `place`; of a huge one only the beginning is kept."""
    detail = f"{place}: {why.detail}" if why.detail else place
    return Refused(reason=why.reason, place=detail, payload=payload[:MAXIMUM_BYTES])
