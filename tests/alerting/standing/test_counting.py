"""How the response stands: every figure counted by hand, on both databases, and none by reading a whole table."""

import datetime

from msgspec import structs

from alerting.auditing.checkpoints import Checkpoint
from alerting.auditing.rows import insert_checkpoint
from alerting.commands import Acknowledge, RecordFindings, Resolve, StartInvestigation
from alerting.desk import Desk
from alerting.ocsf.events import Exporter
from alerting.ocsf.feed import SETTLE_SECONDS, OcsfFeed
from alerting.oncall.climbs import Climb, put_climbs
from alerting.plan import Plan
from alerting.records.rules import Records
from alerting.slack.tables import SLACK_JOBS
from alerting.standing.counting import Standing, standing
from alerting.store import Store
from alerting.store.incident_rows import insert_incidents
from tests.alerting.breach.building import POLICY, a_breach_in_notification
from tests.alerting.building import DAY, HOUR, Clock, a_desk, a_finding, an_incident
from tests.alerting.work.test_walking import statements, walks

FIRST, SECOND = "INC-T0000001", "INC-T0000002"
CHECKPOINT = Checkpoint(seq=1, hash="", at=0.0, covered_until=0.0, incidents=0, timelines="", signature="")


def seen(store: Store, clock: Clock, plan: Plan | None = None) -> Standing:
    with store.reading() as connection:
        return standing(connection, plan or Plan(), clock.now)


def two_cases(store: Store, clock: Clock) -> Desk:
    """Two cases of SEV2, to be acknowledged within an hour and acted upon within four."""
    desk = a_desk(store, clock)
    desk.handle(RecordFindings([a_finding(ref="u1:a"), a_finding(ref="u1:b")]))
    return desk


def test_of_nothing_there_is_nothing(store: Store, clock: Clock) -> None:
    assert seen(store, clock) == Standing(
        open_cases={}, about_wardwatch={}, overdue={}, climbs={}, climb_steps=0, digest_items=0, breach_days={},
        review_overdue=0.0, verdicts={}, feedback_waiting=0, slack_waiting=0, checkpoint_at=None, siem_behind={},
    )  # fmt: skip


def test_open_cases_and_their_clocks(store: Store, clock: Clock) -> None:
    desk = two_cases(store, clock)
    desk.handle(Acknowledge(incident_id=FIRST, actor="ana"))
    assert seen(store, clock).open_cases == {("SEV2", "triaged"): 1, ("SEV2", "new"): 1}
    assert seen(store, clock).overdue == {}
    clock.advance(HOUR)
    assert seen(store, clock).overdue == {"acknowledge": 1}
    clock.advance(3 * HOUR)
    assert seen(store, clock).overdue == {"acknowledge": 1, "act": 2}


def test_a_case_that_is_finished_counts_no_more_but_its_verdict(store: Store, clock: Clock) -> None:
    desk = two_cases(store, clock)
    for incident_id in (FIRST, SECOND):
        desk.handle(Acknowledge(incident_id=incident_id, actor="ana"))
        desk.handle(StartInvestigation(incident_id=incident_id, actor="ana"))
    desk.handle(Resolve(incident_id=FIRST, actor="ana", verdict="false_positive_rule", reason="a float nurse"))
    desk.handle(Resolve(incident_id=SECOND, actor="ana", verdict="insufficient_data", reason="logs are gone"))
    clock.advance(DAY)
    found = seen(store, clock)
    assert (found.open_cases, found.overdue) == ({}, {})
    assert found.verdicts == {("A09", "cleared"): 1, ("A09", "neither"): 1}
    assert found.feedback_waiting == 2


def test_escalations_and_what_is_wrong_with_wardwatch(store: Store, clock: Clock) -> None:
    two_cases(store, clock)
    climb = Climb(
        incident_id=FIRST, escalation="grave", state="climbing", position=2, began_at=0.0, from_new=True, next_at=1.0
    )
    with store.writing() as connection:
        insert_incidents(connection, [an_incident(kind="nobody_reached", key="nobody_reached:grave", entity=None)])
        put_climbs(connection, [climb], set())
    found = seen(store, clock)
    assert (found.climbs, found.climb_steps, found.about_wardwatch) == ({"climbing": 1}, 2, {"nobody_reached": 1})
    with store.writing() as connection:
        put_climbs(connection, [structs.replace(climb, state="ended")], {FIRST})
    assert (seen(store, clock).climbs, seen(store, clock).climb_steps) == ({}, 0)


def test_the_nearest_deadline_of_a_breach(store: Store, clock: Clock) -> None:
    """Discovered on 2 March; 60 days later is 1 May."""
    desk = a_desk(store, clock, policy=POLICY)
    a_breach_in_notification(desk, NY=600, NJ=40)
    assert seen(store, clock, POLICY.plan).breach_days == {"individual": 60, "media": 60, "hhs": 60}
    clock.advance(61 * DAY)
    assert seen(store, clock, POLICY.plan).breach_days["hhs"] == -1


def test_a_review_is_overdue_after_its_days_of_grace(store: Store, clock: Clock) -> None:
    plan = Plan(records=Records(review_every_days=7, review_from=datetime.date(2026, 3, 2), review_grace_days=2))
    clock.now = datetime.datetime(2026, 3, 11, tzinfo=datetime.UTC).timestamp()
    assert seen(store, clock, plan).review_overdue == 0.0
    clock.advance(HOUR)
    assert seen(store, clock, plan).review_overdue == HOUR


def test_what_waits_for_others(store: Store, clock: Clock) -> None:
    two_cases(store, clock)
    clock.advance(SETTLE_SECONDS)
    feed = OcsfFeed(store, "siem", Exporter(product_version="1", titles={}), clock)
    assert feed.run_all(lambda _events: None) == 4
    assert seen(store, clock).siem_behind == {"siem": 0.0}
    a_desk(store, clock).handle(RecordFindings([a_finding(ref="u1:a")]))
    clock.advance(100.0)
    with store.writing() as connection:
        insert_checkpoint(connection, structs.replace(CHECKPOINT, at=clock.now))
        job = {"key": "k", "received_at": clock.now, "state": "pending", "attempts": 0, "body": b"{}"}
        connection.execute(SLACK_JOBS.insert(), job)
    found = seen(store, clock)
    assert (found.siem_behind, found.slack_waiting, found.checkpoint_at) == ({"siem": 100.0}, 1, clock.now)


def test_nothing_reads_a_whole_table(sqlite_store: Store, clock: Clock) -> None:
    two_cases(sqlite_store, clock)
    clock.advance(SETTLE_SECONDS)
    OcsfFeed(sqlite_store, "siem", Exporter(product_version="1", titles={}), clock).run_all(lambda _events: None)
    with statements(sqlite_store) as asked:
        seen(sqlite_store, clock)
    assert len(asked) >= 10
    assert [walk for walk in walks(sqlite_store, asked) if not walk.startswith("ocsf_readers:")] == []
