"""ADT messages made for tests; all persons are made up."""

import datetime
import io
from zoneinfo import ZoneInfo

from detectors.events import EncounterContext, Event, PatientContext
from streams.sources.api import Item, Origin, Refused
from streams.sources.hl7 import read_hl7
from streams.sources.reasons import SENTENCES

ORIGIN = Origin("urn:wardwatch:src:adt", "feed-1")
ZONE = ZoneInfo("America/New_York")


def adt(
    trigger: str = "A01",
    *,
    control: str = "M1",
    sent: str = "20260302101500",
    event: str = "20260302101400",
    happened: str = "",
    patient: str = "100^^^SSA^SS~4711^^^HOSP^MR",
    died: str = "",
    dead: str = "",
    location: str = "2W^201^1^MAIN",
    vip: str = "",
    visit: str = "V1^^^HOSP^VN",
    disposition: str = "",
    admitted: str = "20260302100000",
    left: str = "",
    kind: str = "I",
) -> bytes:
    """Return one message with the fields that are read, segments ended by carriage returns."""
    pid = ["PID", "1", "", patient, "", "DOE^JANE", "", "19610615", "F", *[""] * 20, died, dead]
    pv1 = [
        "PV1",
        "1",
        kind,
        location,
        *[""] * 3,
        "d1^ATT^A~d2^ATT^B",
        "d3^REF",
        "d1^CON",
        "SUR",
        *[""] * 5,
        vip,
        "d4^ADM",
    ]
    pv1 += ["", visit, *[""] * 16, disposition, *[""] * 7, admitted, left]
    segments = [
        f"MSH|^~\\&|ADT1|HOSP|WARDWATCH|HOSP|{sent}||ADT^{trigger}^ADT_A01|{control}|P|2.5.1",
        f"EVN|{trigger}|{event}||||{happened}",
        "|".join(pid),
        "|".join(pv1),
    ]
    return "".join(segment + "\r" for segment in segments).encode()


def read(content: bytes) -> list[Item]:
    found = list(read_hl7(io.BytesIO(content), ORIGIN, ZONE))
    assert {item.reason for item in found if isinstance(item, Refused)} <= set(SENTENCES)
    return found


def encounter(item: Item) -> EncounterContext:
    assert isinstance(item, Event)
    assert isinstance(item.data, EncounterContext)
    return item.data


def patient(item: Item) -> PatientContext:
    assert isinstance(item, Event)
    assert isinstance(item.data, PatientContext)
    return item.data


def refusal(item: Item) -> tuple[str, str]:
    assert isinstance(item, Refused)
    return item.reason, item.place


def utc(*parts: int) -> datetime.datetime:
    year, month, day, hour, minute, second = (*parts, 0)[:6]
    return datetime.datetime(year, month, day, hour, minute, second, tzinfo=datetime.UTC)
