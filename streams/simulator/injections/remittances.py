"""A payee of an incident's own: what payers remit to it, and what its bank says came."""

from collections.abc import Iterator
from dataclasses import dataclass

from detectors.events import BillingTransaction
from detectors.events.access import Source
from detectors.events.billing import Amounts, Claim, Diagnosis, Party, Payment
from streams.simulator.claim_records import adjudicate, totals
from streams.simulator.injections.scene import Scene, line
from streams.simulator.record import BILLING_SOURCE, Simulated
from streams.simulator.timing import instant

ACCOUNT = "021000021|6100001"
"""Routing and account number, as BPR13 and BPR15 name them: made up, and tokens before they leave intake."""

_REMITTED_AT, _DEPOSITED_AT = 4.0, 9.0
_PAYER = "1987654321"
_CLAIMS, _DAYS_BACK = 5, 16


@dataclass(frozen=True, slots=True)
class Payment835:
    """One payment to the payee: its remittances, of `cents` altogether, under one trace number."""

    remittances: list[Simulated]
    trace: str
    cents: int


def payee_of(scene: Scene) -> Party:
    """Return the outside imaging centre of an incident, which bills itself."""
    own = scene.provider()
    tax = f"TIN-{scene.name}-{scene.ordinal}"
    return Party(npi=own.npi, taxonomy=own.taxonomy, tin_ref=tax, entity="2", zip=own.zip)


def remitted(scene: Scene, payee: Party, later: int, *, account: str, labelled: bool) -> Payment835:
    """Return what a payer remits on a day later: a handful of claims in one payment."""
    trace = f"EFT-{scene.name}-{scene.ordinal}-{later}"
    found, cents = [], 0
    for number, patient in enumerate(scene.patients(_CLAIMS)):
        at, dos = scene.at(_REMITTED_AT, later) + number * 0.02, scene.date(_DAYS_BACK - later)
        service = line("71046", 1, int(scene.rng.integers(9_000, 30_000)), dos, None)
        adjudicate(service, round(service.charge * 0.5), 1)
        amounts = totals([service])
        account_number = f"{scene.name}-{scene.ordinal}-{later}-{number}"
        remittance = BillingTransaction(
            kind="remit_paid",
            occurred_at=instant(at),
            src=Source(system="billing", format="x12_835", file_id=f"file-{trace}"),
            claim=Claim(
                pcn=f"PCN-{account_number}",
                payer_ccn=f"CCN-{account_number}",
                frequency="1",
                type="professional",
                pos="11",
                status="1",
                from_=dos,
                through=dos,
                filing_indicator="MB",
                dx=[Diagnosis(code="R079", system="icd10cm", role="principal", seq=1)],
            ),
            patient=scene.hospital.billed(patient),
            member=scene.hospital.member(patient),
            billing=payee,
            lines=[service],
            amounts=amounts,
            payment=Payment(
                method="ACH",
                direction="C",
                trace=trace,
                effective=scene.date(-later),
                payer_id=_PAYER,
                payee_npi=payee.npi,
                bank_fp=account,
            ),
        )
        found.append(scene.record(BILLING_SOURCE, at, remittance, labelled=labelled))
        cents += amounts.paid
    return Payment835(found, trace, cents)


def deposited(scene: Scene, payee: Party, payment: Payment835, later: int, *, labelled: bool = False) -> Simulated:
    """Return the bank's record of a payment, on a day later."""
    at = scene.at(_DEPOSITED_AT, later)
    deposit = BillingTransaction(
        kind="deposit",
        occurred_at=instant(at),
        src=Source(system="bank", format="csv"),
        amounts=Amounts(paid=payment.cents),
        payment=Payment(
            method="ACH",
            direction="C",
            trace=payment.trace,
            effective=scene.date(-later),
            payee_npi=payee.npi,
            bank_fp=ACCOUNT,
        ),
    )
    return scene.record(BILLING_SOURCE, at, deposit, labelled=labelled)


def working_days(scene: Scene, days: int) -> Iterator[int]:
    """Yield the days later, of so many, on which banks and payers work; all where none of them is one."""
    span = range(min(days, scene.days_left))
    yield from [later for later in span if scene.hospital.calendar.weekday(scene.day + later) < 5] or span
