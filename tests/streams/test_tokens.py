"""Identifiers become keyed tokens, all of them, and always the same ones."""

import base64
import hashlib
import hmac
import types
import typing
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerting.vault import Naming
from detectors.events import (
    DATA_TYPES,
    AccessEvent,
    BillingTransaction,
    EncounterContext,
    Feedback,
    PatientContext,
    StaffContext,
)
from detectors.events.redacted import Redacted
from detectors.reference.npi import is_npi
from streams.identifiers import EVENT_IDS, FREE_TEXTS, IDENTIFIERS, LETTERS, LISTS, MAYBE_NPI, PARTS
from streams.known_tokens import KnownTokens
from streams.tokens import Tokeniser
from tests.streams.samples import KEY, access, payment, tokeniser

NOT_IDENTIFIERS: dict[str, set[str]] = {
    "AccessEvent": {"raw_ref"},
    "Source": {"system", "format", "file_id", "isa13", "gs06", "st02", "originator_id"},
    "Actor": {"roles", "dept", "job_code", "employment_status", "npi", "geo5"},
    "Session": {"id", "auth", "token_jti"},
    "Client": {"workstation", "location", "app", "user_agent"},
    "AccessedPatient": {"geo5", "age_band"},
    "Resource": {"type", "category", "sensitivity"},
    "Purpose": {"code"},
    "BreakGlass": {"reason_code"},
    "BillingTransaction": {"checks", "currency", "raw_ref"},
    "Diagnosis": {"code", "system", "poa"},
    "ClaimProcedure": {"code", "role"},
    "Claim": {
        "frequency", "facility_code", "pos", "status", "admission_type", "discharge_status", "drg", "delay_reason",
        "filing_indicator",
    },
    "BilledPatient": {"zip3", "state"},
    "Member": {"payer_id", "relationship"},
    "Party": {"npi", "taxonomy", "entity", "zip"},
    "Adjustment": {"group", "carc"},
    "Line": {
        "code", "code_system", "revenue", "modifiers", "unit_basis", "pos", "rendering_npi", "ndc", "remarks",
    },
    "Card": {"bin", "last4", "brand", "entry", "avs", "cvv_result", "response", "country"},
    "PaymentClient": {"channel", "terminal"},
    "Payment": {"method", "direction", "payer_id", "payee_npi"},
    "AdjustmentReason": {"reason", "plb_code", "fiscal_period"},
    "Clerk": {"role", "dept"},
    "BankChange": {"channel"},
    "Link": {"id"},
    "StaffContext": {"dept", "role", "job_code", "status", "shift", "geo5"},
    "PatientContext": {"geo5", "age_band"},
    "AppointmentContext": {"dept", "status"},
    "EncounterContext": {"class_", "dept", "dx", "unit", "facility"},
    "OrderContext": {"dept", "kind"},
    "TaskContext": {"pool", "queue"},
    "RosterContext": {"unit"},
    "ExclusionContext": {"npi", "list"},
    # Feedback names a reviewer for the audit log and what we ourselves issued.
    "Feedback": {"by", "finding_id", "incident_id", "note_hash"},
}  # fmt: skip


WALKED = {*IDENTIFIERS, *FREE_TEXTS, *EVENT_IDS, *PARTS}


def structs_within(annotation: Any) -> set[type[Redacted]]:
    """All event structs that a type mentions, at every depth."""
    if isinstance(annotation, type) and issubclass(annotation, Redacted):
        hints = typing.get_type_hints(annotation, include_extras=True)
        return {annotation}.union(*(structs_within(hint) for hint in hints.values()))
    return set().union(*(structs_within(part) for part in typing.get_args(annotation) if part is not Ellipsis))


def holds_text(annotation: Any) -> bool:
    """Whether a field's type is a text or a list of texts that are not an enumeration."""
    if annotation is str:
        return True
    origin = typing.get_origin(annotation)
    if origin in (typing.Annotated, list, types.UnionType, typing.Union):
        return any(holds_text(part) for part in typing.get_args(annotation))
    return False


EVENT_STRUCTS: set[type[Redacted]] = set().union(*(structs_within(data_type) for data_type in DATA_TYPES.values()))


@pytest.mark.parametrize("struct", sorted(EVENT_STRUCTS, key=repr))
def test_every_text_is_an_identifier_or_said_not_to_be(struct: type[Redacted]) -> None:
    hints = typing.get_type_hints(struct, include_extras=True)
    texts = {field.name for field in msgspec.structs.fields(struct) if holds_text(hints[field.name])}
    identifiers = set(IDENTIFIERS.get(struct, {}))
    assert texts == identifiers | NOT_IDENTIFIERS.get(struct.__name__, set())
    assert not identifiers & NOT_IDENTIFIERS.get(struct.__name__, set())


def test_free_texts_are_among_what_is_no_identifier() -> None:
    named = {struct.__name__: set(names) for table in (FREE_TEXTS, EVENT_IDS) for struct, names in table.items()}
    assert all(names <= NOT_IDENTIFIERS[struct] for struct, names in named.items())


@pytest.mark.parametrize("struct", sorted(EVENT_STRUCTS, key=repr))
def test_every_part_that_holds_identifiers_is_walked(struct: type[Redacted]) -> None:
    hints = typing.get_type_hints(struct, include_extras=True)
    holding = {name for name, hint in hints.items() if any(part in WALKED for part in structs_within(hint))}
    assert set(PARTS.get(struct, ())) == holding


def test_the_tables_speak_of_event_structs_only() -> None:
    assert set(IDENTIFIERS) | set(PARTS) <= EVENT_STRUCTS
    assert {letter for fields in IDENTIFIERS.values() for letter in fields.values()} == set(LETTERS)
    assert all(name in IDENTIFIERS[struct] for struct, name in LISTS | MAYBE_NPI)
    lists = {
        (struct, name)
        for struct, fields in IDENTIFIERS.items()
        for name in fields
        if typing.get_origin(typing.get_type_hints(struct)[name]) is list
    }
    assert lists == LISTS


def hmac_by_the_library(letter: str, text: str) -> str:
    key = hmac.new(KEY, b"wardwatch token " + letter.encode() + b"\x01", hashlib.sha256).digest()
    digest = hmac.new(key, text.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest[:16]).decode().rstrip("=")


@pytest.mark.parametrize("letter", LETTERS)
def test_a_token_is_an_hmac_under_the_key_of_its_letter(letter: str) -> None:
    token = tokeniser().token(letter, "value 17")
    assert token == f"{letter}1:{hmac_by_the_library(letter, 'value 17')}"
    assert len(token) == 3 + 22


def test_the_key_of_a_letter_is_one_block_of_hkdf_expand() -> None:
    from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415 - the oracle of this test only
    from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand  # noqa: PLC0415

    from streams.tokens import derived_key  # noqa: PLC0415

    assert derived_key(KEY, "p") == HKDFExpand(SHA256(), 32, b"wardwatch token p").derive(KEY)


def test_a_token_is_left_alone_if_it_is_one_of_that_letter_and_of_a_known_key() -> None:
    both = Tokeniser({1: KEY, 2: KEY[::-1]}, 2)
    old, new = tokeniser().token("p", "MRN1"), both.token("p", "MRN1")
    assert old[:3] == "p1:"
    assert new[:3] == "p2:"
    assert both.token("p", old) == old
    assert both.token("p", new) == new
    assert tokeniser().token("p", new) != new
    assert both.token("u", new)[:3] == "u2:"
    for not_quite in (new[:-1], new + "A", new[:-1] + "!", "p2" + new[3:], "p", ":", "p2:"):
        assert both.token("p", not_quite) != not_quite


def test_nothing_has_no_token() -> None:
    assert tokeniser().token("p", "") == ""


def test_names_and_addresses_are_written_in_many_ways() -> None:
    one = tokeniser()
    assert one.token("n", " O\u2019Neill  SMITH") == one.token("n", "o\u2019neill smith")
    assert one.token("a", "12 MAIN  St") == one.token("a", "12 Main St")
    assert one.token("p", "mrn1") != one.token("p", "MRN1")


def test_forgotten_tokens_are_made_again() -> None:
    small = Tokeniser({1: KEY}, 1, remembered=2)
    values = [f"MRN{n}" for n in range(7)]
    first = [small.token("p", value) for value in values]
    assert [small.token("p", value) for value in values] == first == [tokeniser().token("p", value) for value in values]


@pytest.mark.parametrize(
    ("keys", "current", "message"),
    [({1: KEY}, 2, "no token key 2"), ({1: KEY, 3: b"short"}, 1, r"\[3\] are shorter than 32 bytes")],
)
def test_unusable_keys_are_refused(keys: dict[int, bytes], current: int, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Tokeniser(keys, current)


def test_one_person_has_one_token_wherever_named() -> None:
    one = tokeniser()
    opened = msgspec.convert(
        access(actor={"id": "u1", "self_patient_ref": "MRN7", "manager_ref": "u9", "last_name_tok": "Li"}), AccessEvent
    )
    paid = msgspec.convert(
        payment(patient={"ref": "MRN7"}, user={"ref": "u1"}, approval={"user_ref": "u9"}), BillingTransaction
    )
    staff = StaffContext(user_ref="u1", self_patient_ref="MRN7", manager_ref="u9", last_name_tok="LI")
    flags = PatientContext(patient_ref="MRN7", last_name_tok="Li")
    stay = msgspec.convert(
        {"patient_ref": "MRN7", "encounter_id": "enc-1", "admit_at": "2026-03-02T09:14:03Z", "user_refs": ["u1", "u9"]},
        EncounterContext,
    )
    for data in (opened, paid, staff, flags, stay):
        assert one.tokenise(data) is data
    assert paid.patient is not None
    assert paid.user is not None
    assert paid.approval is not None
    assert opened.resource is not None
    patient, user, manager = (one.token(*named) for named in (("p", "MRN7"), ("u", "u1"), ("u", "u9")))
    assert {
        opened.actor.self_patient_ref,
        paid.patient.ref,
        staff.self_patient_ref,
        flags.patient_ref,
        stay.patient_ref,
    } == {patient}
    assert {opened.actor.id, paid.user.ref, staff.user_ref, stay.user_refs[0]} == {user}
    assert {opened.actor.manager_ref, paid.approval.user_ref, staff.manager_ref, stay.user_refs[1]} == {manager}
    assert {opened.actor.last_name_tok, staff.last_name_tok, flags.last_name_tok} == {one.token("n", "li")}
    assert opened.resource.encounter_ref == stay.encounter_id == one.token("k", "enc-1")


def test_lines_of_a_claim_are_walked_and_codes_stay() -> None:
    claim = msgspec.convert(
        {
            "kind": "claim_submitted",
            "occurred_at": "2026-03-02T09:14:03Z",
            "claim": {"pcn": "PCN-1", "payer_ccn": "CCN-1", "drg": "470"},
            "billing": {"npi": "1234567893", "tin_ref": "123456789"},
            "lines": [{"control": "L1", "code": "99213"}, {"control": "L2", "rendering_npi": "1912301953"}],
        },
        BillingTransaction,
    )
    one = tokeniser()
    one.tokenise(claim)
    assert [line.control for line in claim.lines] == [one.token("k", "L1"), one.token("k", "L2")]
    assert claim.lines[0].code == "99213"
    assert claim.lines[1].rendering_npi == "1912301953"
    assert claim.claim is not None
    assert (claim.claim.pcn, claim.claim.drg) == (one.token("k", "PCN-1"), "470")
    assert claim.billing is not None
    assert (claim.billing.npi, claim.billing.tin_ref) == ("1234567893", one.token("k", "123456789"))


@pytest.mark.parametrize(("payee", "stays"), [("1234567893", True), ("1234567890", False), ("VENDOR-7", False)])
def test_a_payee_that_is_an_npi_stays(payee: str, stays: bool) -> None:
    change = msgspec.convert(
        {
            "kind": "bank_account_change",
            "occurred_at": "2026-03-02T09:14:03Z",
            "bank_change": {"payee_ref": payee, "new_fp": "acct-2"},
        },
        BillingTransaction,
    )
    one = tokeniser()
    one.tokenise(change)
    assert change.bank_change is not None
    assert change.bank_change.payee_ref == (payee if stays else one.token("k", payee))
    assert change.bank_change.new_fp == one.token("b", "acct-2")
    assert is_npi(payee) is stays


@pytest.mark.parametrize(
    ("action", "kind", "letter"),
    [
        ("privilege_change", "Practitioner", "u"),
        ("privilege_change", "Organization", "k"),
        ("read", "Practitioner", "k"),
    ],
)
def test_an_account_that_is_changed_has_the_token_of_its_user(action: str, kind: str, letter: str) -> None:
    event = msgspec.convert(
        {
            "action": action,
            "occurred_at": "2026-03-02T09:14:03Z",
            "actor": {"id": "admin"},
            "resource": {"type": kind, "id": "nurse-7"},
        },
        AccessEvent,
    )
    one = tokeniser()
    for _ in range(2):
        one.tokenise(event)
        assert event.resource is not None
        assert event.resource.id == one.token(letter, "nurse-7"), "also where it is one already"


def test_feedback_keeps_the_name_of_its_reviewer() -> None:
    verdict = msgspec.convert(
        {"verdict": "duplicate", "by": "pat", "at": "2026-03-02T09:14:03Z", "incident_id": "INC-1"}, Feedback
    )
    tokeniser().tokenise(verdict)
    assert (verdict.by, verdict.incident_id) == ("pat", "INC-1")


NEW = {1: KEY, 2: KEY[::-1]}


def test_who_was_known_when_the_key_was_closed_keeps_the_token_and_others_get_new_ones() -> None:
    known = KnownTokens([tokeniser().token("p", "MRN1"), tokeniser().token("n", "Smith")])
    renewed = Tokeniser(NEW, 2, known={1: known})
    assert renewed.token("p", "MRN1") == tokeniser().token("p", "MRN1")
    assert renewed.token("n", "SMITH") == tokeniser().token("n", "smith")
    assert renewed.token("p", "MRN2")[:3] == "p2:"
    assert renewed.token("m", "MRN1")[:3] == "m2:"
    assert Tokeniser(NEW, 2, known={1: KnownTokens([])}).token("p", "MRN1")[:3] == "p2:"


def test_the_oldest_key_wins_and_a_key_that_is_gone_is_passed_over() -> None:
    keys = {1: KEY, 2: KEY[::-1], 3: bytes(range(64, 96))}
    second = Tokeniser(NEW, 2)
    known = {
        2: KnownTokens([second.token("p", "A"), second.token("p", "B")]),
        1: KnownTokens([tokeniser().token("p", "A")]),
    }
    third = Tokeniser(keys, 3, known=known)
    assert [third.token("p", name)[:3] for name in "ABC"] == ["p1:", "p2:", "p3:"]
    assert [Tokeniser({3: keys[3]}, 3, known=known).token("p", name)[:3] for name in "AB"] == ["p3:", "p3:"]


def test_all_who_make_tokens_agree_in_whichever_order_they_see_people() -> None:
    known = {1: KnownTokens(tokeniser().token("p", f"MRN{n}") for n in range(0, 40, 3))}
    names = [f"MRN{n}" for n in range(40)]
    one, other = (Tokeniser(NEW, 2, known=known, remembered=4) for _ in range(2))
    assert {name: one.token("p", name) for name in names} == {name: other.token("p", name) for name in reversed(names)}


def test_new_tokens_are_told_once_and_again_when_forgotten() -> None:
    teller = Tokeniser({1: KEY}, 1, tells_new=True)
    token = teller.token("p", "MRN1")
    assert teller.token("p", "MRN1") == teller.token("p", token) == token
    told = teller.take_new()
    assert told == [Naming(token, "MRN1", kept=True)]
    assert teller.take_new() == []
    teller.forget(told)
    assert teller.token("p", "MRN1") == token
    assert teller.take_new() == told
    assert tokeniser().take_new() == []


def test_the_vault_is_told_of_people_and_accounts_only() -> None:
    """Of names and machines only that a token was made; of cards' and tax numbers and searches nothing to look up."""
    teller = Tokeniser({1: KEY}, 1, tells_new=True)
    claim = payment(
        kind="refund",
        claim={"pcn": "CLM-1", "payer_ccn": "CCN-1", "auth": "AUTH-1"},
        member={"ref": "MEM-1"},
        billing={"tin_ref": "12-3456789"},
        payment={"trace": "TR-1", "bank_fp": "BANK-1", "card": {"token": "CARD-1"}, "client": {"ip": "10.0.0.1"}},
    )
    teller.tokenise(msgspec.convert(claim, BillingTransaction))
    teller.tokenise(msgspec.convert(access(query={"sha256": "ab"}), AccessEvent))
    told = teller.take_new()
    assert {naming.value for naming in told if naming.kept} == {
        "CLM-1", "CCN-1", "MEM-1", "MRN0012345", "u2002", "u1001", "enc-1",
    }  # fmt: skip
    assert {naming.value for naming in told if not naming.kept} == {
        "BANK-1", "CARD-1", "10.0.0.1", "10.2.3.4", "WS-0042", "Smith", "Jones",
    }  # fmt: skip
    assert all(naming.token == teller.token(naming.token[0], naming.value) for naming in told)


@given(st.sets(st.integers(0, 400)), st.integers(0, 400))
def test_known_tokens_are_a_set(made: set[int], asked: int) -> None:
    known = KnownTokens(tokeniser().token("p", f"MRN{n}") for n in made)
    assert len(known) == len(made)
    assert (tokeniser().token("p", f"MRN{asked}") in known) == (asked in made)
