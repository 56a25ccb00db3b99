"""Accesses as DICOM/ATNA audit messages, one on each line (DICOM PS3.15 A.5; domain.md §1.7)."""

from binascii import b2a_base64
from pathlib import Path
from xml.sax.saxutils import quoteattr

from detectors.events import AccessEvent
from detectors.events.access import Actor, Client, Resource
from streams.simulator.formats.audit_codes import DICOM, OUTCOMES, written
from streams.simulator.formats.sheet import Sheet
from streams.simulator.record import Simulated

_APPLICATION = '<RoleIDCode csd-code="110150" codeSystemName="DCM" originalText="Application"/>'
_SOURCE = (
    '<AuditSourceIdentification AuditEnterpriseSiteID="simulated" AuditSourceID="simulated-ehr">'
    '<AuditSourceTypeCode csd-code="4" codeSystemName="DCM" originalText="Application Server Process or Thread"/>'
    "</AuditSourceIdentification>"
)
_PAPER = (
    '<ActiveParticipant UserID="printer" UserIsRequestor="false">'
    '<RoleIDCode csd-code="110154" codeSystemName="DCM" originalText="Destination Media"/>'
    '<MediaIdentifier><MediaType csd-code="110038" codeSystemName="DCM" originalText="Paper Document"/>'
    "</MediaIdentifier></ActiveParticipant>"
)
"""The destination of an export that is a printout (DICOM PS3.16 CID 405)."""

_ROLES = "urn:wardwatch:simulated-roles"
_TYPES = "http://hl7.org/fhir/resource-types"


class AtnaFiles:
    """Writes accesses; one that comes twice is written twice, the same."""

    def __init__(self, folder: Path) -> None:
        self._sheet = Sheet(folder / "audit-messages.xml")

    @property
    def sheets(self) -> list[Sheet]:
        """Return the file."""
        return [self._sheet]

    def write(self, item: Simulated) -> None:
        """Write an access whose action has a code."""
        access = item.event.data
        if isinstance(access, AccessEvent) and access.action in DICOM:
            self._sheet.count(item)
            self._sheet.write(message(access, int(item.event.id[:8], 16)).encode())

    def close(self) -> None:
        """Close the file."""
        self._sheet.close()


def message(access: AccessEvent, process: int) -> str:
    """Return the message of an access, with the line end.

    Args:
        access: the access.
        process: number of the process that reports it: it tells apart what is otherwise the same.
    """
    said = DICOM[access.action]
    type_ = _code("EventTypeCode", said.type, "DCM", said.type_text) if said.type else ""
    purpose = access.purpose.code if access.purpose else ""
    reason = _code("PurposeOfUse", purpose, "2.16.840.1.113883.5.8", purpose) if purpose else ""
    client = access.client or Client()
    return (
        f'<AuditMessage><EventIdentification EventActionCode="{said.letter}" '
        f'EventDateTime="{written(access.occurred_at)}" EventOutcomeIndicator="{OUTCOMES[access.outcome]}">'
        f"{_code('EventID', said.event, 'DCM', said.event_text)}{type_}{reason}</EventIdentification>"
        f"{_requestor(access.actor, client)}"
        f'<ActiveParticipant UserID={quoteattr(client.app)} AlternativeUserID="{process}" UserIsRequestor="false">'
        f"{_APPLICATION}</ActiveParticipant>{_PAPER if access.action == 'print' else ''}{_SOURCE}"
        f"{_objects(access)}</AuditMessage>\n"
    )


def _code(name: str, code: str, system: str, text: str) -> str:
    return f'<{name} csd-code={quoteattr(code)} codeSystemName="{system}" originalText={quoteattr(text)}/>'


def _requestor(actor: Actor, client: Client) -> str:
    """Return who acted. What tells a program from a person is that it has no role but one of systems."""
    address, kind = (client.ip, "2") if client.ip else (client.workstation, "1")
    network = f' NetworkAccessPointID={quoteattr(address)} NetworkAccessPointTypeCode="{kind}"' if address else ""
    roles = (
        _APPLICATION
        if actor.type == "service"
        else "".join([_code("RoleIDCode", role, _ROLES, role) for role in actor.roles])
    )
    return (
        f'<ActiveParticipant UserID={quoteattr(actor.id)} UserIsRequestor="true"{network}>{roles}</ActiveParticipant>'
    )


def _objects(access: AccessEvent) -> str:
    """Return the patient and what was opened; counts stand with the first."""
    found = []
    details = "".join(
        f'<ParticipantObjectDetail type="{name}" value="{b2a_base64(str(count).encode(), newline=False).decode()}"/>'
        for name, count in _counts(access)
    )
    if access.patient:
        found.append(
            f"<ParticipantObjectIdentification ParticipantObjectID={quoteattr(access.patient.ref)} "
            'ParticipantObjectTypeCode="1" ParticipantObjectTypeCodeRole="1">'
            f"{_code('ParticipantObjectIDTypeCode', '2', 'RFC-3881', 'Patient Number')}{details}"
            "</ParticipantObjectIdentification>"
        )
        details = ""
    if access.resource or details:
        resource = access.resource or Resource()
        label = f" ParticipantObjectSensitivity={quoteattr(resource.sensitivity[0])}" if resource.sensitivity else ""
        found.append(
            f"<ParticipantObjectIdentification ParticipantObjectID={quoteattr(resource.id)} "
            f'ParticipantObjectTypeCode="2" ParticipantObjectTypeCodeRole="4"{label}>'
            f"{_code('ParticipantObjectIDTypeCode', resource.type, _TYPES, resource.type)}{details}"
            "</ParticipantObjectIdentification>"
        )
    return "".join(found)


def _counts(access: AccessEvent) -> list[tuple[str, int]]:
    volume, query = access.volume, access.query
    counts = [("records", volume.records), ("bytes", volume.bytes), ("pages", volume.pages)] if volume else []
    counts = [(name, count) for name, count in counts if count]
    if query and query.result_count is not None:
        counts.append(("result_count", query.result_count))
    return counts
