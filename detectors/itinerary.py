"""Which entities an event concerns, in the order in which it visits them (design.md §2)."""

from collections.abc import Callable, Iterator

from detectors.events import (
    AccessEvent,
    AppointmentContext,
    BillingTransaction,
    CareTeamContext,
    Data,
    EncounterContext,
    ExclusionContext,
    OrderContext,
    PatientContext,
    RosterContext,
    StaffContext,
    TaskContext,
)
from detectors.visit import Stop

CLAIM_KINDS = frozenset(
    {
        "claim_submitted", "claim_replaced", "claim_voided", "remit_paid", "remit_denied", "remit_reversed",
        "provider_adjustment",
    }
)  # fmt: skip
"""Transactions that a provider answers for; all others move money through an instrument and a clerk."""


PORTAL_ACTORS = frozenset({"patient", "proxy"})
"""Who uses the portal: their device and network address are of interest (A26), those of staff are not."""


def itinerary(data: Data) -> list[Stop]:
    """Return the stops of an event; empty where it concerns no entity that Wardwatch profiles."""
    return list(dict.fromkeys(_ITINERARIES[type(data)](data))) if type(data) in _ITINERARIES else []


def _of_access(access: AccessEvent) -> Iterator[Stop]:
    if access.patient:
        yield Stop("patient", access.patient.ref)
    if access.actor.type in PORTAL_ACTORS and access.client:
        if access.client.device_id:
            yield Stop("instrument", f"device:{access.client.device_id}")
        if access.client.ip and access.client.ip_class != "onsite":
            yield Stop("instrument", f"ip:{access.client.ip}")
    yield Stop("user", access.actor.id)


def _of_transaction(transaction: BillingTransaction) -> Iterator[Stop]:
    if transaction.patient:
        yield Stop("patient", transaction.patient.ref)
    if transaction.kind in CLAIM_KINDS:
        yield from (Stop("provider", npi) for npi in _npis(transaction))
        return
    yield from (Stop("instrument", ref) for ref in instruments(transaction))
    if transaction.user:
        yield Stop("user", transaction.user.ref)


def responsible_npi(transaction: BillingTransaction) -> str:
    """Return the NPI that a claim is judged by: who rendered it, else who attended, else who bills."""
    parties = (transaction.rendering, transaction.attending, transaction.billing)
    return next((party.npi for party in parties if party and party.npi), "")


PROVIDERS_VISITED = 8
"""Providers that one claim visits; a claim names two or three, and each visit costs a hop."""


def _npis(transaction: BillingTransaction) -> list[str]:
    """Every provider on the claim, for the exclusion lists (B14: any role), the responsible one last."""
    responsible = responsible_npi(transaction)
    parties = (
        transaction.billing, transaction.rendering, transaction.attending, transaction.ordering, transaction.referring,
        transaction.operating, transaction.supervising,
    )  # fmt: skip
    others = dict.fromkeys(
        [*(party.npi for party in parties if party), *(line.rendering_npi for line in transaction.lines)]
    )
    others.pop("", None)
    others.pop(responsible, None)
    return [*list(others)[: PROVIDERS_VISITED - 1], *([responsible] if responsible else [])]


def instruments(transaction: BillingTransaction) -> Iterator[str]:
    """Yield the means by which money moved: card, bank account, device, address, BIN, terminal, as `kind:token`."""
    payment = transaction.payment
    if payment and payment.card:
        if payment.card.token:
            yield f"card:{payment.card.token}"
        if payment.card.bin:
            yield f"bin:{payment.card.bin}"
    if payment and payment.bank_fp:
        yield f"bank:{payment.bank_fp}"
    if payment and payment.client:
        if payment.client.ip:
            yield f"ip:{payment.client.ip}"
        if payment.client.device_id:
            yield f"device:{payment.client.device_id}"
        if payment.client.terminal:
            yield f"terminal:{payment.client.terminal}"
    if transaction.bank_change and transaction.bank_change.new_fp:
        yield f"bank:{transaction.bank_change.new_fp}"


def _of_patient(context: PatientContext) -> Iterator[Stop]:
    yield Stop("patient", context.patient_ref)
    if context.merged_into:
        yield Stop("patient", context.merged_into)


def _of_patient_context(
    context: AppointmentContext | EncounterContext | OrderContext | CareTeamContext | TaskContext,
) -> Iterator[Stop]:
    yield Stop("patient", context.patient_ref)


def _of_staff(context: StaffContext) -> Iterator[Stop]:
    if context.self_patient_ref:
        yield Stop("patient", context.self_patient_ref)
    yield Stop("user", context.user_ref)


def _of_roster(context: RosterContext) -> Iterator[Stop]:
    yield Stop("user", context.user_ref)


def _of_exclusion(exclusion: ExclusionContext) -> Iterator[Stop]:
    if exclusion.npi:
        yield Stop("provider", exclusion.npi)


_ITINERARIES: dict[type, Callable[..., Iterator[Stop]]] = {
    AccessEvent: _of_access,
    BillingTransaction: _of_transaction,
    PatientContext: _of_patient,
    AppointmentContext: _of_patient_context,
    EncounterContext: _of_patient_context,
    OrderContext: _of_patient_context,
    CareTeamContext: _of_patient_context,
    TaskContext: _of_patient_context,
    StaffContext: _of_staff,
    RosterContext: _of_roster,
    ExclusionContext: _of_exclusion,
}
