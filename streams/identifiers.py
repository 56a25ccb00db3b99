"""Which fields of an event name somebody or something: the table that the tokeniser walks by (domain.md §1.1, §4.2)."""

from detectors.events import (
    AccessEvent,
    AppointmentContext,
    BillingTransaction,
    CareTeamContext,
    EncounterContext,
    ExclusionContext,
    OrderContext,
    PatientContext,
    RosterContext,
    StaffContext,
    TaskContext,
)
from detectors.events.access import AccessedPatient, Actor, BreakGlass, Client, Purpose, Query, Resource, Source
from detectors.events.billing import (
    AdjustmentReason,
    Approval,
    BankChange,
    BilledPatient,
    Card,
    Claim,
    Clerk,
    Line,
    Link,
    Member,
    Party,
    Payment,
    PaymentClient,
)
from detectors.events.redacted import Redacted

LETTERS: dict[str, str] = {
    "p": "patient",
    "m": "member",
    "u": "user or member of staff",
    "a": "address",
    "n": "last name",
    "b": "bank account",
    "c": "payment card",
    "i": "IP address",
    "d": "device",
    "k": "number of a claim, account, encounter, payment or record",
}
"""First character of a token to the type of identifier that it stands for."""

IDENTIFIERS: dict[type[Redacted], dict[str, str]] = {
    Actor: {
        "id": "u", "manager_ref": "u", "self_patient_ref": "p", "last_name_tok": "n", "address_tok": "a",
        "block_tok": "a",
    },
    Client: {"ip": "i", "device_id": "d"},
    AccessedPatient: {"ref": "p", "last_name_tok": "n", "address_tok": "a", "block_tok": "a"},
    Resource: {"id": "k", "encounter_ref": "k"},
    # A plain hash of a search for a name or a record number is found by trying them all.
    Query: {"sha256": "k"},
    Claim: {"pcn": "k", "payer_ccn": "k", "original_ref": "k", "auth": "k", "referral": "k"},
    BilledPatient: {"ref": "p"},
    Member: {"ref": "m"},
    # The tax number of a single practitioner is a social security number.
    Party: {"tin_ref": "k"},
    Line: {"control": "k"},
    Card: {"token": "c"},
    PaymentClient: {"ip": "i", "device_id": "d"},
    Payment: {"trace": "k", "bank_fp": "b"},
    Clerk: {"ref": "u"},
    Approval: {"user_ref": "u"},
    BankChange: {"payee_ref": "k", "old_fp": "b", "new_fp": "b", "verified_by": "u"},
    StaffContext: {
        "user_ref": "u", "manager_ref": "u", "self_patient_ref": "p", "last_name_tok": "n", "address_tok": "a",
        "block_tok": "a",
    },
    PatientContext: {
        "patient_ref": "p", "merged_into": "p", "last_name_tok": "n", "address_tok": "a", "block_tok": "a",
    },
    AppointmentContext: {"patient_ref": "p", "user_ref": "u"},
    EncounterContext: {"patient_ref": "p", "encounter_id": "k", "user_refs": "u"},
    OrderContext: {"patient_ref": "p", "user_ref": "u"},
    CareTeamContext: {"patient_ref": "p", "user_ref": "u"},
    TaskContext: {"patient_ref": "p", "user_ref": "u"},
    RosterContext: {"user_ref": "u"},
    ExclusionContext: {"name_tok": "n"},
}  # fmt: skip
"""Struct to its fields that hold a direct identifier, and the letter of each. NPIs are public and stay."""

LOOKED_UP = frozenset({"p", "m", "u"})
"""Letters of those whom a person who works on a case may have to find: the vault keeps them (domain.md §1.1)."""

ACCOUNT_NUMBERS: frozenset[tuple[type[Redacted], str]] = frozenset(
    {
        (Claim, "pcn"), (Claim, "payer_ccn"), (Claim, "original_ref"), (Resource, "encounter_ref"),
        (EncounterContext, "encounter_id"), (BankChange, "payee_ref"),
    }
)  # fmt: skip
"""Of the fields of letter `k`, the numbers of claims and accounts, which the vault keeps too. The others, among them
tax numbers and the hashes of searches, are in no vault: nobody needs them to work on a case."""

LISTS = frozenset({(EncounterContext, "user_refs")})
"""Fields of `IDENTIFIERS` that hold a list."""

MAYBE_NPI = frozenset({(BankChange, "payee_ref")})
"""Fields of `IDENTIFIERS` that may hold an NPI, which then stays: it is compared with `payment.payee_npi`."""

FREE_TEXTS: dict[type[Redacted], tuple[str, ...]] = {
    AccessEvent: ("raw_ref",),
    Source: ("system", "file_id", "originator_id"),
    Actor: ("dept",),
    Client: ("workstation", "location", "app", "user_agent"),
    Purpose: ("code",),
    BreakGlass: ("reason_code",),
    BillingTransaction: ("raw_ref",),
    PaymentClient: ("channel", "terminal"),
    AdjustmentReason: ("reason",),
    Clerk: ("dept",),
    BankChange: ("channel",),
    StaffContext: ("dept", "shift"),
    AppointmentContext: ("dept",),
    EncounterContext: ("dept", "unit", "facility"),
    OrderContext: ("dept", "kind"),
    TaskContext: ("pool", "queue"),
    RosterContext: ("unit",),
}
"""Struct to its fields that people or machines fill as they please; all others hold identifiers, codes or numbers."""

MAY_LOOK_LIKE_CARDS: frozenset[type[Redacted]] = frozenset({Source})
"""Of `FREE_TEXTS`, those that may hold long numbers: what looks like a card number is masked, and not refused."""

EVENT_IDS: dict[type[Redacted], tuple[str, ...]] = {Link: ("id",)}
"""Struct to its fields that hold the id of another event: it is what that event's own became."""

PARTS: dict[type[Redacted], tuple[str, ...]] = {
    AccessEvent: ("actor", "client", "patient", "resource", "purpose", "break_glass", "query", "src"),
    BillingTransaction: (
        "claim", "patient", "member", "billing", "rendering", "referring", "ordering", "supervising", "attending",
        "operating", "service_facility", "lines", "payment", "adjustment", "user", "approval", "bank_change", "links",
        "src",
    ),
    Payment: ("card", "client"),
}  # fmt: skip
"""Struct to its fields that hold structs with identifiers or free text."""
