"""The order in which desks on PostgreSQL take their locks: in any other, two could wait for each other for ever."""

import datetime
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Connection, func, select, text

from alerting.commands import Comment, RecordFindings
from alerting.desk import Desk
from alerting.muting.commands import AddSilence, ExpireSilence
from alerting.plan import Plan
from alerting.policy import Policy
from alerting.records.commands import SignReview
from alerting.records.rules import Records
from alerting.store import Store, create_schema, open_engine
from alerting.store.audit_rows import append_audit
from alerting.store.incident_rows import find_incident
from alerting.store.schema import AUDIT_LOG
from alerting.store.store import lock_opening
from alerting.store.tables import METADATA
from tests.alerting.building import CONSOLE, DAY, HOUR, Clock, a_desk, a_finding, case_of

WAITING = text("SELECT count(*) FROM pg_locks WHERE NOT granted")


@pytest.fixture
def store(postgres_url: str) -> Iterator[Store]:
    """An empty store on PostgreSQL: SQLite has one writer."""
    engine = open_engine(postgres_url)
    METADATA.drop_all(engine)
    create_schema(engine)
    yield Store(engine)
    engine.dispose()


def while_it_waits(store: Store, work: Callable[[], object], held: Connection, act: Callable[[], object]) -> bool:
    """Begin work in a thread, act once it waits for what `held` has, and let that go; return whether it had to wait."""
    thread = threading.Thread(target=work)
    thread.start()
    waits = False
    while thread.is_alive() and not waits:
        with store.reading() as connection:
            waits = bool(connection.scalar(WAITING))
        time.sleep(0.01)
    try:
        act()
    finally:
        held.commit()
        thread.join()
    return waits


def test_a_change_waits_for_who_looks_at_all_incidents(store: Store, clock: Clock) -> None:
    desk = a_desk(store, clock)
    (case,) = desk.handle(RecordFindings([a_finding()])).opened
    comment = Comment(incident_id=case, actor="ana", note="looking")
    with store.engine.connect() as held:
        lock_opening(held)
        assert while_it_waits(store, lambda: desk.handle(comment), held, lambda: None)
    assert case_of(store, case).timeline[-1].action == "comment"


def an_ended_silence(desk: Desk, clock: Clock) -> tuple[str, Callable[[], object]]:
    ends_at = clock.now + HOUR
    silence = desk.handle(AddSilence(actor="eva", matchers=("rule=A09",), reason="known fault", ends_at=ends_at))
    (case,) = desk.handle(RecordFindings([a_finding()])).opened
    return case, lambda: desk.handle(ExpireSilence(actor="eva", silence_id=silence.id))


def a_replaced_silence(desk: Desk, clock: Clock) -> tuple[str, Callable[[], object]]:
    ends_at = clock.now + HOUR
    add = AddSilence(actor="eva", matchers=("rule=A09",), reason="known fault", ends_at=ends_at)
    silence = desk.handle(add)
    (case,) = desk.handle(RecordFindings([a_finding()])).opened
    other = AddSilence(actor="eva", matchers=("rule=A10",), reason="known fault", ends_at=ends_at, replaces=silence.id)
    return case, lambda: desk.handle(other)


def a_signed_review(desk: Desk, clock: Clock) -> tuple[str, Callable[[], object]]:
    clock.advance(400 * DAY)
    desk.pass_time()
    (alarm,) = (one for one in desk.store.incidents() if one.kind == "review_overdue")
    return alarm.id, lambda: desk.handle(SignReview(actor="eva", note="nothing unusual", rules=("A09",)))


@pytest.mark.parametrize("begin", [an_ended_silence, a_replaced_silence, a_signed_review])
def test_the_audit_log_is_locked_after_the_cases(
    store: Store, clock: Clock, begin: Callable[[Desk, Clock], tuple[str, Callable[[], object]]]
) -> None:
    """Who has a case and writes into the audit log must not be waited for by somebody who has that log."""
    records = Records(review_every_days=30, review_from=datetime.date(2026, 3, 2))
    policy = Policy(console_url=CONSOLE, plan=Plan(records=records))
    case, work = begin(a_desk(store, clock, policy=policy), clock)
    with store.engine.connect() as held:
        find_incident(held, case, lock=True)
        held.execute(text("SET LOCAL lock_timeout = '20s'"))

        def write() -> None:
            append_audit(held, AUDIT_LOG, at=clock.now, actor="eva", action="look", outcome="done")

        assert while_it_waits(store, work, held, write)
    with store.reading() as connection:
        assert connection.scalar(select(func.count()).select_from(AUDIT_LOG))
