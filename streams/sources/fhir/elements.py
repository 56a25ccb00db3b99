"""The data types of FHIR R4 as far as they are read, and how their values become ours.

Decoded by msgspec, which checks types, required elements and required codes in one pass and skips all else
(https://hl7.org/fhir/R4/datatypes.html).
"""

import datetime
import re
from decimal import Decimal
from typing import Annotated, Literal

from msgspec import Meta, Struct

from detectors.events import BadRecord
from streams.sources.atna.values import bare_identifier, possible, short

Code = Annotated[str, Meta(max_length=256)]
"""A code or short value that is copied: as long as a `Text` of an event may be."""

Sequence = Annotated[int, Meta(ge=0, le=2_147_483_647)]
"""A positiveInt (https://hl7.org/fhir/R4/datatypes.html#positiveInt), or nought where it is not given."""

MOST_MONEY = Decimal(10) ** 11
"""`Cents` reach to ten to the thirteen."""


class Element(Struct, rename="camel", frozen=True, gc=False):
    """Any FHIR element. Its `repr` shows its type only: resources are full of PHI."""

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"


class Coding(Element, kw_only=True, frozen=True):
    """A code of a system."""

    system: str = ""
    code: Code = ""


class Concept(Element, kw_only=True, frozen=True):
    """CodeableConcept: the same meaning in several systems, or as text."""

    coding: tuple[Coding, ...] = ()
    text: str = ""

    @property
    def code(self) -> str:
        """The first code, or ""."""
        return self.coding[0].code if self.coding else ""

    @property
    def system(self) -> str:
        """The system of the first code, or ""."""
        return self.coding[0].system if self.coding else ""


class Identifier(Element, kw_only=True, frozen=True):
    """A business identifier."""

    system: str = ""
    value: Code = ""
    type: Concept = Concept()


class Reference(Element, kw_only=True, frozen=True):
    """A reference: literal, by identifier, or by name only."""

    reference: str = ""
    type: Code = ""
    identifier: Identifier = Identifier()
    display: str = ""


class Period(Element, kw_only=True, frozen=True):
    """A period; either end may be open."""

    start: str = ""
    end: str = ""


class Money(Element, kw_only=True, frozen=True):
    """An amount, exact."""

    value: Decimal = Decimal(0)
    currency: Annotated[str, Meta(max_length=3)] = ""


class Quantity(Element, kw_only=True, frozen=True):
    """A measured amount."""

    value: Decimal | None = None


class Meta_(Element, kw_only=True, frozen=True):  # noqa: N801 - FHIR's name, which msgspec has taken
    """Metadata of a resource."""

    version_id: str = ""


class Resource(Element, kw_only=True, frozen=True):
    """What every resource has."""

    resource_type: str
    id: Code = ""
    meta: Meta_ = Meta_()


DocumentStatus = Literal["active", "cancelled", "draft", "entered-in-error"]
"""http://hl7.org/fhir/fm-status"""

Use = Literal["claim", "preauthorization", "predetermination"]
"""http://hl7.org/fhir/claim-use"""

RemittanceOutcome = Literal["queued", "complete", "error", "partial"]
"""http://hl7.org/fhir/remittance-outcome"""

_DATE_TIME = re.compile(r"\d{4}(-\d{2}(-\d{2}(T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2}))?)?)?", re.ASCII)
"""FHIR's dateTime: a year, a month, a day, or an instant with its offset."""


def split_reference(reference: str) -> tuple[str, str]:
    """Return the type and the id of a literal reference, e.g. `("Patient", "1")`.

    Relative and absolute addresses, with or without a version, and `urn:uuid:`, whose type is "". A fragment (`#id`)
    is returned whole: it means something only inside its resource.
    """
    if reference.startswith("urn:"):
        return "", reference.rpartition(":")[2]
    head, _, tail = reference.partition("/_history/")[0].rpartition("/")
    return head.rpartition("/")[2], tail


def identity(reference: Reference, place: str) -> str:
    """Return who or what a reference names: the id of a literal reference, else the identifier, else the name.

    Raises:
        BadRecord: `too_long`, with `place`.
    """
    literal = reference.reference
    found = split_reference(literal)[1] if literal and literal[0] != "#" else ""
    return short(found or bare_identifier(reference.identifier.value) or reference.display.strip(), place)


def instant(value: str, place: str) -> datetime.datetime:
    """Return a dateTime in UTC; a date, a month or a year begins at midnight UTC.

    Raises:
        BadRecord: `impossible_date`, with `place`.
    """
    if not _DATE_TIME.fullmatch(value):
        raise BadRecord("impossible_date", place)
    try:
        written = value if "T" in value else f"{_whole_day(value)}T00:00:00+00:00"
        moment = datetime.datetime.fromisoformat(written)
    except ValueError:
        raise BadRecord("impossible_date", place) from None
    return possible(moment, place)


def day(value: str, place: str) -> datetime.date | None:
    """Return the calendar day of a date or dateTime, as it is written; None where there is none.

    Raises:
        BadRecord: `impossible_date`, with `place`.
    """
    if not value:
        return None
    instant(value, place)
    return datetime.date.fromisoformat(_whole_day(value))


def optional_instant(value: str, place: str) -> datetime.datetime | None:
    """Return `instant`, or None where there is none.

    Raises:
        BadRecord: `impossible_date`, with `place`.
    """
    return instant(value, place) if value else None


def cents(money: Money | None, place: str) -> int:
    """Return an amount in cents, half a cent away from zero; nothing is 0.

    Raises:
        BadRecord: `out_of_range`, with `place`.
    """
    if money is None or not money.value:
        return 0
    if not (money.value.is_finite() and -MOST_MONEY < money.value < MOST_MONEY):
        raise BadRecord("out_of_range", place)
    return int((money.value * 100).to_integral_value("ROUND_HALF_UP"))


def _whole_day(value: str) -> str:
    """Return the day of a dateTime, the first one of a month or year."""
    return f"{value}-01-01"[:10]
