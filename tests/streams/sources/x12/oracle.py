"""What x12sdk reads of a file, claim by claim: the facts that our reader must agree with."""

import datetime
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from x12sdk.io import X12ModelReader

from detectors.events import BillingTransaction


@dataclass
class Facts:
    """One claim or claim payment."""

    control: str
    charge: int
    paid: int = 0
    npis: set[str] = field(default_factory=set)
    diagnoses: list[str] = field(default_factory=list)
    lines: list[tuple[str, int, int, datetime.date | None]] = field(default_factory=list)
    """Code, charge, paid, first day of each."""


def facts_of_x12sdk(path: Path) -> list[Facts]:
    """Read a file with x12sdk."""
    facts: list[Facts] = []
    with X12ModelReader(str(path)) as reader:
        for model in reader.models():
            facts.extend(_walk(model.model_dump(), set()))
    return facts


def facts_of(transaction: BillingTransaction) -> Facts:
    """The same of a transaction of ours."""
    claim, amounts = transaction.claim, transaction.amounts
    assert claim is not None
    assert amounts is not None
    parties = (
        transaction.billing, transaction.rendering, transaction.referring, transaction.ordering,
        transaction.supervising, transaction.attending, transaction.operating, transaction.service_facility,
    )  # fmt: skip
    npis = {party.npi for party in parties if party} | {line.rendering_npi for line in transaction.lines}
    return Facts(
        claim.pcn,
        amounts.charge,
        amounts.paid,
        npis - {""},
        [diagnosis.code for diagnosis in claim.dx],
        [(line.code, line.charge, line.paid, line.dos_from) for line in transaction.lines if line.n],
    )


def _walk(node: Any, npis: set[str]) -> Iterator[Facts]:
    """Descend; NPIs of billing provider and payee hold for the claims below."""
    if isinstance(node, list):
        known = set(npis)
        for child in node:
            yield from _walk(child, known)
        return
    if not isinstance(node, dict):
        return
    if "clm_segment" in node:
        yield _claim(node, npis)
        return
    if "clp_segment" in node:
        yield _payment(node, npis)
        return
    own = set(npis)
    for name in ("loop_2010aa", "loop_1000b"):
        own |= _npis(node.get(name), ("85", "PE"))
    for name, child in node.items():
        if name.startswith("loop"):
            yield from _walk(child, own)


_ROLES = ("82", "DN", "P3", "DK", "DQ", "71", "72", "77", "FA")
_DIAGNOSES = ("ABK", "BK", "ABF", "BF", "ABJ", "BJ", "APR", "PR", "ABN", "BN")


def _claim(node: dict[str, Any], npis: set[str]) -> Facts:
    segment = node["clm_segment"]
    facts = Facts(segment["patient_control_number"], _cents(segment["total_claim_charge_amount"]), npis=set(npis))
    for name, loop in node.items():
        if name.startswith("loop_2310"):
            facts.npis |= _npis(loop, _ROLES)
    for codes in _many(node.get("hi_segment")):
        for at in range(1, 13):
            # With a wrong separator in the file, all components are in the first.
            parts = re.split("[:>]", ":".join(_many(codes.get(f"health_care_code_{at}"))))
            if parts[0] in _DIAGNOSES:
                facts.diagnoses.append(parts[1].replace(".", ""))
    for line in _many(node.get("loop_2400")):
        service = line.get("sv1_segment") or line.get("sv2_segment")
        value = service.get("product_service_id_qualifier") or service.get("composite_medical_procedure_identifier")
        dates = [_day(date) for date in _many(line.get("dtp_segment")) if date["date_time_qualifier"] == "472"]
        charge = _cents(service["line_item_charge_amount"])
        facts.lines.append((_code(value), charge, 0, next(iter(dates), None)))
        for name, loop in line.items():
            if name.startswith("loop_2420"):
                facts.npis |= _npis(loop, _ROLES)
    return facts


def _payment(node: dict[str, Any], npis: set[str]) -> Facts:
    segment = node["clp_segment"]
    facts = Facts(
        segment["patient_control_number"],
        _cents(segment["total_claim_charge_amount"]),
        _cents(segment["claim_payment_amount"]),
        set(npis) | _npis(node, ("82",)),
    )
    for line in _many(node.get("loop_2110")):
        service = line["svc_segment"]
        amounts = [_cents(value) for name, value in service.items() if re.fullmatch(r".*amount.*", name)]
        value = next(value for name, value in service.items() if name not in ("delimiters", "segment_name"))
        dates = [_day(date) for date in _many(line.get("dtm_segment")) if date["date_time_qualifier"] in ("472", "150")]
        facts.lines.append((_code(value), amounts[0], amounts[1], next(iter(dates), None)))
    return facts


def _many(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _npis(loop: Any, roles: tuple[str, ...]) -> set[str]:
    found = set()
    for part in _many(loop):
        for name in ("nm1_segment", "n1_segment"):
            for segment in _many(part.get(name)):
                if segment["entity_identifier_code"] in roles and segment["identification_code_qualifier"] == "XX":
                    found.add(segment["identification_code"])
    return found


def _cents(amount: Decimal) -> int:
    return int(Decimal(amount) * 100)


def _code(value: Any) -> str:
    parts = re.split("[:>]", value if isinstance(value, str) else ":".join(value or []))
    return parts[1] if len(parts) > 1 else ""


def _day(segment: dict[str, Any]) -> datetime.date | None:
    value = segment.get("date_time_period") or segment.get("production_date")
    if isinstance(value, datetime.datetime):
        return value.date()
    if isinstance(value, datetime.date):
        return value
    digits = re.sub("[^0-9]", "", str(value))[:8]
    return datetime.datetime.strptime(digits, "%Y%m%d").replace(tzinfo=datetime.UTC).date()
