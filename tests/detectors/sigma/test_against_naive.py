"""Random rules over random events: the compiled closures and the naive interpreter agree."""

import datetime
from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.events import AccessEvent, BillingTransaction
from detectors.events.access import AccessedPatient, Actor, Client, Geo, Resource, Session, Volume
from detectors.events.billing import Adjustment, Amounts, Approval, Claim, Clerk, Diagnosis, Line
from detectors.gate import READ_DEED
from detectors.sigma import Problems, Rule, compile_rule, read_rules
from tests.detectors.sigma import naive
from tests.detectors.sigma.writing import HEAD

NOTE_NAMES = ("note.flag", "note.number", "note.text", "note.texts")

texts = st.text("abAB*?\\", max_size=4)
patterns = st.text("abAB*?\\", min_size=1, max_size=4)
numbers = st.sampled_from([-1, 0, 1, 2, 3, 0.5, 1.5])
whole = st.integers(0, 3)
flags = st.booleans()
addresses = st.sampled_from(["", "10.1.2.3", "10.200.0.1", "192.168.0.9", "tok_7"])
zones = st.sampled_from([datetime.UTC, datetime.timezone(datetime.timedelta(hours=-7))])
instants = st.builds(datetime.datetime.fromtimestamp, st.integers(1_704_067_200, 1_798_675_200), zones)  # 2024 to 2026
dates = st.dates(datetime.date(2024, 12, 20), datetime.date(2025, 1, 20))
ACTIONS: list[Any] = ["login", "read", "print", "export"]
KINDS: list[Any] = ["refund", "credit", "claim_submitted", "claim_voided"]
ROLES: list[Any] = ["principal", "admitting", "other"]


def maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


accesses = st.builds(
    AccessEvent,
    action=st.sampled_from(ACTIONS),
    occurred_at=instants,
    actor=st.builds(
        Actor, id=patterns, type=st.sampled_from(["human", "service"]), roles=st.lists(texts, max_size=2),
        self_patient_ref=texts,
    ),
    session=maybe(st.builds(Session, mfa=maybe(flags))),
    client=maybe(st.builds(Client, ip=addresses, app=texts, ip_class=st.sampled_from(["", "vpn", "remote"]),
                           geo=maybe(st.builds(Geo, lat=st.sampled_from([0.0, 1.5]), lon=st.just(2.0))))),
    patient=maybe(st.builds(AccessedPatient, ref=patterns, vip=flags, mrn_rank=maybe(whole))),
    resource=maybe(st.builds(Resource, sensitivity=st.lists(texts, max_size=3))),
    volume=maybe(st.builds(Volume, records=whole)),
)  # fmt: skip
transactions = st.builds(
    BillingTransaction,
    kind=st.sampled_from(KINDS),
    occurred_at=instants,
    claim=maybe(st.builds(Claim, pcn=texts, from_=maybe(dates), dx=st.lists(
        st.builds(Diagnosis, code=texts, role=st.sampled_from(ROLES), seq=whole), max_size=2))),
    lines=st.lists(
        st.builds(Line, code=texts, units=st.sampled_from([0.0, 1.0, 2.0]), modifiers=st.lists(texts, max_size=2),
                  adjustments=st.lists(st.builds(Adjustment, carc=texts, amount=whole), max_size=2)), max_size=2),
    amounts=maybe(st.builds(Amounts, paid=st.integers(-2, 2))),
    user=maybe(st.builds(Clerk, ref=patterns)),
    approval=maybe(st.builds(Approval, user_ref=texts)),
)  # fmt: skip
note_values = st.one_of(flags, numbers, texts, st.lists(texts, max_size=2), st.none())
noted = st.dictionaries(st.sampled_from(NOTE_NAMES), note_values)


def some(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return strategy | st.lists(strategy, min_size=1, max_size=3)


def lines(name: str, *modifiers: str, value: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[str, Any]]:
    negated = st.sampled_from([[], ["neq"]])
    return st.tuples(negated, value).map(lambda pair: ("|".join([name, *modifiers, *pair[0]]), pair[1]))


def about_text(name: str) -> st.SearchStrategy[tuple[str, Any]]:
    cased = st.sampled_from(["contains", "startswith", "endswith"]).flatmap(
        lambda operator: st.sampled_from([[operator], [operator, "cased"]]).flatmap(
            lambda modifiers: lines(name, *modifiers, value=some(patterns))
        )
    )
    return st.one_of(
        lines(name, value=some(patterns | st.none())),
        lines(name, "cased", value=some(patterns)),
        lines(name, "all", value=st.lists(patterns, min_size=2, max_size=2)),
        lines(name, "contains", "all", value=st.lists(patterns, min_size=2, max_size=2)),
        lines(name, "re", value=some(st.sampled_from(["^a", "b$", "a.b", "[AB]{2}", "(?i)^A*$"]))),
        st.tuples(st.just(f"{name}|exists"), flags),
        cased,
    )


def about_number(name: str) -> st.SearchStrategy[tuple[str, Any]]:
    return st.one_of(
        lines(name, value=some(numbers | st.none())),
        st.sampled_from(["lt", "lte", "gt", "gte"]).flatmap(lambda operator: lines(name, operator, value=numbers)),
        st.tuples(st.just(f"{name}|exists"), flags),
    )


def about_flag(name: str) -> st.SearchStrategy[tuple[str, Any]]:
    return st.one_of(lines(name, value=some(flags)), lines(name, value=st.none()))


def about_choice(name: str, choices: list[Any]) -> st.SearchStrategy[tuple[str, Any]]:
    good = st.sampled_from(
        [*choices, *(choice.upper() for choice in choices), *(choice[:3] + "*" for choice in choices)]
    )
    return st.one_of(lines(name, value=some(good)), lines(name, "contains", value=st.sampled_from(["e", "d", "o"])))


def about_instant(name: str, parts: list[str]) -> st.SearchStrategy[tuple[str, Any]]:
    return st.one_of(
        st.sampled_from(parts).flatmap(lambda part: lines(name, part, value=some(st.integers(1, 12)))),
        st.sampled_from(parts).flatmap(lambda part: lines(name, part, "gte", value=st.integers(1, 12))),
        st.tuples(st.just(f"{name}|exists"), flags),
    )


on_notes = st.one_of(
    about_flag("note.flag"),
    about_number("note.number"),
    about_text("note.text"),
    about_text("note.texts"),
    *(lines(name, value=some(flags | numbers | patterns)) for name in NOTE_NAMES),
)
on_accesses = st.one_of(
    about_choice("action", ACTIONS),
    about_choice("actor.type", ["human", "service"]),
    about_choice("client.ip_class", ["vpn", "remote"]),
    about_text("actor.roles"),
    about_text("client.app"),
    about_text("resource.sensitivity"),
    about_flag("session.mfa"),
    about_flag("patient.vip"),
    about_number("patient.mrn_rank"),
    about_number("volume.records"),
    about_number("client.geo.lat"),
    about_instant("occurred_at", ["minute", "hour", "day", "week", "month"]),
    lines("client.ip", "cidr", value=some(st.sampled_from(["10.0.0.0/8", "192.168.0.0/24", "10.1.0.0/16"]))),
    lines(
        "actor.self_patient_ref", "fieldref", value=some(st.sampled_from(["patient.ref", "note.text", "actor.roles"]))
    ),
    on_notes,
)
on_transactions = st.one_of(
    about_choice("kind", KINDS),
    about_choice("claim.dx.role", ROLES),
    about_text("claim.dx.code"),
    about_text("lines.code"),
    about_text("lines.modifiers"),
    about_text("lines.adjustments.carc"),
    about_number("lines.units"),
    about_number("lines.adjustments.amount"),
    about_number("amounts.paid"),
    about_instant("claim.from", ["day", "week", "month"]),
    lines("user.ref", "fieldref", value=st.sampled_from(["approval.user_ref", "lines.code", "note.texts"])),
    lines("amounts.paid", "fieldref", value=st.sampled_from(["lines.units", "note.number"])),
    on_notes,
)


def selections(tests: st.SearchStrategy[tuple[str, Any]]) -> st.SearchStrategy[Any]:
    one_map = st.lists(tests, min_size=1, max_size=3).map(dict)
    return one_map | st.lists(one_map, min_size=1, max_size=2)


NAMES = ("first", "second", "third")
trees: st.SearchStrategy[Any] = st.recursive(
    st.sampled_from(NAMES),
    lambda inner: st.one_of(
        st.tuples(st.just("not"), inner),
        st.tuples(st.sampled_from(["and", "or"]), inner, inner),
        st.tuples(st.sampled_from(["and", "or"]), inner, inner, inner),
    ),
    max_leaves=5,
)


def written(tree: naive.Tree) -> str:
    if isinstance(tree, str):
        return tree
    if tree[0] == "not":
        return f"not {written(tree[1])}" if isinstance(tree[1], str) else f"not ({written(tree[1])})"
    loose = {"and": ("or",), "or": ()}[tree[0]]
    parts = [
        f"({written(part)})" if not isinstance(part, str) and part[0] in loose else written(part) for part in tree[1:]
    ]
    return f" {tree[0]} ".join(parts)


def used(tree: naive.Tree) -> set[str]:
    return {tree} if isinstance(tree, str) else set().union(*map(used, tree[1:]))


def ask(category: str, tree: naive.Tree, pool: dict[str, Any], event: Any, notes: dict[str, Any]) -> tuple[bool, bool]:
    """Return what the engine says of a rule, and what the naive interpreter says."""
    detection = {name: pool[name] for name in pool if name in used(tree)}
    body = {"logsource": {"category": category}, "detection": {**detection, "condition": written(tree)}}
    problems = Problems("random.yml")
    (rule,) = read_rules(HEAD + yaml.safe_dump(body), "random.yml", problems)
    assert problems.found == []
    assert isinstance(rule, Rule)
    compiled = compile_rule(rule, NOTE_NAMES)
    matched = compiled.matches(event, notes)
    assert compiled.gate.lets_in(notes, READ_DEED[type(event)](event)) or not matched
    return matched, naive.holds(tree, detection, naive.tree_of(event), notes)


def pools(tests: st.SearchStrategy[tuple[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({name: selections(tests) for name in NAMES})


@settings(deadline=None)  # a loaded machine is no wrong answer
@given(trees, pools(on_accesses), st.lists(st.tuples(accesses, noted), min_size=1, max_size=3))
def test_rules_over_accesses_agree_with_the_naive_interpreter(
    tree: naive.Tree, pool: dict[str, Any], shown: list[tuple[AccessEvent, dict[str, Any]]]
) -> None:
    for event, notes in shown:
        matched, expected = ask("phi_access", tree, pool, event, notes)
        assert matched is expected


@settings(deadline=None)  # a loaded machine is no wrong answer
@given(trees, pools(on_transactions), st.lists(st.tuples(transactions, noted), min_size=1, max_size=3))
def test_rules_over_transactions_agree_with_the_naive_interpreter(
    tree: naive.Tree, pool: dict[str, Any], shown: list[tuple[BillingTransaction, dict[str, Any]]]
) -> None:
    for event, notes in shown:
        matched, expected = ask("billing_transaction", tree, pool, event, notes)
        assert matched is expected
