"""Reviews of activity are signed period by period, and what is not signed in time is told."""

import datetime
from typing import Any

import pytest
from msgspec import structs

from alerting.commands import Acknowledge, RecordFindings, Resolve, StartInvestigation
from alerting.desk import Desk
from alerting.muting.windows import Span
from alerting.people import Person
from alerting.plan import Plan
from alerting.policy import Policy
from alerting.records.commands import SignReview
from alerting.records.review_rows import all_reviews
from alerting.records.reviewing import tell_overdue
from alerting.records.reviews import is_sound, next_period
from alerting.records.rules import Records
from alerting.refusal import Refused
from alerting.routes import Route
from alerting.store import Store
from alerting.store.audit_rows import audit_entries
from alerting.store.schema import AUDIT_LOG
from tests.alerting.building import DAY, HOUR, Clock, a_desk, a_finding, case_of

WEEKLY = Records(review_every_days=7, review_from=datetime.date(2026, 3, 2), review_grace_days=2)
MIDNIGHT = datetime.datetime(2026, 3, 2, tzinfo=datetime.UTC).timestamp()
WEEK = Span(MIDNIGHT, MIDNIGHT + 7 * DAY)


@pytest.fixture(autouse=True)
def _only_this_area(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("alerting.desk.DUE", {"overdue reviews": tell_overdue})


def the_desk(store: Store, clock: Clock, records: Records = WEEKLY, **plan: Any) -> Desk:
    return a_desk(store, clock, policy=Policy(routes=(Route("SEV4", ("slack",)),), plan=Plan(records=records, **plan)))


def test_periods_are_whole_local_days_one_after_the_other() -> None:
    assert next_period(Records(), "UTC", None) is None
    assert next_period(WEEKLY, "UTC", None) == WEEK
    assert next_period(WEEKLY, "UTC", WEEK.end) == Span(WEEK.end, WEEK.end + 7 * DAY)
    # In New York, 2 March begins at 05:00 UTC; clocks are put forward on the 8th, so the week has an hour less.
    assert next_period(WEEKLY, "America/New_York", None) == Span(MIDNIGHT + 5 * HOUR, MIDNIGHT + 7 * DAY + 4 * HOUR)


def test_what_was_there_is_counted_and_signed_for(store: Store, clock: Clock) -> None:
    desk = the_desk(store, clock)
    (done, _) = desk.handle(
        RecordFindings([a_finding("A09", ref="u1:a"), a_finding("B28", ref="u1:b", severity="critical")])
    ).opened
    desk.handle(Acknowledge(incident_id=done, actor="a"))
    desk.handle(Resolve(incident_id=done, actor="a", verdict="benign_explained", reason="known"))
    clock.now = WEEK.end
    desk.handle(RecordFindings([a_finding("A13", ref="u1:c", at=clock())]))  # of the next week
    signed = desk.handle(SignReview(actor="p.officer", note="all looked at", rules=("A09", "A21", "B28")))
    assert (signed.start_at, signed.end_at, signed.reviewer, signed.signed_at) == (
        WEEK.start,
        WEEK.end,
        "p.officer",
        WEEK.end,
    )
    assert structs.asdict(signed.seen) == {
        "findings": 2,
        "held": {},
        "cases": {"SEV1": 1, "SEV2": 1},
        "open_cases": 1,
        "verdicts": {"benign_explained": 1},
        "rules": {"A09": 1, "B28": 1},
        "silent_rules": ("A21",),
    }
    with store.reading() as connection:
        (kept,) = all_reviews(connection)
        log = [(entry.action, entry.subject) for entry in audit_entries(connection, AUDIT_LOG)]
    assert kept == signed
    assert is_sound(kept)
    assert not is_sound(structs.replace(kept, note="nothing to see"))
    assert ("review.signed", signed.hash) in log


@pytest.mark.parametrize(
    ("fields", "at", "said"),
    [
        ({"note": " "}, WEEK.end, "a note is needed"),
        ({}, WEEK.end - 1, "the period has not ended yet"),
        ({"actor": "stranger"}, WEEK.end, "only people of the response plan sign who are privacy_officer"),
        ({"actor": "a.analyst"}, WEEK.end, "only people of the response plan sign"),
    ],
)
def test_reviews_that_may_not_be(
    sqlite_store: Store, clock: Clock, fields: dict[str, str], at: float, said: str
) -> None:
    people = (Person(name="p.officer", roles=("auditor",)), Person(name="a.analyst", roles=("analyst",)))
    desk = the_desk(sqlite_store, clock, people=people)
    clock.now = at
    with pytest.raises(Refused, match=said):
        desk.handle(SignReview(**({"actor": "p.officer", "note": "all looked at"} | fields)))  # type: ignore[arg-type]
    with pytest.raises(Refused, match="asks for no reviews"):
        the_desk(sqlite_store, clock, Records()).handle(SignReview(actor="p.officer", note="x"))


def test_an_overdue_review_is_told_once_and_settled_by_its_signature(store: Store, clock: Clock) -> None:
    desk = the_desk(store, clock)
    clock.now = WEEK.end + 2 * DAY - 1
    desk.pass_time()
    assert store.incidents() == []
    clock.advance(1)
    desk.pass_time()
    desk.pass_time()
    (alarm,) = store.incidents()
    assert (alarm.kind, alarm.severity, alarm.status) == ("review_overdue", "SEV3", "new")
    assert store.outbox() == {"slack": {"pending": 1}}
    desk.handle(SignReview(actor="p.officer", note="late, all looked at"))
    assert case_of(store, alarm.id).incident.status == "resolved"
    clock.now = WEEK.end + 7 * DAY + 2 * DAY  # the next one
    desk.pass_time()
    assert [one.status for one in store.incidents()] == ["new", "resolved"]


def test_an_alarm_that_somebody_works_on_stays_theirs(sqlite_store: Store, clock: Clock) -> None:
    desk = the_desk(sqlite_store, clock)
    clock.now = WEEK.end + 2 * DAY
    desk.pass_time()
    (alarm,) = sqlite_store.incidents()
    desk.handle(Acknowledge(incident_id=alarm.id, actor="a"))
    desk.handle(StartInvestigation(incident_id=alarm.id, actor="a"))
    desk.handle(SignReview(actor="p.officer", note="late, all looked at"))
    assert case_of(sqlite_store, alarm.id).incident.status == "investigating"


def test_what_the_plan_says_is_checked() -> None:
    assert Records(review_every_days=400, review_grace_days=-1).problems() == [
        "records: review_every_days must be from 0 to 366",
        "records: review_grace_days must be from 0 to 366",
        "records: review_from is needed where there are reviews: the first day that is reviewed",
    ]
    assert (Records().problems(), WEEKLY.problems()) == ([], [])
