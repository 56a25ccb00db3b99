from pathlib import Path
from typing import Any

import msgspec
import pytest

from detectors.events import AccessEvent, BillingTransaction
from detectors.events.access import Volume
from detectors.sigma import CompiledCorrelation, Recent, RuleError, RuleSet, load_rules
from detectors.sigma.correlation import SUMMED as SUMMED_AT_MOST
from detectors.sigma.document import LARGEST_COUNT
from tests.detectors.sigma.writing import NOTES

READS = """\
title: Charts read
id: 11111111-1111-4111-8111-111111111111
name: phi_read
logsource:
    category: phi_access
detection:
    seen:
        action: [read, print, export]
        outcome: success
    condition: seen
"""
LOGINS = (
    READS.replace("8111-111111111111", "8111-111111111112")
    .replace("phi_read", "entered")
    .replace("[read, print, export]", "login")
)
META = """\
title: Many patients in one hour
id: 33333333-1111-4111-8111-111111111111
name: mr_many_patients
description: A correlation.
level: high
correlation:
    type: value_count
    rules: [phi_read]
    group-by: [actor.id]
    timespan: 1h
    condition:
        field: patient.ref
        gt: 2
wardwatch:
    catalogue: A09
    stage: user
    version: 1
    window: hour
    reason: Opened {count} different charts in one hour.
"""
COUNTED = META.replace("type: value_count", "type: event_count").replace("        field: patient.ref\n", "")
ORDERED = (
    META.replace("value_count", "temporal_ordered")
    .replace("[phi_read]", "[entered, phi_read]")
    .replace("    condition:\n        field: patient.ref\n        gt: 2\n", "")
)


TOGETHER = ORDERED.replace("temporal_ordered", "temporal")
SUMMED = (
    META.replace("value_count", "value_sum")
    .replace("field: patient.ref", "field: volume.records")
    .replace("gt: 2", "gte: 100")
)


def loaded(folder: Path, *documents: str) -> RuleSet:
    (folder / "mr_some_rules.yml").write_text("---\n".join(documents))
    return load_rules([folder], NOTES)


def correlation(folder: Path, *documents: str) -> CompiledCorrelation:
    (found,) = loaded(folder, *documents).correlations
    return found


def access(minute: int, patient: str = "", action: str = "read") -> AccessEvent:
    data: dict[str, Any] = {
        "action": action, "occurred_at": f"2026-03-02T{9 + minute // 60:02}:{minute % 60:02}:00Z", "actor": {"id": "u"},
    }  # fmt: skip
    return msgspec.convert({**data, "patient": {"ref": patient}} if patient else data, AccessEvent)


def counts(rule: CompiledCorrelation, events: list[AccessEvent]) -> list[int]:
    state, found = Recent(), []
    for event in events:
        state, count = rule.observe(state, event.occurred_at.timestamp(), event, {})
        found.append(count)
    return found


def test_different_values_are_counted_in_every_window(tmp_path: Path) -> None:
    rule = correlation(tmp_path, READS, META)
    events = [access(0, "a"), access(10, "b"), access(20, "a"), access(30, "c"), access(71, "d"), access(200, "e")]
    # at 71 minutes the hour goes back to minute 11: a, c, d
    assert counts(rule, events) == [1, 2, 2, 3, 3, 1]
    assert [rule.fires(count) for count in (2, 3, 4)] == [False, True, True]
    assert rule.reason(events[0], {}, 3) == "Opened 3 different charts in one hour."
    assert rule.window_at(events[-1].occurred_at.timestamp()) == "2026-03-02T12"


def test_a_late_event_is_judged_by_its_own_time(tmp_path: Path) -> None:
    rule = correlation(tmp_path, READS, META)
    events = [access(0, "a"), access(50, "b"), access(100, "c"), access(150, "d"), access(55, "e")]
    # 55 lies in the windows 0..60 (a, b, e) and 50..110 (b, e, c)
    assert counts(rule, events) == [1, 2, 2, 2, 3]


def test_events_that_are_not_concerned_leave_the_state_alone(tmp_path: Path) -> None:
    rule = correlation(tmp_path, READS, META)
    state, _ = rule.observe(Recent(), 0.0, access(0, "a"), {})
    assert rule.observe(state, 1.0, access(0, "b", "query"), {}) == (state, 0)
    assert rule.observe(state, 1.0, access(0), {}) == (state, 0)  # no patient, no value


def test_events_are_counted(tmp_path: Path) -> None:
    rule = correlation(tmp_path, READS, COUNTED)
    assert counts(rule, [access(0, "a"), access(1, "a"), access(2, "a"), access(63, "a")]) == [1, 2, 3, 1]
    assert rule.at_least == 3
    assert repr(rule) == "<CompiledCorrelation mr_many_patients>"


def test_an_order_is_found(tmp_path: Path) -> None:
    rule = correlation(tmp_path, READS, LOGINS, ORDERED)
    events = [access(0, "a"), access(5, action="login"), access(10, "a"), access(90, "a")]
    assert counts(rule, events) == [0, 1, 2, 0]
    assert rule.at_least == 2


def test_all_are_found_in_any_order(tmp_path: Path) -> None:
    rule = correlation(tmp_path, READS, LOGINS, TOGETHER)
    events = [access(0, "a"), access(5, "a"), access(59, action="login"), access(66, "b"), access(121, action="login")]
    assert counts(rule, events) == [1, 1, 2, 2, 2]
    assert counts(rule, [access(0, "a"), access(61, action="login")]) == [1, 1]
    assert rule.at_least == 2


def exported(minute: int, records: int | None) -> AccessEvent:
    volume = None if records is None else Volume(records=records)
    return msgspec.structs.replace(access(minute, "a", "export"), volume=volume)


def test_a_field_is_added_up(tmp_path: Path) -> None:
    rule = correlation(tmp_path, READS, SUMMED)
    exports = [(0, 40), (30, 50), (59, None), (70, 49), (60, 10), (61, 1)]
    # 70: 30..90 holds 50 + 49; 60: 0..60 holds 40 + 50 + 10, 30..90 holds 50 + 10 + 49; 61: 30..90 one more
    assert counts(rule, [exported(*one) for one in exports]) == [40, 90, 0, 99, 109, 110]
    assert [rule.fires(total) for total in (99, 100)] == [False, True]


def test_what_is_given_back_falls_below_a_limit(tmp_path: Path) -> None:
    """Two refunds of 60.00 and one of 1.00: amounts that are paid back are negative."""
    refunds = READS.replace("phi_access", "billing_transaction").replace(
        "        action: [read, print, export]\n        outcome: success\n", "        kind: refund\n"
    )
    below = SUMMED.replace("volume.records", "amounts.paid").replace("gte: 100", "lte: -12000")
    below = below.replace("actor.id", "user.ref").replace("{count} different charts", "{count:money} USD, {count}")
    rule = correlation(tmp_path, refunds, below)
    state, found = Recent(), []
    for minute, cents in ((0, -6000), (10, -100), (50, -6000)):
        data = {"kind": "refund", "occurred_at": f"2026-03-02T09:{minute:02}:00Z", "amounts": {"paid": cents}}
        event = msgspec.convert(data, BillingTransaction)
        state, total = rule.observe(state, event.occurred_at.timestamp(), event, {})
        found.append(total)
    assert found == [6000, 6100, 12100]
    assert [rule.fires(total) for total in (11_999, 12_000)] == [False, True]
    assert rule.reason(event, {}, 12_100) == "Opened 121.00 USD, -12,100 in one hour."


def test_a_sum_is_of_so_many_events_at_the_most(tmp_path: Path) -> None:
    rule = correlation(tmp_path, READS, SUMMED)
    state = Recent()
    for second in range(SUMMED_AT_MOST + 10):
        state, total = rule.step(state, float(second), 1)
    assert (len(state.times), total) == (SUMMED_AT_MOST, SUMMED_AT_MOST + 1)


def test_a_flood_stays_within_its_bounds(tmp_path: Path) -> None:
    rule = correlation(tmp_path, READS, COUNTED)
    state = Recent()
    for second in range(500):
        state, count = rule.step(state, float(second), 0)
    assert len(state.times) == 64
    assert rule.fires(count)


def test_rules_that_only_serve_make_no_findings_unless_asked(tmp_path: Path) -> None:
    own = READS + (
        "description: A rule.\nlevel: low\nwardwatch:\n    catalogue: A09\n    stage: user\n    version: 1\n"
        "    reason: A chart was read.\n"
    )
    silent = loaded(tmp_path, own, META)
    assert silent.rules == ()
    assert [rule.name for rule in silent.correlations_at("user", AccessEvent)] == ["mr_many_patients"]
    assert silent.correlations_at("user", BillingTransaction) == ()
    assert silent.correlations_at("patient", AccessEvent) == ()
    speaking = loaded(tmp_path, own, META + "generate: true\n")
    assert [rule.name for rule in speaking.rules] == ["phi_read"]
    assert [rule.name for rule in speaking.at("user", AccessEvent)] == ["phi_read"]
    assert speaking.at("patient", AccessEvent) == ()


def test_needs_of_a_correlation_are_respected(tmp_path: Path) -> None:
    rule = correlation(tmp_path, READS, META + "    needs: [rel.explained]\n")
    assert rule.observe(Recent(), 0.0, access(0, "a"), {})[1] == 0
    assert rule.observe(Recent(), 0.0, access(0, "a"), {"rel.explained": False})[1] == 1


REFUSED = {
    META.replace("value_count", "value_avg"): (7, "type value_avg is not supported: use event_count, value_count,"),
    SUMMED.replace("volume.records", "patient.ref"): (6, "patient.ref is a text: only numbers have a sum"),
    SUMMED.replace("gte: 100", "eq: 100"): (13, "eq cannot be told while events still arrive: use gt, gte, lt or lte"),
    SUMMED.replace("gte: 100", "lt: 1"): (13, "lt must be a whole number from -1000000000000 to 0"),
    SUMMED.replace("        field: volume.records\n", ""): (11, "condition needs the key field"),
    TOGETHER.replace("timespan: 1h", "timespan: 1h\n    condition: {gte: 2}"): (
        11,
        "temporal asks for all of its",
    ),
    META.replace("[actor.id]", "[client.ip]"): (6, "group-by client.ip is not supported: state is kept by the entity"),
    META.replace("[actor.id]", "[actor.id, client.ip]"): (9, "group-by must name one field"),
    META.replace("stage: user", "stage: patient"): (6, "so write entity or patient.ref"),
    META.replace("stage: user", "stage: instrument"): (6, "so write entity"),
    META.replace("1h", "1w"): (10, "timespan must look like"),
    META.replace("1h", "401d"): (10, "400 days at most"),
    META.replace("gt: 2", "lt: 2"): (13, "lt cannot be told while events still arrive"),
    META.replace("gt: 2", "eq: 2"): (13, "eq cannot be told"),
    META.replace("        gt: 2", "        gt: 2\n        gte: 3"): (11, "needs one of gt and gte"),
    META.replace("gt: 2", f"gte: {LARGEST_COUNT + 1}"): (13, "gte must be a whole number from 1 to 1000"),
    ORDERED.replace("temporal_ordered", "event_count"): (6, "correlation needs the key condition"),
    META.replace("        field: patient.ref\n", ""): (11, "condition needs the key field"),
    META.replace("field: patient.ref", "field: patient.reff"): (6, "did you mean patient.ref?"),
    META.replace("[phi_read]", "[phi_write]"): (6, "there is no rule 'phi_write'"),
    META.replace("[phi_read]", "[mr_many_patients]"): (6, "no rule 'mr_many_patients' over single events"),
    META.replace("    timespan", "    aliases: {a: b}\n    timespan"): (10, "aliases are not supported"),
    META.replace("wardwatch:", "others:"): (1, "a correlation needs the key wardwatch"),
    META.replace("{count}", "{counts}"): (19, "did you mean count?"),
    COUNTED.replace("        gt: 2", "        field: actor.id\n        gt: 2"): (12, "event_count counts events"),
    ORDERED.replace("timespan: 1h", "timespan: 1h\n    condition: {gte: 2}"): (11, "remove the condition"),
}


@pytest.mark.parametrize(("text", "expected"), REFUSED.items(), ids=[message for _, message in REFUSED.values()])
def test_what_is_refused(tmp_path: Path, text: str, expected: tuple[int, str]) -> None:
    (tmp_path / "mr_base_rule.yml").write_text(READS)
    (tmp_path / "mr_base_login.yml").write_text(LOGINS + WARDWATCH)
    (tmp_path / "mr_many_reads.yml").write_text(text)
    with pytest.raises(RuleError) as refused:
        load_rules([tmp_path], NOTES)
    found = [(problem.file, problem.line, problem.message) for problem in refused.value.problems]
    line, message = expected
    assert any(file == "mr_many_reads.yml" and at == line and message in text for file, at, text in found), found


WARDWATCH = (
    "description: A rule.\nlevel: low\nwardwatch:\n    catalogue: A09\n    stage: user\n    version: 1\n"
    "    reason: A login.\n"
)


def test_rules_over_different_events_cannot_be_joined(tmp_path: Path) -> None:
    other = (
        LOGINS.replace("phi_access", "billing_transaction")
        .replace("action: login", "kind: refund")
        .replace("        outcome: success\n", "")
    )
    with pytest.raises(RuleError, match="correlate rules of one logsource category"):
        loaded(tmp_path, READS, other, ORDERED)


def test_entity_is_good_at_every_stage(tmp_path: Path) -> None:
    text = META.replace("[actor.id]", "[entity]").replace("stage: user", "stage: instrument")
    assert correlation(tmp_path, READS, text).stage == "instrument"
