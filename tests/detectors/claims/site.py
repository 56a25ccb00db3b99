"""Reference tables of a small site, with invented codes, and claims in a line."""

import datetime
from collections.abc import Sequence

from detectors.events import BillingTransaction
from detectors.events.billing import (
    Adjustment,
    Amounts,
    BilledPatient,
    Claim,
    Kind,
    Line,
    Link,
    Member,
    Party,
    Payment,
)
from detectors.finding import Finding, Severity
from detectors.reference.code_attributes import CodeAttributes
from detectors.reference.global_days import GlobalPeriod
from detectors.reference.procedure_pairs import load_procedure_pairs
from detectors.reference.service_minutes import ServiceMinutes
from detectors.reference.unit_limits import Quarter, UnitLimit, UnitLimits
from detectors.references import References
from tests.detectors.watch import MONDAY, Watch, at

NPI, OTHER_NPI = "1234567893", "1912301953"
FAMILY = "207Q00000X"
DAY = 24.0

_PAIRS, _ = load_procedure_pairs(
    [
        ["Column 1", "Column 2", "Effective", "Deletion", "Modifier"],
        ["10000", "20000", "20200101", "*", "0"],
        ["10000", "30000", "20200101", "*", "1"],
        ["10000", "40000", "20200101", "*", "9"],
        ["10000", "50000", "20200101", "20260301", "0"],
        ["97530", "97140", "20200101", "*", "1"],
    ]
)

SITE = References(
    minutes={"X53": ServiceMinutes(53, 53), "XTH": ServiceMinutes(8, 15), "XEM": ServiceMinutes(20, 20, 0.5)},
    pairs=_PAIRS,
    unit_limits=UnitLimits(
        [
            Quarter(datetime.date(2025, 10, 1), {"11111": UnitLimit("11111", 1, 2)}),
            Quarter(
                datetime.date(2026, 1, 1),
                {
                    "11111": UnitLimit("11111", 4, 1),
                    "22222": UnitLimit("22222", 2, 2),
                    "33333": UnitLimit("33333", 3, 3),
                    "J1234": UnitLimit("J1234", 10, 2),
                },
            ),
        ]
    ),
    code_attributes={
        "59400": [CodeAttributes("59400", "F")],
        "99391": [CodeAttributes("99391", "", 0, 0)],
        "90670": [CodeAttributes("90670", "", 65)],
        "C61": [CodeAttributes("C61", "M")],
    },
    global_days={"66984": [GlobalPeriod(90)], "11400": [GlobalPeriod(10)], "20610": [GlobalPeriod(0)]},
)


def claim(
    hours: float,
    *lines: Line,
    kind: Kind = "claim_submitted",
    dos: datetime.date | None = None,
    patient: str = "P1",
    pcn: str = "",
    npi: str = NPI,
    pos: str = "11",
    links: Sequence[Link] = (),
    checks: Sequence[str] = (),
    billing: str = "G1",
    taxonomy: str = FAMILY,
) -> BillingTransaction:
    """Return a professional claim that leaves after `hours`, for services on `dos` (else the Monday)."""
    return BillingTransaction(
        kind=kind,
        occurred_at=at(hours),
        patient=BilledPatient(ref=patient),
        member=Member(ref=f"M-{patient}"),
        claim=Claim(pcn=pcn, pos=pos, type="professional", from_=dos or MONDAY.date(), filing_indicator="MB"),
        billing=Party(npi=billing, tin_ref=f"TIN-{billing}", entity="2"),
        rendering=Party(npi=npi, entity="1", taxonomy=taxonomy),
        lines=list(lines) or [Line(code="X1", charge=10_000)],
        links=list(links),
        checks=list(checks),
    )


def remit(
    hours: float,
    cents: int,
    *lines: Line,
    kind: Kind = "remit_paid",
    pcn: str = "A",
    status: str = "1",
    payer: str = "1111111111",
    carc: str = "",
    dos: datetime.date | None = None,
    patient: str = "P1",
) -> BillingTransaction:
    """Return a remittance for a claim, of one line unless some are given."""
    paid = claim(hours, *(lines or (Line(code="X1", charge=10_000, paid=cents),)), pcn=pcn, dos=dos, patient=patient)
    paid.kind = kind
    assert paid.claim is not None
    paid.claim.status = status
    paid.amounts = Amounts(paid=cents)
    paid.payment = Payment(payer_id=payer, trace=f"T{hours}")
    if carc:
        paid.lines[0].adjustments = [Adjustment(group="CO", carc=carc, amount=10_000)]
    return paid


def watch() -> Watch:
    """Return a hospital with the tables of the site."""
    return Watch(references=SITE)


def said(detector: str, found: Sequence[Finding]) -> list[Severity]:
    """Return how grave one pattern's findings are."""
    return [finding.severity for finding in found if finding.detector == detector and finding.kind == "rule"]


def reason(detector: str, found: Sequence[Finding]) -> str:
    """Return the reason of the one finding of a pattern."""
    (finding,) = [one for one in found if one.detector == detector and one.kind == "rule"]
    return finding.reasons[0]
