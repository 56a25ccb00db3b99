"""Single tests of single values, with answers from the Sigma specification and from the documents of the engine."""

import datetime
from typing import Any

import msgspec
import pytest

from detectors.events import AccessEvent, BillingTransaction
from detectors.sigma import RuleError
from tests.detectors.sigma.writing import BILLING, compiled

ACCESS_DATA: dict[str, Any] = {
    "action": "read",
    "occurred_at": "2026-03-02T23:14:03-02:00",
    "actor": {"id": "u_1", "roles": ["Nurse", "float_pool"], "self_patient_ref": "p_1"},
    "client": {"ip": "10.20.30.40", "app": "Chart*View", "ip_class": "vpn"},
    "patient": {"ref": "p_1", "vip": True, "mrn_rank": 7},
    "resource": {"type": "Note", "id": r"a\b"},
    "session": {"mfa": False},
}
ACCESS_EVENT = msgspec.convert(ACCESS_DATA, AccessEvent)
NOTES: dict[str, Any] = {
    "rel.explained": False, "rel.templates": ["T1", "T4"], "user.patients_1h": 12, "user.mass_access_ratio": 1.5,
}  # fmt: skip

MATCHES = [
    "action: read",
    "action: READ",
    "action: re*",
    "action: [print, read]",
    "action|neq: print",
    "action|neq: [print, export]",
    "resource.type: NOTE",
    "resource.type|cased: Note",
    "resource.type: n?te",
    "resource.type|contains: OT",
    "resource.type|contains: 'n*e'",
    "resource.type|startswith: not",
    "resource.type|endswith: TE",
    "resource.type|re: ^No",
    r"client.app: chart\*view",
    "client.app|contains|all: [chart, view]",
    r"resource.id: a\b",
    r"resource.id: a\\b",
    r"resource.id: a\\*",
    "actor.roles: nurse",
    "actor.roles|all: [nurse, float*]",
    "client.ip|cidr: 10.0.0.0/8",
    "client.ip|cidr: ['192.168.0.0/16', '10.20.30.40/32']",
    "client.user_agent: null",
    "client.user_agent|exists: false",
    "client.app|exists: true",
    "client.ip_class|exists: true",
    "volume.records: null",
    "patient.deceased_at: null",
    "patient.vip: true",
    "session.mfa: false",
    "patient.mrn_rank: 7",
    "patient.mrn_rank: 7.0",
    "patient.mrn_rank|gte: 7",
    "patient.mrn_rank|lt: 7.5",
    "patient.ref|fieldref: actor.self_patient_ref",
    "actor.id|fieldref|neq: patient.ref",
    "occurred_at|hour: 1",
    "occurred_at|day: 3",
    "occurred_at|minute|gte: 14",
    "occurred_at|week: 10",
    "occurred_at|month: [2, 3]",
    "rel.explained: false",
    "rel.templates: t4",
    "rel.templates|startswith: T",
    "user.patients_1h: 12",
    "user.patients_1h|gt: 11",
    "user.mass_access_ratio|lte: 1.5",
    "staff.known: null",
    "staff.known|exists: false",
    "staff.known|neq: true",
    "user.patients_1h: ['12', 12]",
]
MISSES = [
    "action: print",
    "action|neq: [read, print]",
    "resource.type|cased: note",
    "resource.type: not",
    "resource.type: n??te",
    "resource.type|re: ^no",
    r"client.app: chart\?view",
    "client.app|contains|all: [chart, room]",
    "client.user_agent: '*'",
    "client.user_agent|re: '.*'",
    "actor.roles|all: [nurse, doctor]",
    "client.ip|cidr: 10.20.30.0/28",
    "client.app|cidr: 10.0.0.0/8",
    "client.app: null",
    "session.mfa: null",
    "volume.records|lt: 5",
    "patient.mrn_rank|gt: 7",
    "patient.ref|fieldref: actor.id",
    "client.user_agent|fieldref: purpose.code",
    "occurred_at|hour: 23",
    "user.patients_1h|cidr: 10.0.0.0/8",
    "rel.explained: true",
    "rel.explained: null",
    "rel.templates: T2",
    "staff.known: false",
    "user.patients_1h: true",
    "user.patients_1h: '12'",
    "user.patients_1h|gt: 12",
    "user.mass_access_ratio: '1*'",
]


@pytest.mark.parametrize("line", MATCHES)
def test_what_matches(line: str) -> None:
    assert compiled(f"seen:\n    {line}\ncondition: seen\n").matches(ACCESS_EVENT, NOTES) is True


@pytest.mark.parametrize("line", MISSES)
def test_what_does_not(line: str) -> None:
    assert compiled(f"seen:\n    {line}\ncondition: seen\n").matches(ACCESS_EVENT, NOTES) is False


CLAIM = msgspec.convert(
    {
        "kind": "claim_submitted",
        "occurred_at": "2026-03-02T09:00:00Z",
        "claim": {"pos": "02", "from": "2026-02-28", "dx": [{"code": "F32.9"}, {"code": "I10", "role": "principal"}]},
        "lines": [{"code": "99213", "modifiers": ["25"]}, {"code": "97110", "units": 4.0}],
    },
    BillingTransaction,
)
ABOUT_CLAIM = {
    "lines.code: '97110'": True,
    "lines.code: '99999'": False,
    "lines.code|neq: '99213'": False,  # no line may have it
    "lines.code|all: ['97110', '99213']": True,
    "lines.units|gte: 4": True,
    "lines.units|gt: 4": False,
    "lines.modifiers: '25'": True,
    "lines.modifiers: null": True,  # the second line has none
    "lines.adjustments.carc: null": True,
    "lines.adjustments.carc|exists: true": False,
    "lines.adjustments.amount|exists: false": True,
    "claim.dx.code|startswith: F3": True,
    "claim.dx.role: principal": True,
    "claim.dx.role: admitting": False,
    "claim.pos: '02'": True,
    "claim.from|day: 28": True,
    "claim.from|month|lt: 2": False,
    "claim.icd_proc.code: null": True,
    "rendering.npi: null": True,
    "links.rel: refunds": False,
}


@pytest.mark.parametrize(("line", "expected"), ABOUT_CLAIM.items())
def test_lists_match_by_any_element(line: str, expected: bool) -> None:
    assert compiled(f"seen:\n    {line}\ncondition: seen\n", BILLING).matches(CLAIM, {}) is expected


def test_maps_join_by_and_and_lists_of_maps_by_or() -> None:
    both = compiled("seen:\n    action: read\n    resource.type: claim\ncondition: seen\n")
    either = compiled("seen:\n    - action: read\n    - resource.type: claim\ncondition: seen\n")
    assert both.matches(ACCESS_EVENT, {}) is False
    assert either.matches(ACCESS_EVENT, {}) is True


def test_expand_looks_into_the_lists_of_the_site_without_wildcards() -> None:
    lists = {"rooms": frozenset({"Note", "x"}), "stars": frozenset({"n*"})}
    assert compiled("seen:\n    resource.type|expand: '%rooms%'\ncondition: seen\n", lists=lists).matches(
        ACCESS_EVENT, {}
    )
    assert not compiled("seen:\n    resource.type|expand: '%stars%'\ncondition: seen\n", lists=lists).matches(
        ACCESS_EVENT, {}
    )
    assert not compiled(
        "seen:\n    resource.type|expand|cased: '%lower%'\ncondition: seen\n", lists={"lower": frozenset({"note"})}
    ).matches(ACCESS_EVENT, {})


def test_a_rule_keeps_silent_without_the_notes_that_it_needs() -> None:
    tail = (
        "wardwatch:\n    catalogue: A05\n    stage: user\n    version: 1\n"
        "    needs: [rel.explained]\n    reason: A sentence.\n"
    )
    rule = compiled("seen:\n    action: read\ncondition: seen\n", tail=tail)
    assert rule.matches(ACCESS_EVENT, {"rel.explained": True}) is True
    assert rule.matches(ACCESS_EVENT, {"rel.explained": None}) is False
    assert rule.matches(ACCESS_EVENT, {}) is False
    assert rule.fields == {"action", "rel.explained"}


def test_wildcards_never_backtrack_without_end() -> None:
    pattern = "*a" * 60 + "*b"
    rule = compiled(f"seen:\n    resource.id: '{pattern}'\ncondition: seen\n")
    event = msgspec.convert({**ACCESS_DATA, "resource": {"id": "a" * 256}}, AccessEvent)
    assert rule.matches(event, {}) is False
    event = msgspec.convert({**ACCESS_DATA, "resource": {"id": "a" * 255 + "b"}}, AccessEvent)
    assert rule.matches(event, {}) is True


def test_metadata_and_windows() -> None:
    tail = (
        "wardwatch:\n    catalogue: B22\n    stage: instrument\n    version: 3\n"
        "    window: hour\n    reason: A sentence.\n"
    )
    rule = compiled("seen:\n    kind: refund\ncondition: seen\n", BILLING, tail=tail)
    at = datetime.datetime(2026, 3, 2, 23, 59, 59, tzinfo=datetime.UTC).timestamp()
    assert (rule.name, rule.title, rule.severity) == ("a_good_rule", "A rule", "low")
    assert (rule.catalogue, rule.stage, rule.version) == ("B22", "instrument", 3)
    assert rule.data_type is BillingTransaction
    assert repr(rule) == "<CompiledRule a_good_rule>"
    assert rule.window_at(at) == "2026-03-02T23"
    assert compiled("seen:\n    action: read\ncondition: seen\n").window_at(at) == ""


def test_a_missing_list_is_refused_by_name() -> None:
    with pytest.raises(RuleError, match=r"a_good_rule.yml:9: there is no list %rooms%"):
        compiled("seen:\n    resource.type|expand: '%rooms%'\ncondition: seen\n")
