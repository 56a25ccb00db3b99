"""The envelope: CloudEvents 1.0 in structured mode, typed data, and one documented error for whatever is wrong."""

import datetime
import functools
import hashlib
import re
import typing
from typing import Any

import msgspec
from msgspec import Raw, Struct

from detectors.events.access import AccessEvent
from detectors.events.billing import BillingTransaction
from detectors.events.context import (
    AppointmentContext,
    CareTeamContext,
    EncounterContext,
    ExclusionContext,
    Feedback,
    OrderContext,
    PatientContext,
    RosterContext,
    StaffContext,
    TaskContext,
)
from detectors.events.nesting import nests_deeper
from detectors.events.tolerant import count_unknown, tolerant_twin

Data = (
    AccessEvent
    | BillingTransaction
    | StaffContext
    | PatientContext
    | AppointmentContext
    | EncounterContext
    | OrderContext
    | CareTeamContext
    | TaskContext
    | RosterContext
    | ExclusionContext
    | Feedback
)

DATA_TYPES: dict[str, type[Data]] = {
    "org.wardwatch.phi.access.v1": AccessEvent,
    "org.wardwatch.billing.transaction.v1": BillingTransaction,
    "org.wardwatch.context.staff.v1": StaffContext,
    "org.wardwatch.context.patient.v1": PatientContext,
    "org.wardwatch.context.appointment.v1": AppointmentContext,
    "org.wardwatch.context.encounter.v1": EncounterContext,
    "org.wardwatch.context.order.v1": OrderContext,
    "org.wardwatch.context.care_team.v1": CareTeamContext,
    "org.wardwatch.context.task.v1": TaskContext,
    "org.wardwatch.context.roster.v1": RosterContext,
    "org.wardwatch.context.exclusion.v1": ExclusionContext,
    "org.wardwatch.feedback.v1": Feedback,
}
"""CloudEvents `type` to the struct of its `data` (design.md §5)."""

TYPE_OF: dict[type, str] = {data_type: name for name, data_type in DATA_TYPES.items()}

EARLIEST = datetime.datetime(1900, 1, 1, tzinfo=datetime.UTC)
LATEST = datetime.datetime(2200, 1, 1, tzinfo=datetime.UTC)
"""Outside these an instant is a broken clock or a placeholder such as year 9999, never a business time."""

MAXIMUM_BYTES = 1_048_576
"""A canonical event over 1 MiB is refused; CloudEvents asks intermediaries for 64 KiB only."""

MAXIMUM_DEPTH = 32
"""Canonical events nest five deep; deeper input is an attack or a mistake."""


class BadRecord(Exception):  # noqa: N818 - the field's name for it; it is a verdict on input, not a fault of ours
    """Input that cannot become an event.

    `reason` is a stable code (a label of metrics and of the ledger); `detail` says where, never which value.
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail


class Event(Struct, kw_only=True):
    """One event: envelope attributes and typed data. `time` is business time in seconds since the epoch."""

    id: str
    source: str
    type: str
    time: float
    data: Data
    subject: str = ""

    def __repr__(self) -> str:
        return f"<Event {self.type}>"


class Structured(Struct, kw_only=True, omit_defaults=True):
    """CloudEvents 1.0 structured mode, `data` still encoded."""

    id: typing.Annotated[str, msgspec.Meta(min_length=1, max_length=256)]
    source: typing.Annotated[str, msgspec.Meta(min_length=1, max_length=256)]
    type: typing.Annotated[str, msgspec.Meta(min_length=1, max_length=128)]
    data: Raw
    specversion: str = ""
    time: datetime.datetime | None = None
    subject: str = ""

    def __repr__(self) -> str:
        return f"<CloudEvent {self.type[:64]}>"


def event_id(system: str, natural_key: str, version: str = "1") -> str:
    """Return the deterministic id of a source record (domain.md §1.1): the same record, the same id, for ever."""
    return hashlib.sha256("\x1f".join((system, natural_key, version)).encode()).hexdigest()


def event_type(data: Data) -> str:
    """Return the CloudEvents `type` of `data`."""
    return TYPE_OF[type(data)]


def decode_structured(line: bytes) -> tuple[Event, int]:
    """Decode one CloudEvent in structured mode (a line of a JSON Lines file).

    Returns:
        The event and the number of unknown fields that were kept out.

    Raises:
        BadRecord: with the reason, for anything that is not such an event.
    """
    check_size(line)
    try:
        envelope = _structured.decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise _bad(error) from None
    if envelope.specversion != "1.0":
        raise BadRecord("unknown_specversion", "specversion must be 1.0")
    return decode(
        envelope.data,
        id=envelope.id,
        source=envelope.source,
        type_name=envelope.type,
        time=envelope.time,
        subject=envelope.subject,
    )


def decode(
    data: bytes | Raw,
    *,
    id: str,  # noqa: A002 - the attribute's name in CloudEvents
    source: str,
    type_name: str,
    time: datetime.datetime | None = None,
    subject: str = "",
) -> tuple[Event, int]:
    """Decode the data of one CloudEvent whose attributes are already read (binary mode).

    Without the attribute `time`, business time is the data's own `occurred_at`.

    Returns:
        The event and the number of unknown fields that were kept out.

    Raises:
        BadRecord: with the reason.
    """
    decoder = _decoders.get(type_name)
    if decoder is None:
        raise BadRecord("unknown_type", "the type is not one of Wardwatch's")
    unknown = 0
    try:
        body = decoder.decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        if "unknown field" not in str(error):
            raise _bad(error) from None
        body, unknown = _decode_tolerantly(type_name, data)
    moment = getattr(body, "occurred_at", None) or time
    if moment is None:
        raise BadRecord("missing_field", "time")
    if moment.tzinfo is None:
        raise BadRecord("impossible_date", "time has no offset")
    _check_instants(body, moment)
    return Event(id=id, source=source, type=type_name, time=moment.timestamp(), data=body, subject=subject), unknown


def encode_structured(event: Event) -> bytes:
    """Encode an event as one line of CloudEvents structured mode, without the line feed."""
    moment = datetime.datetime.fromtimestamp(event.time, datetime.UTC)
    return _encoder.encode(
        {
            "specversion": "1.0",
            "id": event.id,
            "source": event.source,
            "type": event.type,
            "subject": event.subject,
            "time": moment,
            "data": event.data,
        }
    )


def check_size(payload: bytes) -> None:
    """Raise `BadRecord` where a record is too large or nests too deep to be decoded safely."""
    if len(payload) > MAXIMUM_BYTES:
        raise BadRecord("too_large", f"{len(payload)} bytes, {MAXIMUM_BYTES} allowed")
    if nests_deeper(payload, MAXIMUM_DEPTH):
        raise BadRecord("too_deep", f"nested deeper than {MAXIMUM_DEPTH}")


def json_schemas() -> dict[str, dict[str, Any]]:
    """Return the JSON Schema of each event type, by CloudEvents `type`. Unknown fields are allowed: see `decode`."""
    schemas = {name: msgspec.json.schema(data_type) for name, data_type in DATA_TYPES.items()}
    for schema in schemas.values():
        for definition in schema["$defs"].values():
            definition.pop("additionalProperties", None)
    return schemas


_DATED_FIELDS = (
    "recorded_at", "ingested_at", "at", "start", "end", "admit_at", "discharge_at", "hired_at", "terminated_at",
    "notice_at", "deceased_at",
)  # fmt: skip


@functools.cache
def _dated_fields(data_type: type[Data]) -> tuple[str, ...]:
    """Return the dated fields that a type of event has."""
    return tuple(name for name in _DATED_FIELDS if name in data_type.__struct_fields__)


def _check_instants(body: Data, moment: datetime.datetime) -> None:
    if not EARLIEST <= moment < LATEST:
        raise BadRecord("impossible_date", "time is before 1900 or after 2199")
    for name in _dated_fields(type(body)):
        value = getattr(body, name)
        if isinstance(value, datetime.datetime) and not EARLIEST <= value < LATEST:
            raise BadRecord("impossible_date", f"{name} is before 1900 or after 2199")


_STABLE_REASONS = (
    (re.compile("missing required field"), "missing_field"),
    (re.compile("Invalid RFC3339|Invalid date|Invalid datetime|with a timezone"), "impossible_date"),
    (re.compile("Expected|Invalid enum|Invalid value"), "wrong_type"),
    (re.compile("out of range"), "wrong_type"),
    (re.compile("RecursionError|recursion"), "too_deep"),
)
_PATH = re.compile(r"at `(\$[^`]*)`")
_MISSING = re.compile(r"missing required field `([a-z_]+)`")


def _bad(error: Exception) -> BadRecord:
    """Turn a decoder's error into a reason and a place; the decoder's own words may quote the value."""
    message = str(error)
    place = _PATH.search(message)
    missing = _MISSING.search(message)
    detail = ".".join(part for part in (place[1] if place else "", missing[1] if missing else "") if part)
    if isinstance(error, RecursionError):
        return BadRecord("too_deep", detail)
    for pattern, reason in _STABLE_REASONS:
        if pattern.search(message):
            return BadRecord(reason, detail)
    return BadRecord("not_json", detail)


def _decode_tolerantly(type_name: str, data: bytes | Raw) -> tuple[Data, int]:
    data_type = DATA_TYPES[type_name]
    try:
        # By way of JSON: `msgspec.convert` refuses the attribute of a field that is not said.
        known = msgspec.json.encode(msgspec.json.decode(data, type=tolerant_twin(data_type)))
        return msgspec.json.decode(known, type=data_type), count_unknown(msgspec.json.decode(data), data_type)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise _bad(error) from None


_structured = msgspec.json.Decoder(Structured)
_encoder = msgspec.json.Encoder()
_decoders: dict[str, msgspec.json.Decoder[Data]] = {
    name: typing.cast("msgspec.json.Decoder[Data]", msgspec.json.Decoder(data_type))
    for name, data_type in DATA_TYPES.items()
}
