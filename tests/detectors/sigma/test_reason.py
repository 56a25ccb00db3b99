from typing import Any

import msgspec
import pytest

from detectors.events import AccessEvent, BillingTransaction
from detectors.notes import NOTE_NAMES
from detectors.sigma.fields import CATEGORIES, resolve
from detectors.sigma.problems import Problems
from detectors.sigma.reason import REASON_NAMES, compile_reason
from detectors.sigma.vocabulary import Vocabulary

REFUND = msgspec.convert(
    {
        "kind": "refund",
        "occurred_at": "2026-03-02T09:00:00Z",
        "amounts": {"paid": -123456},
        "lines": [{"units": 1.5}, {"units": 2}, {"units": 2}],
    },
    BillingTransaction,
)
NOTES: dict[str, Any] = {
    "user.patients_1h": 1212, "user.mass_access_ratio": 3.46, "rel.templates": ["T1", "T4"], "rel.explained": True,
    "rel.first_pair": False, "refund.amount": 5, "staff.ended_hours": 26.0,
}  # fmt: skip

SENTENCES = {
    "Nothing to fill in.": "Nothing to fill in.",
    "{user.patients_1h} charts": "1,212 charts",
    "{user.mass_access_ratio} times": "3.5 times",
    "{staff.ended_hours} hours": "26 hours",
    "{refund.amount:money} {currency}": "0.05 USD",
    "{amounts.paid:money}": "1,234.56",
    "{approval.limit:money} and {approval.limit}": "unknown and unknown",
    "{rel.templates}, {rel.explained}, {rel.first_pair}": "T1, T4, yes, no",
    "units {lines.units}": "units 1.5, 2",
    "A {kind}.": "A refund.",
    "{count} of {user.patients_24h}": "7 of unknown",
}


@pytest.mark.parametrize(("template", "expected"), SENTENCES.items())
def test_sentences(template: str, expected: str) -> None:
    problems = Problems("a.yml")
    reason = compile_reason(template, 1, Vocabulary(BillingTransaction, NOTE_NAMES, {}), problems, frozenset({"count"}))
    assert problems.found == []
    assert reason(REFUND, NOTES, {"count": 7}) == expected


IDENTIFYING = (
    "ref", "id", "npi", "token", "tok", "mrn", "name", "ip", "zip", "birth", "death", "pcn", "code", "dx", "text",
    "geo", "lat", "lon", "sensitivity", "category", "dept", "depts", "job", "fp", "bin", "last4", "trace", "direct",
)  # fmt: skip


ABOUT_IDENTIFIERS = ("client.ip_class", "refund.same_token_30d")
"""A class of addresses and a count of refunds, in spite of their names."""


def test_no_placeholder_names_an_identifier_or_the_subject_of_a_record() -> None:
    for name in REASON_NAMES:
        words = name.replace(".", "_").split("_")
        assert not set(words) & set(IDENTIFYING) or name in ABOUT_IDENTIFIERS, name


def test_every_placeholder_is_a_field_or_a_note() -> None:
    for name in REASON_NAMES:
        assert name in NOTE_NAMES or any(resolve(data_type, name) for data_type in CATEGORIES.values()), name


def test_names_with_identifiers_are_refused() -> None:
    for name in ("actor.id", "patient.ref", "patient.mrn_rank", "client.ip", "rel.depts", "resource.sensitivity"):
        problems = Problems("a.yml")
        compile_reason(f"by {{{name}}}", 9, Vocabulary(AccessEvent, NOTE_NAMES, {}), problems)
        assert [(problem.line, name in problem.message) for problem in problems.found] == [(9, True)]
