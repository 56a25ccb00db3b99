"""Files of any size in every format, valid from the first byte to the last, no two records alike."""

import json
from collections.abc import Callable
from pathlib import Path

from tests.streams.sources.atna.samples import PATIENT, message
from tests.streams.sources.fhir.samples import audit_event
from tests.streams.sources.hl7.adt import adt
from tests.streams.sources.x12.samples import BILLING, CLAIM, HEADER_835, ISA, SUBSCRIBER, segments

WRITTEN_AT_ONCE = 1_000
"""Records."""


def write(path: Path, name: str, size: int) -> int:
    """Write a file of a format, about `size` bytes; return how many records that are."""
    template = TEMPLATES[name]

    def record(number: int) -> str:
        return template.replace(LEVEL, str(number + 2)).replace(NUMBER, str(number))

    each = len("".join(record(number) for number in range(WRITTEN_AT_ONCE))) / WRITTEN_AT_ONCE
    count = max(1, int(size / each))
    begin, end, between = FRAMES[name](count)
    with path.open("w", newline="") as file:
        file.write(begin)
        for first in range(0, count, WRITTEN_AT_ONCE):
            numbers = range(first, min(first + WRITTEN_AT_ONCE, count))
            file.write((between if first else "") + between.join(record(number) for number in numbers))
        file.write(end)
    return count


def _closed(these: list[str]) -> str:
    return "".join(segment + "~\n" for segment in these)


NUMBER, LEVEL = "90909", "80808"
"""What stands in a template for the number of the record, and for that of its level: HL*1 is the billing provider."""

_SUBSCRIBER = SUBSCRIBER.replace("HL*2*1*22*0", f"HL*{LEVEL}*1*22*0").replace("M100", f"M{NUMBER}")
_CLAIM = CLAIM.replace("PCN-1", f"PCN-{NUMBER}").replace("MRN7", f"MRN{NUMBER}")
_PAYMENT = (
    f"CLP*PCN-{NUMBER}*1*150*80*70*MC*CCN{NUMBER}*11*1~CAS*PR*1*70~NM1*QC*1*DOE*ANN****MI*M{NUMBER}~"
    "SVC*HC:99213*150*80**1~DTM*472*20260301~AMT*B6*150~"
)
_ACCESS = json.dumps(audit_event(id=f"a{NUMBER}"))

TEMPLATES: dict[str, str] = {
    "x12 837P": _closed(segments(_SUBSCRIBER + _CLAIM)),
    "x12 835": _closed(segments(_PAYMENT)),
    "fhir ndjson": _ACCESS + "\n",
    "fhir bundle": f'{{"fullUrl": "urn:uuid:{NUMBER}", "resource": {_ACCESS}}}',
    "atna": message(objects=PATIENT.replace("MRN1^", f"MRN{NUMBER}^")).decode() + "\n",
    "csv payments": f"refund,2026-03-02T09:14:03,P{NUMBER},12.50,T{NUMBER}\n",
    "csv accesses": f"2026-03-02 09:14:03,U1001,P{NUMBER},Chart Review viewed,W7\n",
    "hl7": adt(control=f"M{NUMBER}", visit=f"V{NUMBER}^^^HOSP^VN").decode(),
}
"""Name to a record."""


def _x12(header: str, guide: str, code: str, kind: str, segments_each: int) -> Callable[[int], tuple[str, str, str]]:
    def frame(count: int) -> tuple[str, str, str]:
        before = segments(header.replace("*80*", f"*{count * 80}*", 1) if code == "835" else header)
        third = f"*{guide}" if code == "837" else ""
        begin = [ISA, f"GS*{kind}*S*R*20260302*0914*1*X*{guide}", f"ST*{code}*0001{third}", *before]
        end = [f"SE*{len(before) + count * segments_each + 2}*0001", "GE*1*1", "IEA*1*000000007"]
        return _closed(begin), _closed(end), ""

    return frame


def _plain(_: int) -> tuple[str, str, str]:
    return "", "", ""


FRAMES: dict[str, Callable[[int], tuple[str, str, str]]] = {
    "x12 837P": _x12(
        "BHT*0019*00*1*20260302*0914*CH~NM1*41*2*S*****46*1~NM1*40*2*R*****46*2~" + BILLING,
        "005010X222A1", "837", "HC", len(segments(SUBSCRIBER + CLAIM)),
    ),
    "x12 835": _x12(HEADER_835 + "LX*1~", "005010X221A1", "835", "HP", 6),
    "fhir ndjson": _plain,
    "fhir bundle": lambda _: ('{"resourceType": "Bundle", "type": "collection", "entry": [\n', "]}\n", ",\n"),
    "atna": _plain,
    "csv payments": lambda _: ("TRANSACTION_TYPE,POSTED_AT,PATIENT_ID,AMOUNT,TRANSACTION_ID\n", "", ""),
    "csv accesses": lambda _: ("ACCESS_TIME,USER_ID,PAT_ID,METRIC_NAME,WORKSTATION_ID\n", "", ""),
    "hl7": _plain,
}  # fmt: skip
"""Name to what stands before all records, after them, and between two of them."""

PRESETS = {"csv payments": "generic_payments", "csv accesses": "epic_access"}
"""Name of a table to the mapping that says what its columns mean."""
