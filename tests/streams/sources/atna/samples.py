"""What the tests of audit messages share: the reference data, and messages by hand."""

import io
from pathlib import Path

import pytest

from detectors.events import AccessEvent, Event
from detectors.events.envelope import decode_structured, encode_structured
from streams.sources.api import Item, Origin, Refused
from streams.sources.atna import read_atna
from streams.sources.reasons import SENTENCES

DATA = Path(__file__).parents[5] / "shared" / "data"
ORIGIN = Origin(source="urn:wardwatch:src:atna-test", file_id="file-1")


def folder() -> Path:
    """Return the folder of the reference data, or skip the test."""
    path = DATA / "atna-dicom-audit"
    if not path.is_dir():
        pytest.skip("the public reference data are not here: ../shared/data/atna-dicom-audit is no folder")
    return path


def read(payload: bytes) -> list[Item]:
    """Read bytes; every event is one that the canonical decoder accepts unchanged."""
    items = list(read_atna(io.BytesIO(payload), ORIGIN))
    for item in items:
        if isinstance(item, Event):
            assert decode_structured(encode_structured(item)) == (item, 0)
        else:
            assert item.reason in SENTENCES, item.reason
    return items


def access(payload: bytes) -> AccessEvent:
    """Read what is one access."""
    (item,) = read(payload)
    assert isinstance(item, Event), item
    assert isinstance(item.data, AccessEvent)
    return item.data


def reasons(items: list[Item]) -> list[str]:
    """Return what became of each."""
    return [item.reason if isinstance(item, Refused) else "event" for item in items]


USER = '<ActiveParticipant UserID="u1001" UserName="Ann" UserIsRequestor="true"/>'
PATIENT = (
    '<ParticipantObjectIdentification ParticipantObjectID="MRN1^^^&amp;1.2.3&amp;ISO" ParticipantObjectTypeCode="1"'
    ' ParticipantObjectTypeCodeRole="1"><ParticipantObjectIDTypeCode csd-code="2"/></ParticipantObjectIdentification>'
)


def message(
    *,
    event: str = "110110",
    type_: str = "",
    action: str = "R",
    outcome: str = "0",
    at: str = "2026-03-02T09:14:03Z",
    more: str = "",
    participants: str = USER,
    objects: str = PATIENT,
    dialect: str = "csd-code",
) -> bytes:
    """An audit message in one line."""
    types = f'<EventTypeCode {dialect}="{type_}"/>' if type_ else ""
    letter = f'EventActionCode="{action}" ' if action else ""
    return (
        f'<AuditMessage><EventIdentification {letter}EventDateTime="{at}" EventOutcomeIndicator="{outcome}">'
        f'<EventID {dialect}="{event}" codeSystemName="DCM"/>{types}{more}</EventIdentification>{participants}'
        f'<AuditSourceIdentification AuditEnterpriseSiteID="site" AuditSourceID="pacs"/>{objects}</AuditMessage>'
    ).encode()


HEADER = b"<85>1 2026-03-02T09:14:03Z host app 4711 IHE+RFC-3881 - "
