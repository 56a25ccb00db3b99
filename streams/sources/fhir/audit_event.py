"""FHIR AuditEvent, IHE BALP profiles included, as accesses (domain.md §1.6).

One event for each patient that the record names. A BALP access is recorded by client and server: both records get the
same event id, from the request that they share, and the second is dropped as a duplicate.
"""

import datetime
from collections.abc import Iterator
from typing import Annotated, Literal

from msgspec import Meta, structs

from detectors.events import AccessEvent, BadRecord
from detectors.events.access import (
    AccessedPatient,
    Action,
    BreakGlass,
    Outcome,
    Purpose,
    Query,
    Session,
    Source,
    Volume,
)
from detectors.events.access import Resource as AccessedResource
from streams.sources.api import Origin
from streams.sources.atna.values import DETAILS, NOT_SENSITIVE, count, few, possible, query_hash, short
from streams.sources.atna.vocabulary import (
    AUDIT_LOG,
    AUDIT_LOG_USED,
    LETTERS,
    OUTCOMES,
    Letter,
    dicom_action,
    letter_action,
)
from streams.sources.fhir.agents import Agent, cast_of, client_of, requestor_of
from streams.sources.fhir.elements import (
    Code,
    Coding,
    Concept,
    Element,
    Period,
    Reference,
    Resource,
    identity,
    optional_instant,
    split_reference,
)


class Detail(Element, kw_only=True, frozen=True):
    """A value of an entity."""

    type: str = ""
    value_string: str = ""


class Label(Element, kw_only=True, frozen=True):
    """A security label: a Coding in R4, a CodeableConcept in R5, and what senders take for either."""

    code: Code = ""
    coding: tuple[Coding, ...] = ()

    def codes(self) -> tuple[str, ...]:
        """The codes, of either."""
        return tuple(code for code in (self.code, *(coding.code for coding in self.coding)) if code)


class Entity(Element, kw_only=True, frozen=True):
    """What was accessed, or what tells of the access."""

    what: Reference = Reference()
    type: Coding = Coding()
    role: Coding = Coding()
    security_label: tuple[Label, ...] = ()
    query: str = ""
    detail: tuple[Detail, ...] = ()


class Observer(Element, kw_only=True, frozen=True):
    """AuditEvent.source."""

    observer: Reference
    site: str = ""


class AuditEvent(Resource, kw_only=True, frozen=True):
    """`https://hl7.org/fhir/R4/auditevent.html`."""

    type: Coding
    recorded: Annotated[datetime.datetime, Meta(tz=True)]
    agent: Annotated[tuple[Agent, ...], Meta(min_length=1)]
    source: Observer
    subtype: tuple[Coding, ...] = ()
    action: Letter | None = None
    period: Period = Period()
    outcome: Literal["0", "4", "8", "12"] = "0"
    purpose_of_event: tuple[Concept, ...] = ()
    entity: tuple[Entity, ...] = ()


def accesses(record: AuditEvent, origin: Origin, ordinal: int) -> Iterator[tuple[AccessEvent, str | None]]:
    """Yield the accesses of one record, each with its natural key, and None where the record has no id of its own.

    Raises:
        BadRecord: with the reason.
    """
    outcome = OUTCOMES[record.outcome]
    action = _action(record, outcome)
    recorded = possible(record.recorded, "recorded")
    occurred = optional_instant(record.period.start, "period.start") or recorded
    cast = cast_of(record.agent)
    actor, requestor = requestor_of(cast, action)
    client = client_of(cast, requestor, action)
    purpose = _purpose(record, requestor)
    token = requestor.token()
    session = Session(token_jti=token) if token else None
    patients, others, request = _sorted(record.entity)
    resource = _resource(others, record.entity)
    if record.type.code == AUDIT_LOG_USED:
        resource = structs.replace(resource or AccessedResource(), category=AUDIT_LOG)
    volume, query = _amounts(record.entity)
    system = identity(record.source.observer, "source.observer") or record.source.site[:256]
    for number, patient in enumerate(patients or [""]):
        event = AccessEvent(
            action=action,
            occurred_at=occurred,
            recorded_at=recorded,
            outcome=outcome,
            actor=actor,
            session=session,
            client=client,
            patient=AccessedPatient(ref=patient) if patient else None,
            resource=resource,
            purpose=purpose,
            src=Source(
                system=system,
                format="fhir_auditevent",
                file_id=origin.file_id,
                originator_id=record.id,
                ordinal=ordinal,
            ),
        )
        if number == 0:
            # Said once, or a search over many patients would count as many searches.
            event.volume, event.query = volume, query
        if action in ("break_glass_start", "break_glass_end") or (event.purpose and event.purpose.code == "BTG"):
            event.break_glass = BreakGlass(flag=True, reason_code=event.purpose.code if event.purpose else "")
        yield event, _natural_key(record, request, patient, event, alone=len(patients) < 2)


def _natural_key(record: AuditEvent, request: str, patient: str, event: AccessEvent, *, alone: bool) -> str | None:
    if request:
        # The day bounds what a client can hide that sends the same request id for ever.
        day = f"{event.occurred_at:%Y-%m-%d}"
        return "\x1f".join(("x-request-id", request, day, event.action, patient))
    if not record.id:
        return None
    return f"AuditEvent/{record.id}" if alone else f"AuditEvent/{record.id}\x1f{patient}"


_REST: dict[str, Action] = {
    "read": "read",
    "vread": "read",
    "history": "read",
    "history-instance": "read",
    "history-type": "query",
    "history-system": "query",
    "search": "query",
    "search-type": "query",
    "search-system": "query",
    "create": "create",
    "update": "update",
    "patch": "update",
    "delete": "delete",
}
"""http://hl7.org/fhir/restful-interaction"""

_LIFECYCLE: dict[str, Action] = {
    "access": "read",
    "amend": "update",
    "destroy": "delete",
    "disclose": "disclose",
    "extract": "export",
    "originate": "create",
    "receive": "import",
    "report": "print",
    "transmit": "transmit",
}
"""http://terminology.hl7.org/CodeSystem/iso-21089-lifecycle, as the type of an event."""


def _action(record: AuditEvent, outcome: Outcome) -> Action:
    codes = [coding.code for coding in record.subtype]
    kind, letter = record.type.code, record.action or ""
    if kind == "rest":
        action = next((_REST[code] for code in codes if code in _REST), None)
        if action:
            return action
        if "capabilities" in codes:
            raise BadRecord("not_an_access", "capability statement")
        # An operation, batch or transaction: it ran against records, what it did to them is not said.
        return LETTERS.get(letter, "query")
    if kind in _LIFECYCLE and not kind.isdigit():
        return _LIFECYCLE[kind]
    if kind == "object":
        return letter_action(letter)
    return dicom_action(kind, codes, letter, outcome)


Thing = tuple[Entity, str]
"""An entity and the type of resource that it refers to, "" where it does not say."""


def _sorted(entities: tuple[Entity, ...]) -> tuple[list[str], list[Thing], str]:
    """Return the patients, the other things accessed, and the id of the request."""
    patients: dict[str, None] = {}
    others: list[Thing] = []
    request = ""
    for entity in entities:
        what = entity.what
        if entity.type.code == "XrequestId":
            request = short(what.identifier.value.strip(), "entity.what.identifier.value")
            continue
        is_patient = entity.role.code == _PATIENT
        type_ = what.type or (split_reference(what.reference)[0] if what.reference else "")
        if is_patient or type_ == "Patient":
            ref = identity(what, "entity.what")
            if ref:
                patients[ref] = None
        if not is_patient:
            others.append((entity, type_))
    return list(patients), others, request


_PATIENT = "1"
_RESOURCE_ROLES = frozenset({"3", "4", "20"})
"""Patient; report, domain resource and job (http://terminology.hl7.org/CodeSystem/object-role)."""


def _resource(others: list[Thing], entities: tuple[Entity, ...]) -> AccessedResource | None:
    """Return what was opened: a domain resource, report or job first, else the first thing with a reference."""
    labels = few(
        (
            code
            for entity in entities
            for label in entity.security_label
            for code in label.codes()
            if code not in NOT_SENSITIVE
        ),
        "entity.securityLabel",
    )
    chosen: Thing | None = None
    encounter = ""
    for thing in others:
        entity, type_ = thing
        if type_ == "Encounter":
            encounter = encounter or identity(entity.what, "entity.what")
        names = entity.what.reference or entity.what.identifier.value
        if entity.role.code in _RESOURCE_ROLES:
            if chosen is None or chosen[0].role.code not in _RESOURCE_ROLES:
                chosen = thing
        elif names and chosen is None:
            chosen = thing
    if chosen is None:
        return AccessedResource(sensitivity=labels) if labels else None
    entity, type_ = chosen
    if not type_ and entity.type.system.endswith("resource-types"):
        type_ = entity.type.code
    return AccessedResource(
        type=type_[:256], id=identity(entity.what, "entity.what"), sensitivity=labels, encounter_ref=encounter
    )


def _amounts(entities: tuple[Entity, ...]) -> tuple[Volume | None, Query | None]:
    """Return how much left the system, and the search, as far as the entities say."""
    found: dict[str, int] = {}
    text = ""
    for entity in entities:
        text = text or entity.query
        for detail in entity.detail:
            number = count(detail.value_string) if detail.type in DETAILS else None
            if number is not None:
                found[detail.type] = number
    results = found.pop("result_count", None)
    query = Query(sha256=query_hash(text), result_count=results) if text or results is not None else None
    return Volume(**found) if found else None, query


def _purpose(record: AuditEvent, requestor: Agent) -> Purpose | None:
    """Return why: what the requestor says, else what the record says."""
    for concept in (*requestor.purpose_of_use, *record.purpose_of_event):
        if concept.coding or concept.text:
            return Purpose(code=concept.code, text_present=bool(concept.text))
    return None
