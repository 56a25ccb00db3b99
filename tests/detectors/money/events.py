"""Events of money in a line each. Instants are hours after the Monday of `watch`, amounts are in cents."""

from typing import Any

from detectors.events import BillingTransaction, PatientContext, StaffContext
from detectors.events.access import AccessedPatient, AccessEvent, Action, Actor, Client, Purpose, Resource, Volume
from detectors.events.billing import (
    AdjustmentReason,
    Amounts,
    Approval,
    BankChange,
    BilledPatient,
    Card,
    Clerk,
    Kind,
    Link,
    Payment,
    PaymentClient,
)
from detectors.finding import Finding
from tests.detectors.watch import Watch, at

DAY = 24.0


def paid(
    hours: float,
    amount: int,
    *,
    patient: str = "P1",
    card: str = "card-1",
    response: str = "00",
    client: PaymentClient | None = None,
    user: str = "",
    method: str = "card",
    **of_card: Any,
) -> BillingTransaction:
    """Return a patient's payment, by card unless `method` is cash."""
    by_card = Card(token=card, bin="400012", response=response, **of_card) if method == "card" else None
    return BillingTransaction(
        kind="patient_payment",
        occurred_at=at(hours),
        patient=BilledPatient(ref=patient),
        amounts=Amounts(paid=amount),
        payment=Payment(method=method, card=by_card, client=client),
        user=Clerk(ref=user) if user else None,
    )


def posted(
    kind: Kind,
    hours: float,
    amount: int,
    *,
    patient: str = "P1",
    user: str = "U1",
    card: str = "",
    limit: int | None = None,
    reason: str = "",
    period: str = "",
    links: list[Link] | None = None,
) -> BillingTransaction:
    """Return a refund, credit, write-off or adjustment."""
    is_refund = kind in ("refund", "credit")
    return BillingTransaction(
        kind=kind,
        occurred_at=at(hours),
        patient=BilledPatient(ref=patient),
        amounts=Amounts(paid=amount) if is_refund else Amounts(adjustment=amount),
        payment=Payment(card=Card(token=card)) if card else None,
        user=Clerk(ref=user, role="clerk") if user else None,
        approval=Approval(user_ref="U9", limit=limit) if limit else None,
        adjustment=AdjustmentReason(reason=reason, fiscal_period=period) if reason or period else None,
        links=links or [],
    )


def bank_change(
    hours: float, *, payee: str = "1234567893", new: str = "acct-2", user: str = "U1", channel: str = "portal",
    verified_by: str = "U9",
) -> BillingTransaction:  # fmt: skip
    """Return a change of the account of a payee."""
    return BillingTransaction(
        kind="bank_account_change",
        occurred_at=at(hours),
        user=Clerk(ref=user) if user else None,
        bank_change=BankChange(payee_ref=payee, new_fp=new, channel=channel, verified_by=verified_by),
    )


def remitted(
    hours: float, account: str, *, payee: str = "1234567893", checks: list[str] | None = None
) -> BillingTransaction:
    """Return a paid remittance to an account of a payee."""
    return BillingTransaction(
        kind="remit_paid",
        occurred_at=at(hours),
        amounts=Amounts(paid=10_000),
        payment=Payment(trace="TRACE-1", payee_npi=payee, bank_fp=account),
        checks=checks or [],
    )


def changed(
    action: Action, hours: float, category: str, *, actor: str = "U1", of: str = "U1", kind: str = "Practitioner",
    app: str = "iam",
) -> AccessEvent:  # fmt: skip
    """Return a change of an account, or of a payee's contact details."""
    return AccessEvent(
        action=action,
        occurred_at=at(hours),
        actor=Actor(id=actor),
        client=Client(app=app),
        resource=Resource(type=kind, id=of, category=category),
    )


def exported(
    hours: float, records: int, *, user: str = "U1", ip_class: str = "onsite", app: str = "",
    reason: Purpose | None = None, job: str = "clerk", action: Action = "export",
) -> AccessEvent:  # fmt: skip
    """Return an export of many records at once."""
    return AccessEvent(
        action=action,
        occurred_at=at(hours),
        actor=Actor(id=user, job_code=job),
        client=Client(ip_class=ip_class, app=app),  # type: ignore[arg-type] # a literal, by the callers
        resource=Resource(type="List", category="report"),
        purpose=reason,
        volume=Volume(records=records),
    )


def opened(
    user: str, patient: str, hours: float, *, category: str = "chart", action: Action = "read", job: str = "clerk",
    kind: str = "human", ip: str = "", ip_class: str = "", sensitive: tuple[str, ...] = (),
) -> AccessEvent:  # fmt: skip
    """Return an access to a record."""
    return AccessEvent(
        action=action,
        occurred_at=at(hours),
        actor=Actor(id=user, type=kind, job_code=job),  # type: ignore[arg-type] # a literal, by the callers
        client=Client(ip=ip, ip_class=ip_class),  # type: ignore[arg-type] # likewise
        patient=AccessedPatient(ref=patient),
        resource=Resource(category=category, sensitivity=list(sensitive)),
    )


def person(patient: str, name: str, address: str, area: str = "") -> PatientContext:
    """Return what is known of a patient's surname and home."""
    return PatientContext(patient_ref=patient, last_name_tok=name, address_tok=address, geo5=area)


def staff(user: str, **fields: Any) -> StaffContext:
    """Return a staff record."""
    return StaffContext(user_ref=user, **fields)


def of(watch: Watch, *names: str) -> list[Finding]:
    """Return the findings of some patterns, in order."""
    return [finding for finding in watch.findings if finding.kind == "rule" and finding.detector in names]


def severities(watch: Watch, *names: str) -> list[str]:
    """Return the severities of the findings of some patterns, in order."""
    return [finding.severity for finding in of(watch, *names)]
