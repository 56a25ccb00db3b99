"""A DICOM/ATNA audit message as accesses, one for each patient that it names (DICOM PS3.15 A.5; domain.md §1.7)."""

import datetime
import re
from collections.abc import Iterator
from typing import Literal

from msgspec import structs

from detectors.events import AccessEvent, BadRecord
from detectors.events.access import (
    AccessedPatient,
    Action,
    Actor,
    BreakGlass,
    Client,
    Outcome,
    Purpose,
    Query,
    Resource,
    Source,
    Volume,
)
from streams.sources.api import Origin
from streams.sources.atna.values import (
    APPLICATION,
    DESTINATION,
    DETAILS,
    LARGEST_COUNT,
    NOT_SENSITIVE,
    SOURCE,
    SYSTEM_ROLES,
    bare_identifier,
    canonical_ip,
    client_role,
    count,
    decoded,
    few,
    possible,
    query_hash,
    short,
)
from streams.sources.atna.vocabulary import AUDIT_LOG, AUDIT_LOG_USED, OUTCOMES, dicom_action
from streams.sources.atna.xml import Node

_UNNAMED = frozenset({"", "unknown", "anonymous", "none", "n/a"})
"""What senders write in UserID, which is required, where they know no user."""

_DATE_TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})?", re.ASCII)

_PATIENT_TYPE, _PATIENT_ROLE, _SYSTEM_OBJECT = "1", "1", "2"
_RESOURCE_ROLES = frozenset({"3", "4", "20"})
"""Report, resource and job (DICOM PS3.15 A.5.2.5, ParticipantObjectTypeCodeRole)."""

_QUERY_ROLE = "24"
_ENCOUNTER_NUMBER = "3"
_PAPER = "110038"
"""Paper document (DICOM PS3.16 CID 405): what is exported to it is printed."""

_TEXT = 256


def accesses(root: Node, origin: Origin, ordinal: int) -> Iterator[AccessEvent]:
    """Yield the accesses of one message.

    A time without an offset is taken for UTC.

    Raises:
        BadRecord: with the reason.
    """
    event = next(iter(root.all("EventIdentification")), None)
    if event is None:
        raise BadRecord("missing_field", "EventIdentification")
    outcome = _outcome(event)
    named = root.all("ActiveParticipant")
    action = _action(event, outcome, on_paper=any(map(_is_paper, named)))
    occurred = _instant(event.get("EventDateTime"))
    participants = [Participant(node) for node in named]
    requestor = requestor_of(participants, action)
    objects = root.all("ParticipantObjectIdentification")
    patients, others = _sorted(objects)
    purpose = next((Purpose(code=node.code[:_TEXT]) for node in event.all("PurposeOfUse") if node.code), None)
    system = next((node.get("AuditSourceID") for node in root.all("AuditSourceIdentification")), "")
    client = client_of(participants, requestor, action)
    volume, query = _amounts(objects)
    resource = _resource(others, objects)
    if _kind(event) == AUDIT_LOG_USED:
        resource = structs.replace(resource or Resource(), category=AUDIT_LOG)
    for number, patient in enumerate(patients or [""]):
        access = AccessEvent(
            action=action,
            occurred_at=occurred,
            outcome=outcome,
            actor=Actor(id=requestor.name, type=requestor.type, roles=requestor.own_roles),
            client=client,
            patient=AccessedPatient(ref=patient) if patient else None,
            resource=resource,
            purpose=purpose,
            src=Source(system=system[:_TEXT], format="atna", file_id=origin.file_id, ordinal=ordinal),
        )
        if number == 0:
            # Said once, or a search over many patients would count as many searches.
            access.volume, access.query = volume, query
        if action in ("break_glass_start", "break_glass_end") or (purpose and purpose.code == "BTG"):
            access.break_glass = BreakGlass(flag=True, reason_code=purpose.code if purpose else "")
        yield access


class Participant:
    """ActiveParticipant."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.roles = [role.code for role in node.all("RoleIDCode")]
        self.own_roles = few((role[:_TEXT] for role in self.roles if role not in SYSTEM_ROLES), "RoleIDCode")
        self.asked = self._flag(node.get("UserIsRequestor"))
        self.is_system = bool(self.roles) and not self.own_roles and not node.get("UserName")
        self.type: Literal["service", "human"] = "service" if self.is_system else "human"
        self.name = short(self._name(), "ActiveParticipant.UserID")

    def _name(self) -> str:
        """Return who it is. A number in AlternativeUserID is a process, which another run has another of."""
        alternative = self.node.get("AlternativeUserID")
        ranked = (
            bare_identifier(self.node.get("UserID")),
            "" if alternative.isdigit() else alternative,
            self.node.get("UserName"),
            self.node.get("NetworkAccessPointID"),
            alternative,
        )
        return next((name for name in ranked if name.casefold() not in _UNNAMED), "")

    @staticmethod
    def _flag(text: str) -> bool:
        try:
            # The schema defaults to true.
            return {"true": True, "1": True, "": True, "false": False, "0": False}[text]
        except KeyError:
            raise BadRecord("unknown_code", "ActiveParticipant.UserIsRequestor") from None


def requestor_of(participants: list[Participant], action: Action) -> Participant:
    """Return who acted: who requested, people before systems, then the client, then whoever is named.

    Raises:
        BadRecord: `missing_actor` where nobody is named.
    """
    role = client_role(action)

    def rank(participant: Participant) -> tuple[bool, bool, bool]:
        return not participant.asked, participant.is_system, role not in participant.roles

    named = sorted((participant for participant in participants if participant.name), key=rank)
    if not named:
        raise BadRecord("missing_actor", "ActiveParticipant")
    return named[0]


def client_of(participants: list[Participant], requestor: Participant, action: Action) -> Client | None:
    """Return the machine of the requestor, else that of the application, the client, or the other end."""
    ip = workstation = app = ""
    for code in (APPLICATION, client_role(action)):
        for participant in participants:
            # An address may hold the number of a patient: `app` is no identifier, it is not tokenised.
            plain = participant.is_system and "/" not in participant.name
            if not app and plain and participant is not requestor and code in participant.roles:
                app = participant.name
    ranked = [
        requestor,
        *(one for code in (APPLICATION, client_role(action)) for one in participants if code in one.roles),
        *(one for one in participants if SOURCE in one.roles or DESTINATION in one.roles),
    ]
    for participant in ranked:
        address = participant.node.get("NetworkAccessPointID")
        kind = participant.node.get("NetworkAccessPointTypeCode")
        if address and kind in ("1", "2", ""):
            ip = canonical_ip(address)
            workstation = "" if ip else address[:_TEXT]
            break
    return Client(ip=ip, workstation=workstation, app=app) if ip or workstation or app else None


def _outcome(event: Node) -> Outcome:
    written = event.get("EventOutcomeIndicator")
    if not written:
        raise BadRecord("missing_field", "EventIdentification.EventOutcomeIndicator")
    if written not in OUTCOMES:
        raise BadRecord("unknown_code", "EventIdentification.EventOutcomeIndicator")
    return OUTCOMES[written]


def _action(event: Node, outcome: Outcome, *, on_paper: bool) -> Action:
    kind = _kind(event)
    if not kind:
        raise BadRecord("missing_field", "EventID")
    letter = event.get("EventActionCode")
    if letter not in ("", "C", "R", "U", "D", "E"):
        raise BadRecord("unknown_code", "EventIdentification.EventActionCode")
    action = dicom_action(kind, [node.code for node in event.all("EventTypeCode")], letter, outcome)
    return "print" if action == "export" and on_paper else action


def _is_paper(participant: Node) -> bool:
    media = participant.all("MediaIdentifier")
    return any(type_.code == _PAPER for medium in media for type_ in medium.all("MediaType"))


def _kind(event: Node) -> str:
    return next((node.code for node in event.all("EventID")), "")


def _instant(written: str) -> datetime.datetime:
    if not written:
        raise BadRecord("missing_field", "EventIdentification.EventDateTime")
    if not _DATE_TIME.fullmatch(written):
        raise BadRecord("impossible_date", "EventIdentification.EventDateTime")
    try:
        moment = datetime.datetime.fromisoformat(written)
    except ValueError:
        raise BadRecord("impossible_date", "EventIdentification.EventDateTime") from None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=datetime.UTC)
    return possible(moment, "EventIdentification.EventDateTime")


def _sorted(objects: list[Node]) -> tuple[list[str], list[Node]]:
    """Return the patients, each once, and the other objects."""
    patients: dict[str, None] = {}
    others = []
    for node in objects:
        if node.get("ParticipantObjectTypeCode") == _PATIENT_TYPE and (
            node.get("ParticipantObjectTypeCodeRole") == _PATIENT_ROLE
        ):
            ref = short(_patient_number(node.get("ParticipantObjectID")), "ParticipantObjectID")
            if ref:
                patients[ref] = None
        else:
            others.append(node)
    return list(patients), others


def _patient_number(written: str) -> str:
    """Return the number of `MRN^^^&OID&ISO`, `Patient/id` or `system|id`, whichever it is."""
    if "^" in written:
        return bare_identifier(written)
    return written.removeprefix("Patient/").rpartition("|")[2].strip()


def _resource(others: list[Node], objects: list[Node]) -> Resource | None:
    """Return what was opened: a report, resource or job first, else the first system object that is no query."""
    labels = few(
        (
            label[:_TEXT]
            for node in objects
            if (label := node.get("ParticipantObjectSensitivity").partition("^")[0].strip()) not in NOT_SENSITIVE
        ),
        "ParticipantObjectSensitivity",
    )
    plain = [
        node
        for node in others
        if node.get("ParticipantObjectTypeCode") in (_SYSTEM_OBJECT, "")
        and node.get("ParticipantObjectTypeCodeRole") != _QUERY_ROLE
    ]
    chosen = next((node for node in plain if node.get("ParticipantObjectTypeCodeRole") in _RESOURCE_ROLES), None)
    chosen = chosen or next(iter(plain), None)
    if chosen is None:
        return Resource(sensitivity=labels) if labels else None
    kinds = chosen.all("ParticipantObjectIDTypeCode")
    encounters = (
        node
        for node in others
        if [one.code for one in node.all("ParticipantObjectIDTypeCode")][:1] == [_ENCOUNTER_NUMBER]
    )
    encounter = next(encounters, None)
    return Resource(
        type=(kinds[0].display or kinds[0].code)[:_TEXT] if kinds else "",
        id=short(chosen.get("ParticipantObjectID"), "ParticipantObjectID"),
        sensitivity=labels,
        encounter_ref=short(encounter.get("ParticipantObjectID"), "ParticipantObjectID") if encounter else "",
    )


def _amounts(objects: list[Node]) -> tuple[Volume | None, Query | None]:
    """Return how much was moved, DICOM instances or details named as our fields, and the search."""
    found: dict[str, int] = {}
    search = ""
    for node in objects:
        for child in node.children:
            if child.name == "ParticipantObjectQuery":
                search = search or child.text.strip()
            elif child.name == "ParticipantObjectDetail" and child.get("type") in DETAILS:
                number = count(decoded(child.get("value")).decode("ascii", "replace"))
                if number is not None:
                    found[child.get("type")] = number
            elif child.name in ("SOPClass", "ParticipantObjectDescription"):
                instances = sum(count(one.get("NumberOfInstances")) or 0 for one in (child, *child.all("SOPClass")))
                if instances:
                    found["records"] = min(found.get("records", 0) + instances, LARGEST_COUNT)
    results = found.pop("result_count", None)
    query = Query(sha256=query_hash(search), result_count=results) if search or results is not None else None
    return Volume(**found) if found else None, query
