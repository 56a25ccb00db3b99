"""Holding news back, told as stories: who is told when, and what waited meanwhile."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import structs

from alerting.commands import Acknowledge, RecordFindings, Resolve
from alerting.desk import Desk
from alerting.muting.commands import AddSilence, ExpireSilence, Snooze, Unsnooze
from alerting.muting.ending import end_holds
from alerting.muting.rows import active_silences, all_silences
from alerting.muting.rules import Inhibition, MaintenanceWindow, Muting
from alerting.muting.waiting import count_waiting, held_back_by, waiting_cases
from alerting.notification import Digest, Notification
from alerting.people import Person
from alerting.plan import Plan
from alerting.policy import Policy
from alerting.refusal import Refused
from alerting.routes import Route
from alerting.routing.due import send_digests
from alerting.store import Store
from alerting.store.outbox_rows import claim_notice, mark_sent
from detectors.finding import Finding
from tests.alerting.building import CONSOLE, DAY, HOUR, MONDAY, Clock, a_desk, a_finding, case_of

OFFICER = Person(name="p.officer", roles=("privacy_officer",))
PLAN = Plan(people=(OFFICER, Person(name="a.analyst", roles=("analyst",))))


@pytest.fixture(autouse=True)
def _only_this_area(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nothing else become due."""
    monkeypatch.setattr("alerting.desk.DUE", {"ends of silences": end_holds, "digests": send_digests})


def the_desk(store: Store, clock: Clock, muting: Muting = Muting()) -> Desk:  # noqa: B008 -- frozen
    plan = structs.replace(PLAN, muting=muting)
    return a_desk(store, clock, policy=Policy(routes=(Route("SEV4", ("slack",)),), console_url=CONSOLE, plan=plan))


def told(store: Store, clock: Clock) -> list[tuple[str, str]]:
    """Take everything that is due out of the outbox, in the order of sending: incident and why."""
    news = []
    with store.writing() as connection:
        while notice := claim_notice(connection, "slack", "test", now=clock(), until=clock() + 60):
            mark_sent(connection, notice.id, "receipt")
            told = notice.body.told if isinstance(notice.body, Notification) else type(notice.body).__name__.lower()
            news.append((notice.body.about, told))
    return news


def a_digest(store: Store, clock: Clock) -> Digest:
    with store.writing() as connection:
        notice = claim_notice(connection, "slack", "test", now=clock(), until=clock() + 60)
        assert notice is not None
        mark_sent(connection, notice.id, "receipt")
        assert isinstance(notice.body, Digest)
        return notice.body


def opened(desk: Desk, *findings: Finding) -> tuple[str, ...]:
    return desk.handle(RecordFindings([*findings])).opened


def silence(desk: Desk, *matchers: str, hours: float = 2, **fields: Any) -> str:
    usual: dict[str, Any] = {"actor": "a.analyst", "reason": "known migration", "ends_at": desk._clock() + hours * HOUR}
    return desk.handle(AddSilence(matchers=matchers, **(usual | fields))).id


def test_a_silence_holds_back_and_tells_when_it_ends_the_gravest_first(store: Store, clock: Clock) -> None:
    desk = the_desk(store, clock)
    name = silence(desk, "rule=~A0.*", hours=2)
    (lesser,) = opened(desk, a_finding("A03", ref="u1:a", severity="low"))
    (graver,) = opened(desk, a_finding("A09", ref="u1:b", severity="high"))
    (other,) = opened(desk, a_finding("B28", ref="u1:c", severity="high"))
    assert told(store, clock) == [(other, "opened")]
    with store.reading() as connection:
        assert [(case.incident_id, case.holder, case.news) for case in waiting_cases(connection)] == [
            (graver, name, 1),
            (lesser, name, 1),
        ]
    assert store.held() == {("silence", name): 2}
    clock.advance(2 * HOUR - 1)
    desk.pass_time()
    assert told(store, clock) == []
    clock.advance(1)
    desk.pass_time()
    desk.pass_time()
    assert told(store, clock) == [(graver, "unmuted"), (lesser, "unmuted")]
    assert case_of(store, graver).timeline[-1].detail == {"after": "silence", "held": 1, "behind": name}
    with store.reading() as connection:
        assert waiting_cases(connection) == []
        assert held_back_by(connection, "silence", name) == {graver: 1, lesser: 1}


def test_what_was_finished_meanwhile_is_told_to_nobody(sqlite_store: Store, clock: Clock) -> None:
    desk = the_desk(sqlite_store, clock)
    name = silence(desk, "entity=u1:a")
    (case,) = opened(desk, a_finding(ref="u1:a"))
    desk.handle(Acknowledge(incident_id=case, actor="a"))
    desk.handle(Resolve(incident_id=case, actor="a", verdict="benign_explained", reason="known"))
    desk.handle(ExpireSilence(actor="a.analyst", silence_id=name))
    desk.pass_time()
    assert told(sqlite_store, clock) == []
    with sqlite_store.reading() as connection:
        assert count_waiting(connection) == {}


def test_a_deadline_of_a_finished_case_is_not_held_back(sqlite_store: Store, clock: Clock) -> None:
    """When the hold ends the case is not told of any more, so nobody would ever hear of the deadline."""
    desk = the_desk(sqlite_store, clock)
    (case,) = opened(desk, a_finding("A09"))
    desk.handle(Acknowledge(incident_id=case, actor="a.analyst"))
    desk.handle(Resolve(incident_id=case, actor="a.analyst", verdict="true_positive_policy", reason="seen"))
    told(sqlite_store, clock)
    silence(desk, "rule=A09")
    with sqlite_store.writing() as connection:
        act = desk._begin(connection)
        act.tell(act.note(act.incident(case), action="overpayment_overdue"), "overdue")
    assert told(sqlite_store, clock) == [(case, "overdue")]


def test_a_silence_that_is_ended_early_tells_at_once(sqlite_store: Store, clock: Clock) -> None:
    desk = the_desk(sqlite_store, clock)
    name = silence(desk, "entity=u1:a", hours=48)
    (case,) = opened(desk, a_finding(ref="u1:a"))
    clock.advance(HOUR)
    ended = desk.handle(ExpireSilence(actor="p.officer", silence_id=name))
    assert (ended.ends_at, ended.expired_by, ended.state(clock())) == (MONDAY + HOUR, "p.officer", "expired")
    assert told(sqlite_store, clock) == [(case, "unmuted")]
    with pytest.raises(Refused, match=f"{name} has ended already"):
        desk.handle(ExpireSilence(actor="p.officer", silence_id=name))


def test_what_is_most_grave_is_never_silenced_but_by_an_officer(sqlite_store: Store, clock: Clock) -> None:
    desk = the_desk(sqlite_store, clock)
    silence(desk, "entity_type=user")
    (grave,) = opened(desk, a_finding(ref="u1:a", severity="critical"))
    assert told(sqlite_store, clock) == [(grave, "opened")]
    with pytest.raises(Refused, match="only be held back by a privacy or security officer"):
        silence(desk, "entity=u1:b", including_critical=True)
    silence(desk, "entity=u1:b", including_critical=True, actor="p.officer")
    opened(desk, a_finding(ref="u1:b", severity="critical"))
    assert told(sqlite_store, clock) == []


def test_a_case_that_becomes_most_grave_gets_through(sqlite_store: Store, clock: Clock) -> None:
    desk = the_desk(sqlite_store, clock)
    silence(desk, "entity=u1:a")
    (case,) = opened(desk, a_finding("A09", ref="u1:a", severity="medium"))
    opened(desk, a_finding("A13", ref="u1:a", severity="critical"))
    assert told(sqlite_store, clock) == [(case, "escalated")]
    clock.advance(3 * HOUR)
    desk.pass_time()
    assert told(sqlite_store, clock) == []  # told already


def test_a_silence_for_one_rule_does_not_hide_another_ground(sqlite_store: Store, clock: Clock) -> None:
    desk = the_desk(sqlite_store, clock)
    silence(desk, "rule=A09")
    (case,) = opened(desk, a_finding("A09", ref="u1:a", severity="medium"))
    assert told(sqlite_store, clock) == []
    opened(desk, a_finding("A13", ref="u1:a", severity="medium"))
    assert told(sqlite_store, clock) == [(case, "more_evidence")]


def test_a_silence_that_does_not_fit_any_more_ends_for_the_case(sqlite_store: Store, clock: Clock) -> None:
    """New ground is no news in itself, but the case is not one that the silence was for."""
    desk = the_desk(sqlite_store, clock)
    silence(desk, "rule=A09")
    (case,) = opened(desk, a_finding("A09", ref="u1:a", severity="medium"))
    desk.handle(RecordFindings([a_finding("A09", ref="u1:a", severity="medium")]))
    desk.handle(RecordFindings([a_finding("A13", ref="u1:a", severity="medium")]))
    assert told(sqlite_store, clock) == []
    clock.advance(1)
    desk.pass_time()
    assert told(sqlite_store, clock) == [(case, "unmuted")]
    entries = case_of(sqlite_store, case).timeline
    assert [entry.action for entry in entries] == ["opened", "more_evidence", "new_ground", "unmuted"]


def test_a_snooze_ends_with_new_ground(sqlite_store: Store, clock: Clock) -> None:
    desk = the_desk(sqlite_store, clock)
    findings = [a_finding("A09", ref="u1:a", severity="medium") for _ in range(5)]
    (case,) = desk.handle(RecordFindings(findings)).opened
    assert told(sqlite_store, clock) == [(case, "opened")]
    desk.handle(Snooze(actor="a.analyst", incident_id=case, until=clock.now + DAY, reason="the manager is away"))
    desk.handle(RecordFindings([a_finding("A05", ref="u1:a", severity="low")]))
    clock.advance(1)
    desk.pass_time()
    assert told(sqlite_store, clock) == []  # it is slighter than the case
    desk.handle(RecordFindings([a_finding("A13", ref="u1:a", severity="medium")]))
    clock.advance(1)
    desk.pass_time()
    assert told(sqlite_store, clock) == [(case, "reminder")]


def test_a_silence_begins_when_it_says_and_an_edit_replaces_it(store: Store, clock: Clock) -> None:
    desk = the_desk(store, clock)
    first = silence(desk, "entity=u1:a", starts_at=MONDAY + HOUR, ends_at=MONDAY + 3 * HOUR)
    (early,) = opened(desk, a_finding(ref="u1:a", at=MONDAY - 9 * DAY))
    assert told(store, clock) == [(early, "opened")]
    clock.advance(HOUR)
    (late,) = opened(desk, a_finding(ref="u1:a"))
    second = silence(desk, "entity=~u1:[ab]", ends_at=MONDAY + 5 * HOUR, replaces=first)
    assert told(store, clock) == []  # it waits behind the edit now
    with store.reading() as connection:
        assert [one.id for one in active_silences(connection, clock())] == [second]
        assert {one.id: one.state(clock()) for one in all_silences(connection)} == {first: "expired", second: "active"}
        assert [case.holder for case in waiting_cases(connection)] == [second]
    clock.advance(4 * HOUR)
    desk.pass_time()
    assert told(store, clock) == [(late, "unmuted")]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"reason": " "}, "a reason is needed"),
        ({"ends_at": MONDAY}, "the end must lie in the future"),
        ({"ends_at": MONDAY + 31 * DAY}, "the plan allows at most 30 days"),
        ({"matchers": ("rule=~.*",)}, "the matchers hold of every case"),
        ({"matchers": ('rule=~"("',)}, "at character 1: in the pattern of rule, at its character 1"),
        ({"replaces": "SIL-NONE"}, "no silence or maintenance window of this id"),
    ],
)
def test_silences_that_may_not_be(sqlite_store: Store, clock: Clock, fields: dict[str, Any], said: str) -> None:
    desk = the_desk(sqlite_store, clock)
    matchers = fields.pop("matchers", ("rule=A09",))
    with pytest.raises(Refused, match=said.replace("(", r"\(")):
        silence(desk, *matchers, **fields)
    with sqlite_store.reading() as connection:
        assert all_silences(connection) == []


def test_a_snoozed_case_comes_back_in_time(store: Store, clock: Clock) -> None:
    desk = the_desk(store, clock)
    (case,) = opened(desk, a_finding(ref="u1:a"))
    (busy,) = opened(desk, a_finding("A09", ref="u1:b"))
    assert told(store, clock) == [(case, "opened"), (busy, "opened")]
    for one in (case, busy):
        desk.handle(Snooze(actor="a.analyst", incident_id=one, until=MONDAY + DAY, reason="waits for the manager"))
    opened(desk, *(a_finding("A09", ref="u1:b") for _ in range(3)))  # twice the evidence
    assert told(store, clock) == []
    clock.advance(DAY)
    desk.pass_time()
    desk.pass_time()
    assert sorted(told(store, clock)) == [(case, "reminder"), (busy, "unmuted")]
    assert [entry.action for entry in case_of(store, case).timeline] == ["opened", "snooze", "snooze_ended"]


@pytest.mark.parametrize(("rule", "severity"), [("A09", "critical"), ("A13", "high")])
def test_a_snooze_ends_when_the_case_is_graver_or_has_new_ground(
    sqlite_store: Store, clock: Clock, rule: str, severity: str
) -> None:
    desk = the_desk(sqlite_store, clock)
    (case,) = opened(desk, a_finding("A09", ref="u1:a"))
    desk.handle(Snooze(actor="a.analyst", incident_id=case, until=MONDAY + DAY, reason="later"))
    told(sqlite_store, clock)
    opened(desk, a_finding(rule, ref="u1:a", severity=severity))  # type: ignore[arg-type]  # of the table above
    assert [about for about, _ in told(sqlite_store, clock)] == [case]
    clock.advance(2 * DAY)
    desk.pass_time()
    assert told(sqlite_store, clock) == []


def test_a_snooze_is_ended_by_hand_and_refused_where_it_makes_no_sense(sqlite_store: Store, clock: Clock) -> None:
    desk = the_desk(sqlite_store, clock)
    (case,) = opened(desk, a_finding(ref="u1:a"))
    (grave,) = opened(desk, a_finding(ref="u1:b", severity="critical"))
    told(sqlite_store, clock)
    desk.handle(Snooze(actor="a.analyst", incident_id=case, until=MONDAY + DAY, reason="later"))
    opened(desk, *(a_finding(ref="u1:a") for _ in range(3)))
    desk.handle(Unsnooze(actor="a.analyst", incident_id=case))
    assert told(sqlite_store, clock) == [(case, "unmuted")]
    with pytest.raises(Refused, match=f"{case} is not snoozed"):
        desk.handle(Unsnooze(actor="a.analyst", incident_id=case))
    with pytest.raises(Refused, match="at most 14 days"):
        desk.handle(Snooze(actor="a.analyst", incident_id=case, until=MONDAY + 15 * DAY, reason="later"))
    with pytest.raises(Refused, match="SEV1 can only be snoozed by"):
        desk.handle(Snooze(actor="a.analyst", incident_id=grave, until=MONDAY + DAY, reason="later"))
    desk.handle(Snooze(actor="p.officer", incident_id=grave, until=MONDAY + DAY, reason="later"))


BY_GRAVER = Muting(
    inhibitions=(Inhibition(name="one at a time", source=("severity=~SEV[12]",), target=("severity=SEV3",)),)
)


def test_a_graver_case_stands_for_a_lesser_one_about_the_same_user(store: Store, clock: Clock) -> None:
    desk = the_desk(store, clock, BY_GRAVER)
    (graver,) = opened(desk, a_finding(ref="u1:a", severity="high"))
    (lesser,) = opened(desk, a_finding(ref="u1:a", severity="medium", at=MONDAY + 5 * DAY))
    (stranger,) = opened(desk, a_finding(ref="u1:b", severity="medium"))
    assert told(store, clock) == [(graver, "opened"), (stranger, "opened")]
    desk.pass_time()
    assert told(store, clock) == []
    desk.handle(Acknowledge(incident_id=graver, actor="a"))
    desk.handle(Resolve(incident_id=graver, actor="a", verdict="benign_explained", reason="known"))
    desk.pass_time()
    assert [item for item in told(store, clock) if item[1] == "unmuted"] == [(lesser, "unmuted")]


def test_a_case_that_is_silenced_itself_stands_for_no_other(sqlite_store: Store, clock: Clock) -> None:
    desk = the_desk(sqlite_store, clock, BY_GRAVER)
    silence(desk, "severity=SEV2")
    opened(desk, a_finding(ref="u1:a", severity="high"))
    (lesser,) = opened(desk, a_finding(ref="u1:a", severity="medium", at=MONDAY + 5 * DAY))
    assert told(sqlite_store, clock) == [(lesser, "opened")]


def test_maintenance_ends_with_one_notice_of_what_waited(store: Store, clock: Clock) -> None:
    desk = the_desk(store, clock)
    silence(desk, "source=ehr,department=ICU", kind="maintenance")
    from_icu = {"source": "ehr", "department": "ICU"}
    waiting = [
        structs.replace(a_finding(ref="u1:a", severity="low"), **from_icu),
        structs.replace(a_finding(ref="u1:b", severity="medium"), **from_icu),
        structs.replace(a_finding(ref="u1:c", severity="high"), **from_icu),
    ]
    elsewhere = structs.replace(a_finding(ref="u1:d"), source="ehr", department="ED")
    grave = structs.replace(a_finding(ref="u1:e", severity="critical"), **from_icu)
    lesser, graver, paged, told_at_once, gravest = opened(desk, *waiting, elsewhere, grave)
    assert told(store, clock) == [(gravest, "opened"), (told_at_once, "opened")]
    clock.advance(2 * HOUR)
    desk.pass_time()
    with store.writing() as connection:
        alone = claim_notice(connection, "slack", "test", now=clock(), until=clock() + 60)
        assert alone is not None
        assert alone.body.about == paged
        mark_sent(connection, alone.id, "receipt")
    digest = a_digest(store, clock)
    assert (digest.severity, [line.incident_id for line in digest.lines], digest.others) == (
        "SEV3",
        [graver, lesser],
        0,
    )
    desk.pass_time()
    assert told(store, clock) == []


def test_a_window_of_the_plan_comes_again(sqlite_store: Store, clock: Clock) -> None:
    # 09:14 UTC on Monday is 04:14 in New York.
    nightly = MaintenanceWindow(
        name="EHR night", matchers=("source=ehr",), starts="04:00", ends="06:00", days=("mon",), zone="America/New_York"
    )
    desk = the_desk(sqlite_store, clock, Muting(maintenance=(nightly,)))
    opened(desk, structs.replace(a_finding(ref="u1:a", severity="low"), source="ehr"))
    assert told(sqlite_store, clock) == []
    clock.now = MONDAY - 14 * 60 - 3 + 2 * HOUR  # 06:00 in New York
    desk.pass_time()
    assert [kind for _, kind in told(sqlite_store, clock)] == ["digest"]
    (after,) = opened(desk, structs.replace(a_finding(ref="u1:b"), source="ehr"))
    assert told(sqlite_store, clock) == [(after, "opened")]
