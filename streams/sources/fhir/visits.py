"""FHIR Encounter and Appointment as context: what explains an access."""

from collections.abc import Iterator
from typing import Literal

from msgspec import field

from detectors.events import AppointmentContext, BadRecord, EncounterContext
from streams.sources.atna.values import short
from streams.sources.fhir.elements import (
    Coding,
    Element,
    Period,
    Reference,
    Resource,
    identity,
    instant,
    optional_instant,
    split_reference,
)


class EncounterParticipant(Element, kw_only=True, frozen=True):
    """`participant`."""

    individual: Reference = Reference()


class EncounterLocation(Element, kw_only=True, frozen=True):
    """`location`."""

    location: Reference


class Encounter(Resource, kw_only=True, frozen=True):
    """`https://hl7.org/fhir/R4/encounter.html`."""

    status: Literal[
        "planned", "arrived", "triaged", "in-progress", "onleave", "finished", "cancelled", "entered-in-error",
        "unknown",
    ]  # fmt: skip
    class_: Coding = field(name="class")
    subject: Reference = Reference()
    participant: tuple[EncounterParticipant, ...] = ()
    period: Period = Period()
    location: tuple[EncounterLocation, ...] = ()
    service_provider: Reference = Reference()


class AppointmentParticipant(Element, kw_only=True, frozen=True):
    """`participant`."""

    actor: Reference = Reference()


class Appointment(Resource, kw_only=True, frozen=True):
    """`https://hl7.org/fhir/R4/appointment.html`."""

    status: Literal[
        "proposed", "pending", "booked", "arrived", "fulfilled", "cancelled", "noshow", "entered-in-error",
        "checked-in", "waitlist",
    ]  # fmt: skip
    participant: tuple[AppointmentParticipant, ...]
    start: str = ""
    end: str = ""


_STAFF = frozenset({"Practitioner", "PractitionerRole"})


def encounter_context(resource: Encounter) -> EncounterContext:
    """Return the visit.

    Raises:
        BadRecord: `did_not_happen` for one planned, cancelled or entered in error, and the usual reasons.
    """
    if resource.status in ("planned", "cancelled", "entered-in-error"):
        raise BadRecord("did_not_happen", "status")
    for value, name in ((resource.id, "id"), (resource.period.start, "period.start")):
        if not value:
            raise BadRecord("missing_field", name)
    provider = identity(resource.service_provider, "serviceProvider")
    return EncounterContext(
        patient_ref=_patient(resource.subject, "subject"),
        encounter_id=resource.id,
        admit_at=instant(resource.period.start, "period.start"),
        class_=resource.class_.code,
        dept=provider,
        unit=identity(resource.location[0].location, "location") if resource.location else "",
        user_refs=[ref for one in resource.participant if (ref := identity(one.individual, "participant.individual"))],
        discharge_at=optional_instant(resource.period.end, "period.end"),
        facility=provider,
    )


def appointment_contexts(resource: Appointment) -> Iterator[AppointmentContext]:
    """Yield the appointment for each member of staff who takes part, or one of nobody.

    Raises:
        BadRecord: with the reason.
    """
    if not resource.start:
        raise BadRecord("missing_field", "start")
    actors = [participant.actor for participant in resource.participant]
    types = [actor.type or split_reference(actor.reference)[0] for actor in actors]
    patient = next((actor for actor, type_ in zip(actors, types, strict=True) if type_ == "Patient"), Reference())
    staff = [actor for actor, type_ in zip(actors, types, strict=True) if type_ in _STAFF]
    for user in staff or [Reference()]:
        yield AppointmentContext(
            patient_ref=_patient(patient, "participant.actor"),
            start=instant(resource.start, "start"),
            user_ref=identity(user, "participant.actor"),
            end=optional_instant(resource.end, "end"),
            status=resource.status,
        )


def _patient(reference: Reference, place: str) -> str:
    ref = short(identity(reference, place), place)
    if not ref or split_reference(reference.reference)[0] == "Group":
        raise BadRecord("missing_patient", place)
    return ref
