"""What the formats do not carry as it is, field by field; everything else must come back equal.

A field is lost, or what comes back follows from something else (`Follows`), or only the reading can know it
(`Unknown`). docs/simulator.md says the same to people, and a test compares the two.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import msgspec

from detectors.events import Data, Event, event_id
from streams.file_formats import SOURCE_PREFIX

Node = dict[str, Any]
"""An event or a part of it, as JSON has it: fields that hold their defaults are absent."""


@dataclass(frozen=True)
class Lost:
    """The format has no place for it."""

    why: str


@dataclass(frozen=True)
class Follows:
    """What comes back is made from the event (the first argument) and the part that the field is in (the second)."""

    why: str
    made: Callable[[Node, Node], Any]


@dataclass(frozen=True)
class Unknown:
    """What comes back is only known to who reads the file: not compared."""

    why: str


Rule = Lost | Follows | Unknown
Table = dict[str, Rule]
"""Field, by dotted name and `*` for the items of a list, to its rule."""

NO_EVENT_IDS = Lost("ids of events are ours: other systems know the number of the claim")
ONE_RENDERER = Follows(
    "the claim names who rendered its lines, a line only who did so instead",
    lambda whole, line: _unless(line.get("rendering_npi"), whole.get("rendering", {}).get("npi")),
)


def _unless(value: str | None, other: str | None) -> str | None:
    return None if value == other else value


def _clm05(_: Node, claim: Node) -> Any:
    return claim.get("facility_code") or claim.get("pos")


def _override(whole: Node) -> Node | None:
    purpose = whole.get("purpose", {}).get("code", "")
    is_emergency = whole["action"].startswith("break_glass") or purpose == "BTG"
    return {"flag": True, "reason_code": purpose} if is_emergency else None


EVERYWHERE: Table = {"src": Unknown("where a record stood in its file")}

_CLAIMS: Table = {
    "recorded_at": Follows("BHT04 and BHT05: when the file was made", lambda whole, _: whole["occurred_at"]),
    "claim.payer_ccn": Lost("REF*F8 says the payer's number once, as the number of the original"),
    "links": NO_EVENT_IDS,
}
PROFESSIONAL: Table = _CLAIMS | {
    "claim.admit_at": Follows("DTP*435 is a date", lambda _, claim: _midnight(claim.get("admit_at"))),
    "claim.discharge_at": Follows("DTP*096 is a date", lambda _, claim: _midnight(claim.get("discharge_at"))),
    "rendering.zip": Lost("loop 2310B has no address"),
    "lines.*.rendering_npi": ONE_RENDERER,
    "lines.*.pos": Follows("that of the claim", lambda whole, _: whole["claim"].get("pos")),
    "lines.*.dx_ptr": Follows("SV107 must point at a diagnosis", lambda _, line: line.get("dx_ptr", [1])),
}
INSTITUTIONAL: Table = _CLAIMS | {
    "claim.admit_at": Follows("DTP*435 knows minutes", lambda _, claim: _minute(claim.get("admit_at"))),
    "claim.discharge_at": Follows("DTP*096 knows minutes", lambda _, claim: _minute(claim.get("discharge_at"))),
    "attending.zip": Lost("loop 2310A has no address"),
}
REMITTANCE: Table = {
    "occurred_at": Follows("DTM*405 is a date", lambda whole, _: _midnight(whole["occurred_at"])),
    "recorded_at": Unknown("GS04 and GS05: when the group was made, with the first remittance in it"),
    "claim.type": Lost("an 835 answers claims of any type"),
    "claim.pos": Lost("CLP08 holds either: it comes back as facility_code"),
    "claim.facility_code": Follows("CLP08 holds the place of service, too", _clm05),
    "claim.original_ref": Follows(
        "a reversal is known by the number of what it reverses",
        lambda whole, claim: claim["payer_ccn"] if whole["kind"] == "remit_reversed" else claim.get("original_ref"),
    ),
    "claim.admit_at": Lost("not in an 835"),
    "claim.discharge_at": Lost("not in an 835"),
    "claim.admission_type": Lost("not in an 835"),
    "claim.discharge_status": Lost("not in an 835"),
    "claim.dx": Lost("not in an 835"),
    "patient.birth_date": Lost("not in an 835"),
    "patient.sex": Lost("not in an 835"),
    "patient.death_date": Lost("not in an 835"),
    "patient.zip3": Lost("not in an 835"),
    "patient.state": Lost("not in an 835"),
    "member.payer_id": Lost("not in an 835: the payer is that of the payment"),
    "member.relationship": Lost("not in an 835"),
    "rendering.taxonomy": Lost("not in an 835"),
    "billing.taxonomy": Lost("not in an 835"),
    "referring": Lost("not in an 835"),
    "rendering.zip": Lost("not in an 835"),
    "attending": Lost("not in an 835"),
    "lines.*.rendering_npi": ONE_RENDERER,
    "lines.*.unit_basis": Lost("SVC05 has no basis"),
    "payment.payee_npi": Follows("N1*PE names who is paid", lambda whole, _: whole["billing"]["npi"]),
    "payment.bank_fp": Follows(
        "a transfer must name the account, BPR13 and BPR15: where the event has no such two, the hospital's",
        lambda _, payment: payment["bank_fp"] if "|" in payment.get("bank_fp", "") else "021000021|5000001",
    ),
    "payment.direction": Unknown("BPR03 is D for a payment in which more is taken back than paid"),
    "links": NO_EVENT_IDS,
}

_OF_CONTEXT = Lost("known from context: staff and patients have their own records")
_ACCESS: Table = {
    "actor.dept": _OF_CONTEXT,
    "actor.job_code": _OF_CONTEXT,
    "actor.last_name_tok": _OF_CONTEXT,
    "actor.address_tok": _OF_CONTEXT,
    "actor.geo5": _OF_CONTEXT,
    "actor.block_tok": _OF_CONTEXT,
    "patient.mrn_rank": Lost("the formats have the number itself, not its rank"),
    "patient.vip": _OF_CONTEXT,
    "patient.is_employee": _OF_CONTEXT,
    "patient.deceased_at": _OF_CONTEXT,
    "patient.last_name_tok": _OF_CONTEXT,
    "patient.address_tok": _OF_CONTEXT,
    "patient.geo5": _OF_CONTEXT,
    "patient.block_tok": _OF_CONTEXT,
    "patient.age_band": _OF_CONTEXT,
    "purpose.text_present": Lost("a code is all that is said of a purpose"),
    "break_glass": Follows(
        "emergency is an action, or the purpose BTG; it has no end", lambda whole, _: _override(whole)
    ),
    "resource.category": Lost("the type of the resource stands for it"),
    "session": Lost("neither has sessions, but in extensions"),
    "client.ip_class": Lost("an address is all that is said of a network"),
    "client.location": Lost("an address is all that is said of a network"),
    "client.geo": Lost("an address is all that is said of a network"),
    "client.device_id": Lost("an address is all that is said of a machine"),
    "client.workstation": Follows(
        "a network has one address: of machines with an IP address, that",
        lambda _, client: None if client.get("ip") else client.get("workstation"),
    ),
}
AUDIT_EVENT: Table = _ACCESS | {
    "recorded_at": Follows("required", lambda whole, _: whole.get("recorded_at", whole["occurred_at"])),
    "actor.type": Follows(
        "no resource stands for a vendor", lambda _, actor: None if actor.get("type") == "vendor" else actor.get("type")
    ),
}
AUDIT_MESSAGE: Table = _ACCESS | {
    "recorded_at": Lost("a message has one time"),
    "actor.type": Follows(
        "of who acts only programs are told apart",
        lambda _, actor: "service" if actor.get("type") == "service" else None,
    ),
    "actor.roles": Follows(
        "a program is known by having no role but that of programs",
        lambda _, actor: None if actor.get("type") == "service" else actor.get("roles"),
    ),
}

_FHIR_CLAIM: Table = {
    "claim.filing_indicator": Lost("not in FHIR"),
    "billing.taxonomy": Lost("not of an Organization"),
    "lines.*.unit_basis": Lost("a quantity without a unit"),
    "lines.*.pos": Follows("that of the claim", lambda whole, _: whole["claim"].get("pos")),
    "recorded_at": Lost("created is when it was made"),
    "links": NO_EVENT_IDS,
}
CLAIM: Table = _FHIR_CLAIM | {"claim.payer_ccn": Lost("related says the payer's number once, as the original")}
BENEFIT: Table = _FHIR_CLAIM | {
    "occurred_at": Follows("payment.date is a date", lambda whole, _: _midnight(whole["payment"]["effective"])),
    "claim.status": Follows("outcome, not the code of an 835", lambda *_: "complete"),
    "member.payer_id": Follows("insurer: who pays", lambda whole, _: whole["payment"]["payer_id"]),
    "lines.*.adjustments.*.group": Lost("an adjudication has no group"),
    "payment.method": Lost("not in FHIR R4"),
    "payment.direction": Lost("the sign of the amount says it"),
    "payment.payee_npi": Lost("the payee is whoever bills"),
    "payment.bank_fp": Lost("no account in FHIR R4"),
}
INVOICE: Table = {
    "recorded_at": Lost("not in an invoice"),
    "claim": Follows("an invoice has a number, its id at least", lambda whole, _: {"pcn": whole["id"]}),
    "amounts.paid": Follows("the amount of a transaction", lambda _, amounts: amounts["adjustment"]),
    "adjustment.reason": Follows("the type of the price component", lambda *_: "deduction"),
    "approval": Lost("a participant has a reference and a role"),
    "user.role": Lost("a participant has a reference only"),
    "user.dept": Lost("a participant has a reference only"),
}

PAYMENTS: Table = {
    "patient.birth_date": Lost("not of a payment"),
    "patient.sex": Lost("not of a payment"),
    "patient.death_date": Lost("not of a payment"),
    "patient.zip3": Lost("not of a payment"),
    "patient.state": Lost("not of a payment"),
    "links": Follows(
        "the payment's row, under the id that reading gives it",
        lambda whole, _: [{**link, "id": _payment_id(link["id"])} for link in whole.get("links", ())] or None,
    ),
}


def _payment_id(number: str) -> str:
    name = "generic_payments"
    return event_id(SOURCE_PREFIX + name, f"{name}\x1f{number}")


def _said(name: str) -> Rule:
    return Follows("an empty cell says nothing, not that there is none", lambda _, whole: whole.get(name))


STAFF: Table = {name: _said(name) for name in ("hired_at", "terminated_at", "notice_at", "last_login_at")}
PATIENT: Table = {"deceased_at": _said("deceased_at")}

PLAIN_ACCESS: Table = {
    "break_glass": Follows(
        "a row without any of its cells says nothing of it", lambda whole, _: whole.get("break_glass") or None
    )
}

TABLES: dict[str, Table] = {
    "x12/claims-professional.x12": PROFESSIONAL,
    "x12/claims-institutional.x12": INSTITUTIONAL,
    "x12/remittances.x12": REMITTANCE,
    "fhir/AuditEvent.ndjson": AUDIT_EVENT,
    "fhir/Claim.ndjson": CLAIM,
    "fhir/ExplanationOfBenefit.ndjson": BENEFIT,
    "fhir/Invoice.ndjson": INVOICE,
    "atna/audit-messages.xml": AUDIT_MESSAGE,
    "csv/generic_payments.csv": PAYMENTS,
    "csv/plain_access.csv": PLAIN_ACCESS,
    "csv/plain_staff.csv": STAFF,
    "csv/plain_patient.csv": PATIENT,
}
"""File to what it does not carry as it is; of a file that is not here everything comes back."""


def expected(file: str, event: Event, read: Event, rules: Table | None = None) -> Data:
    """Return what must have been read of an event, where `read` was; by the rules of its file, or by others."""
    rules = TABLES.get(file, {}) if rules is None else rules
    whole = _node(event.data) | {"id": event.id}
    original = _node(event.data) | {"id": event.id}
    seen = _node(read.data)
    for name, rule in (EVERYWHERE | rules).items():
        _apply(name.split("."), rule, original, (whole, original, seen))
    del whole["id"]
    return msgspec.convert(whole, type(event.data))


def _apply(path: list[str], rule: Rule, root: Node, parts: tuple[Any, Any, Any]) -> None:
    """Change the first of the parts: the second is as it was in the event, the third as it was read."""
    part, original, seen = parts
    name, *rest = path
    if rest:
        for inner in _inside(name, parts):
            _apply(rest, rule, root, inner)
        return
    match rule:
        case Lost():
            value = None
        case Follows(made=made):
            value = made(root, original)
        case Unknown():
            value = seen.get(name)
    if value is None:
        part.pop(name, None)
    else:
        part[name] = value


def _inside(name: str, parts: tuple[Any, Any, Any]) -> Iterator[tuple[Any, Any, Any]]:
    part, original, seen = parts
    if name == "*":
        yield from zip(part, original, seen, strict=True)
    elif name in part and name in original:
        yield part[name], original[name], seen.get(name, {})


def _node(data: Data) -> Node:
    node: Node = msgspec.to_builtins(data)
    return node


def _midnight(instant: str | None) -> str | None:
    return f"{instant[:10]}T00:00:00Z" if instant else None


def _minute(instant: str | None) -> str | None:
    return f"{instant[:16]}:00Z" if instant else None
