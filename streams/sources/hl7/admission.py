"""ADT messages to context events: encounters, what the patient's flags are, and which record was merged into which.

Read: MSH, EVN, PID, PV1, MRG. A canceled admission (A11) becomes an encounter that ended when it began: the record has
no other way to say so, and those who prepared for it had their reason. A merge (A40) holds a group of PID and MRG for
each record that was merged (HL7 2.5.1, 3.3.40): MRG-1 is the number that ends, PID-3 the one that goes on.
"""

import datetime
import hashlib
from collections.abc import Callable, Iterator

import msgspec
from msgspec import UNSET, UnsetType

from detectors.events import BadRecord, Data, EncounterContext, Event, PatientContext, event_id, event_type
from detectors.events.envelope import decode
from streams.sources.api import Origin
from streams.sources.hl7.message import Message
from streams.sources.hl7.times import read_time

CLASSES: dict[str, str] = {
    "I": "inpatient",
    "O": "outpatient",
    "E": "emergency",
    "P": "preadmit",
    "R": "recurring",
    "B": "obstetrics",
    "C": "commercial",
}
"""PV1-2, HL7 table 0004, to the words of `EncounterContext.class`."""

NOT_IMPORTANT = frozenset({"N", "NO", "0", "NONE"})
"""Values of PV1-16 (a table of the site) that say that the patient is no VIP; every other one says so."""

EXPIRED = frozenset({"20", "40", "41", "42"})
"""Discharge dispositions, PV1-36, that say that the patient died (the UB-04 patient status codes)."""

_PARTICIPANTS = (7, 8, 9, 17)
"""Attending, referring, consulting and admitting doctors in PV1."""


def events(message: Message, origin: Origin, zone: datetime.tzinfo, raw: bytes) -> Iterator[Event]:
    """Yield the context events of one message.

    Raises:
        BadRecord: with the reason and the field, never its value.
    """
    trigger = trigger_of(message)
    known_at = _known_at(message, zone)
    key = _natural_key(message, raw)
    if trigger in MERGES:
        for ordinal, merged in enumerate(_merges(message), 1):
            yield _event(merged, known_at, origin, f"{key}\x1fmerge {ordinal}")
        return
    encounter = TRIGGERS[trigger](message, zone, known_at)
    if encounter is not None:
        yield _event(encounter, known_at, origin, key)
    patient = _patient(message, zone, known_at)
    if patient is not None:
        yield _event(patient, known_at, origin, key)


def trigger_of(message: Message) -> str:
    """Return the trigger event, of MSH-9 or of EVN-1 where older systems leave it.

    Raises:
        BadRecord: where the message is no ADT message, or one that is not mapped.
    """
    kind = message.value("MSH", 9, 1)
    if kind != "ADT":
        raise BadRecord("unsupported_message_type", "MSH-9.1")
    trigger = message.value("MSH", 9, 2) or message.value("EVN", 1)
    if trigger not in TRIGGERS and trigger not in MERGES:
        raise BadRecord("unsupported_trigger", "MSH-9.2")
    return trigger


def _admitted(message: Message, zone: datetime.tzinfo, known_at: datetime.datetime) -> EncounterContext:
    return _encounter(message, _happened(message, zone, known_at), _time(message, 45, zone, ends_day=True), zone)


def _moved(message: Message, zone: datetime.tzinfo, _: datetime.datetime) -> EncounterContext:
    return _encounter(message, None, _time(message, 45, zone, ends_day=True), zone)


def _discharged(message: Message, zone: datetime.tzinfo, known_at: datetime.datetime) -> EncounterContext:
    left = _time(message, 45, zone, ends_day=True) or _happened(message, zone, known_at)
    return _encounter(message, None, left, zone)


def _updated(message: Message, zone: datetime.tzinfo, known_at: datetime.datetime) -> EncounterContext | None:
    """An update may be of the person alone: without a visit and its beginning there is no encounter to tell."""
    if not _visit(message) or not message.value("PV1", 44):
        return None
    return _moved(message, zone, known_at)


def _never_admitted(message: Message, zone: datetime.tzinfo, known_at: datetime.datetime) -> EncounterContext:
    encounter = _encounter(message, _happened(message, zone, known_at), None, zone)
    encounter.discharge_at = encounter.admit_at
    return encounter


def _still_in(message: Message, zone: datetime.tzinfo, _: datetime.datetime) -> EncounterContext:
    return _encounter(message, None, None, zone)


TRIGGERS: dict[str, Callable[[Message, datetime.tzinfo, datetime.datetime], EncounterContext | None]] = {
    "A01": _admitted,
    "A02": _moved,
    "A03": _discharged,
    "A04": _admitted,
    "A08": _updated,
    "A11": _never_admitted,
    "A12": _moved,
    "A13": _still_in,
}
"""Trigger event to what it says of the encounter. PV1-3 of A12 is where the patient is again."""

MERGES = frozenset({"A40"})
"""Merge of patient identifier lists; merges of accounts (A41) and visits (A42) leave the patient as is."""


def _encounter(
    message: Message, begin: datetime.datetime | None, end: datetime.datetime | None, zone: datetime.tzinfo
) -> EncounterContext:
    """Return the encounter; `begin` stands in where PV1-44 is empty, and without either there is none."""
    admitted = _time(message, 44, zone) or begin
    if admitted is None:
        raise BadRecord("missing_field", "PV1-44")
    visit = _visit(message)
    if not visit:
        raise BadRecord("missing_field", "PV1-19")
    location = message.field("PV1", 3).split(message.separators.repetition, 1)[0]
    doctors = [message.part(doctor, 1) for number in _PARTICIPANTS for doctor in message.repetitions("PV1", number)]
    return EncounterContext(
        patient_ref=_patient_ref(message),
        encounter_id=visit,
        admit_at=admitted,
        class_=CLASSES.get(message.value("PV1", 2).upper(), ""),
        dept=message.value("PV1", 10),
        unit=message.part(location, 1),
        user_refs=list(dict.fromkeys(doctor for doctor in doctors if doctor)),
        discharge_at=end,
        facility=message.part(location, 4) or message.value("MSH", 4),
    )


def _patient(message: Message, zone: datetime.tzinfo, known_at: datetime.datetime) -> PatientContext | None:
    """Return the flags that the message states, None where it states none: an absent field must not clear one."""
    vip, deceased_at = _importance(message), _death(message, zone, known_at)
    if vip is UNSET and deceased_at is UNSET:
        return None
    return PatientContext(patient_ref=_patient_ref(message), vip=vip, deceased_at=deceased_at)


def _importance(message: Message) -> bool | UnsetType:
    important = message.value("PV1", 16).upper()
    return bool(important) and important not in NOT_IMPORTANT if message.says("PV1", 16) else UNSET


def _death(
    message: Message, zone: datetime.tzinfo, known_at: datetime.datetime
) -> datetime.datetime | UnsetType | None:
    """Return when the patient died, None where the message says that the patient lives, UNSET where it says nothing."""
    died_at = read_time(message.value("PID", 29), zone, "PID-29", ends_day=True)
    if died_at is not None:
        return died_at
    if message.value("PID", 30).upper() == "Y" or message.value("PV1", 36) in EXPIRED:
        return _time(message, 45, zone, ends_day=True) or _happened(message, zone, known_at)
    return None if message.says("PID", 29) or message.says("PID", 30) else UNSET


def _merges(message: Message) -> Iterator[PatientContext]:
    groups = list(message.groups("PID"))
    if not groups:
        raise BadRecord("missing_field", "PID-3")
    for group in groups:
        ended = _record_number(group, "MRG", 1)
        if not ended:
            raise BadRecord("missing_field", "MRG-1")
        goes_on = _patient_ref(group)
        if goes_on == ended:
            raise BadRecord("merged_into_itself", "MRG-1")
        yield PatientContext(patient_ref=ended, merged_into=goes_on)


def _patient_ref(message: Message) -> str:
    """Return the medical record number of PID-3, or the older PID-2."""
    found = _record_number(message, "PID", 3) or message.value("PID", 2)
    if not found:
        raise BadRecord("missing_field", "PID-3")
    return found


def _record_number(message: Message, segment: str, number: int) -> str:
    """Return the medical record number of a list of identifiers: type MR, else PI, else the first; "" where none is."""
    entries = message.repetitions(segment, number)
    identifiers = {message.part(entry, 5).upper(): message.part(entry, 1) for entry in reversed(entries)}
    for kind in ("MR", "PI"):
        if identifiers.get(kind):
            return identifiers[kind]
    return next((found for entry in entries if (found := message.part(entry, 1))), "")


def _visit(message: Message) -> str:
    """Return the visit number PV1-19, or the account number PID-18."""
    return message.value("PV1", 19) or message.value("PID", 18)


def _time(message: Message, number: int, zone: datetime.tzinfo, *, ends_day: bool = False) -> datetime.datetime | None:
    return read_time(message.value("PV1", number), zone, f"PV1-{number}", ends_day=ends_day)


def _happened(message: Message, zone: datetime.tzinfo, known_at: datetime.datetime) -> datetime.datetime:
    """Return when the event happened, EVN-6, else when it was recorded."""
    return read_time(message.value("EVN", 6), zone, "EVN-6") or known_at


def _known_at(message: Message, zone: datetime.tzinfo) -> datetime.datetime:
    """Return when the source recorded it, EVN-2, or sent it, MSH-7."""
    known = read_time(message.value("EVN", 2), zone, "EVN-2") or read_time(message.value("MSH", 7), zone, "MSH-7")
    if known is None:
        raise BadRecord("missing_field", "EVN-2")
    return known


def _natural_key(message: Message, raw: bytes) -> str:
    """Return what tells this message from all others: sender, control id and time; control ids begin anew at times."""
    control = message.value("MSH", 10) or hashlib.sha256(raw).hexdigest()
    return "\x1f".join((message.value("MSH", 3), message.value("MSH", 4), control, message.value("MSH", 7)))


def _event(data: Data, known_at: datetime.datetime, origin: Origin, key: str) -> Event:
    """Build the event as the intake would: one place decides what a canonical event may hold."""
    name = event_type(data)
    event, _ = decode(
        msgspec.json.encode(data),
        id=event_id(origin.source, f"{key}\x1f{name}"),
        source=origin.source,
        type_name=name,
        time=known_at,
    )
    return event
