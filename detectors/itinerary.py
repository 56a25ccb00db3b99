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
"""Who uses the portal: their device and network address are of interest (A26)."""

ENTRANCES = frozenset({"login", "login_failed"})
"""Of staff, only logins are looked at by network address (A16, A17): they are few."""


ACCOUNT_CHANGES = frozenset({"privilege_change", "user_attribute_change"})
"""Changes of an account; what they change is their resource."""

ACCOUNT_TYPES = frozenset({"Practitioner", "PractitionerRole", "Person", "User", "Device"})
PAYEE_TYPES = frozenset({"Organization", "Payee", "Vendor"})
"""Types of resources that name a user, or somebody who is paid."""


def changed_account(access: AccessEvent) -> str:
    """Return the user whose rights, password or address an event changes, empty where it names none."""
    resource = access.resource
    if access.action not in ACCOUNT_CHANGES or resource is None or resource.type not in ACCOUNT_TYPES:
        return ""
    return resource.id


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
    elif access.action in ENTRANCES and access.client and access.client.ip:
        yield Stop("instrument", f"ip:{access.client.ip}")
    if access.action in ACCOUNT_CHANGES:
        yield from _changed(access)
    yield Stop("user", access.actor.id)


def _changed(access: AccessEvent) -> Iterator[Stop]:
    """The account or payee that is changed comes before who changes it (A18, B28), unless that is the same."""
    account = changed_account(access)
    if account and account != access.actor.id:
        yield Stop("user", account)
    elif access.resource and access.resource.type in PAYEE_TYPES and access.resource.id:
        yield Stop("instrument", f"payee:{access.resource.id}")


def _of_transaction(transaction: BillingTransaction) -> Iterator[Stop]:
    if transaction.patient:
        yield Stop("patient", transaction.patient.ref)
    if transaction.kind in CLAIM_KINDS:
        if transaction.payment and transaction.payment.payee_npi:
            yield Stop("instrument", f"payee:{transaction.payment.payee_npi}")
        yield from (Stop("provider", npi) for npi in _npis(transaction))
        return
    if transaction.bank_change:
        yield from _of_bank_change(transaction)
        return
    if transaction.kind == "deposit":
        yield from _of_deposit(transaction)
        return
    yield from (Stop("instrument", ref) for ref in instruments(transaction))
    if transaction.user:
        yield Stop("user", transaction.user.ref)


def _of_deposit(transaction: BillingTransaction) -> Iterator[Stop]:
    """Money that arrived at a payee's bank is held against what remittances announced (B33)."""
    if transaction.payment and transaction.payment.payee_npi:
        yield Stop("instrument", f"payee:{transaction.payment.payee_npi}")


def _of_bank_change(transaction: BillingTransaction) -> Iterator[Stop]:
    """Who changes the account, whose it is, and the new account, where what was notable comes together (B28)."""
    change = transaction.bank_change
    if transaction.user:
        yield Stop("user", transaction.user.ref)
    if change:
        yield Stop("instrument", f"payee:{change.payee_ref}")
        if change.new_fp:
            yield Stop("instrument", f"bank:{change.new_fp}")


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
    """Yield how money moved: card, bank account, device, address, BIN, terminal and channel, as `kind:token`."""
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
        if payment.client.channel and payment.card:
            yield f"channel:{payment.client.channel}"


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
