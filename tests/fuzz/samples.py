"""Valid samples of every format; their names and identifiers are canaries, which no reason or place may show."""

import gzip
import io
import json
import lzma
import zipfile
from typing import Any

from detectors.reference.leie import COLUMNS as LEIE_COLUMNS
from streams.records import DeadLetter
from tests.detectors.reference.test_nppes import HEADER as NPPES_HEADER
from tests.detectors.reference.test_nppes import row as nppes_row
from tests.detectors.reference.test_procedure_pairs import EDITS, NOTICE, SHORT_HEADER
from tests.detectors.sigma.writing import rule_text
from tests.streams.samples import BILLING, event, payment
from tests.streams.samples import access as access_data
from tests.streams.sources.atna.samples import HEADER as SYSLOG_HEADER
from tests.streams.sources.atna.samples import message
from tests.streams.sources.fhir.samples import audit_event, claim
from tests.streams.sources.fhir.test_billing import benefit, encounter, invoice
from tests.streams.sources.hl7.adt import adt
from tests.streams.sources.tables.made import ACCESS, workbook
from tests.streams.sources.x12.samples import CLAIM, institutional, professional, remittance
from tests.streams.sources.x12.test_fuzz import INSTITUTIONAL
from tests.streams.sources.x12.test_remits import PAID

CANARY = "Qxjzcanary"
"""Stands for every name and identifier of a person in the samples."""

_PERSONAL = ("DOE", "PCN-1", "M100", "MRN7", "MRN1", "u1001", "Ann", "4711", "MRN0012345", "JANE")


def _planted(content: bytes) -> bytes:
    for name in _PERSONAL:
        content = content.replace(name.encode(), CANARY.encode())
    return content


def _json(value: Any) -> bytes:
    return _planted(json.dumps(value).encode())


def zipped(*members: tuple[str, bytes]) -> bytes:
    """A ZIP archive of these files."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(zipfile.ZipInfo(name), content)
    return made.getvalue()


_RESOURCES = [
    audit_event(), claim(), benefit(), invoice("balanced", ("base", 100.0), ("discount", -15.0)), encounter(),
    {
        "resourceType": "Appointment", "id": "a1", "status": "booked", "start": "2026-03-02T09:00:00Z",
        "participant": [
            {"actor": {"reference": "Patient/p1"}, "status": "accepted"},
            {"actor": {"reference": "Practitioner/u1001"}, "status": "accepted"},
        ],
    },
    {
        "resourceType": "PaymentReconciliation", "id": "r1", "status": "active", "created": "2026-03-02",
        "paymentDate": "2026-03-02", "paymentAmount": {"value": 10, "currency": "USD"}, "outcome": "complete",
        "detail": [{"type": {"coding": [{"code": "payment"}]}, "amount": {"value": 10, "currency": "USD"}}],
    },
]  # fmt: skip
_BUNDLE = {
    "resourceType": "Bundle", "type": "collection",
    "entry": [{"fullUrl": f"urn:uuid:{number}", "resource": one} for number, one in enumerate(_RESOURCES)],
}  # fmt: skip
_NDJSON = b"\n".join(_json(resource) for resource in _RESOURCES)

X12 = [
    _planted(content)
    for content in (
        professional(CLAIM),
        INSTITUTIONAL,
        remittance(PAID),
        institutional(),
        professional(CLAIM).replace(b"~\n", b"\n"),
        b"ISA*00*",
    )
]
FHIR = [*map(_json, _RESOURCES), _json(_BUNDLE), _NDJSON, gzip.compress(_NDJSON, mtime=0)]
ATNA = [
    _planted(content)
    for content in (message(), message() + b"\n" + message(event="110112"), SYSLOG_HEADER + message(dialect="code"))
]
HL7 = [
    _planted(content)
    for content in (
        adt(),
        adt("A03", died="20260302", dead="Y"),
        b"\x0b" + adt("A08", vip="Y") + b"\x1c\r" + adt("A40"),
    )
]
TABLE = [
    _planted(content)
    for content in (
        b"Key,Time,User,Patient,What\n1,2026-03-02T09:14:03,u1001,MRN1,open\n2,03/02/2026 09:14:03 AM,u1001,MRN1,x\n",
        b'Key\tTime\tUser\tPatient\tWhat\r\n1\t2026-03-02T09:14:03\tu1001\t"MRN1"\tprint\r\n',
        "Key;Time;User;Patient;What\n1;2026-03-02T09:14:03;u1001;=MRN1;Suché search\n".encode("utf-16"),
    )
]
WORKBOOK = [
    workbook([["Key", "Time", "User", "Patient", "What"], ["k", "2026-03-02T09:14:03", CANARY, CANARY, "open"]]),
    workbook([["Notice"], ["Key", "Time", "User", "Patient", "What"], [1, 2.5, True, "=A1", "open"]]),
]
PRESET = [
    _planted(content)
    for content in (
        b"ACCESS_TIME,USER_ID,PAT_ID,METRIC_NAME\n03/02/2026 09:14:03 AM,u1001,MRN1,Chart Review Notes tab selected\n",
    )
]
LEIE = [
    ",".join(LEIE_COLUMNS).encode()
    + f'\n{CANARY},J,Q,,P,F,,1234567893,19600101,"1 ST",T,NY,10001,1128a1,20200315,00000000,00000000,\n'.encode()
]
ENVELOPES = [_json(event(access_data())), _json(event(payment(), type_name=BILLING))]
JSON_LINES = [b"\n".join(ENVELOPES), gzip.compress(b"\n".join(ENVELOPES), mtime=0)]
ARCHIVES = [lzma.compress(ENVELOPES[0]), zipped(("a.csv", TABLE[0])), zipped(("../../a", b"1"), ("/b", ENVELOPES[0]))]
MAPPINGS = [ACCESS.encode()]
RULES = [rule_text("selection:\n    action: read\ncondition: selection\n").encode()]
RULE_TESTS = [
    b"- name: one\n  match: true\n  event:\n    action: read\n    occurred_at: '2026-03-02T09:14:03Z'\n"
    b"    actor:\n      id: u\n  notes:\n    rel.explained: true\n"
]
NPPES = [
    "\n".join(
        ",".join(cells)
        for cells in (NPPES_HEADER, nppes_row(enumerated="01/31/2020", taxonomy_1="207Q00000X", primary_1="Y"))
    ).encode()
]
PAIRS = [(NOTICE + SHORT_HEADER + EDITS).encode()]
UNIT_LIMITS = [
    b'"HCPCS/\nCPT Code",Practitioner Services MUE Values,MUE Adjudication Indicator,MUE Rationale\n'
    b"X1000,2,3 Date of Service Edit: Clinical,made up\nX2000,0,1 Line Edit,made up\n"
]
ATTRIBUTES = [b"code,sex,min_age,max_age,from,to\nx1000,f,,,,2025-12-31\nX1000,,12,55,2026-01-01,\n"]
SERVICE_MINUTES = [b"code,minutes,each,share\nX1000,8,15,\nX2000,30,30,0.5\n"]
DIAGNOSIS_DEPARTMENTS = [b"department,diagnosis\nCardiology,I2\nCardiology,I50\n"]
ZIP_PLACES = [b"zip,lat,lon\n100,40.7128,-74.0060\n90012,34.0522,-118.2437\n"]
GLOBAL_DAYS = [b"HCPCS,GLOB DAYS,from,to\nX1000,090,2026-01-01,\nX2000,XXX,,\n"]
DRG_WEIGHTS = [
    b"MS-DRG,MS-DRG Title,Weights,Geometric mean LOS,Arithmetic mean LOS,from,to\n"
    b"193,SIMPLE PNEUMONIA WITH MCC,1.3,4.0,4.9,2026-01-01,\n998,INVALID,**,**,**,,\n"
]
FHIR_PROVIDERS = [
    b'{"resourceType":"Practitioner","id":"d1","identifier":[{"system":"http://hl7.org/fhir/sid/us-npi",'
    b'"value":"1234567893"}]}\n{"resourceType":"PractitionerRole","id":"r1","practitioner":{"reference":'
    b'"Practitioner/d1"}}\n'
]
DEAD_LETTERS = [DeadLetter("t:0:1", "not_json", "", "t", 0, 1, 1.5, CANARY.encode(), {"ce_id": b"1"}).encode()]
