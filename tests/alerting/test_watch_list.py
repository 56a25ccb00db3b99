"""Watch lists: what is found about a watched entity needs no budget and is graver, as long as the entry lasts."""

import pytest
from msgspec import structs

from alerting.commands import RecordFindings, Unwatch, Watch
from alerting.store import Store
from alerting.store.audit_rows import audit_entries
from alerting.store.schema import AUDIT_LOG
from alerting.watch_list import WatchRefused, raised
from detectors.finding import Entity
from models.daily_budget import DailyBudget
from tests.alerting.building import DAY, HOUR, MONDAY, Clock, a_desk, a_finding

CLERK, PATIENT = Entity("user", "u1:clerk"), Entity("patient", "p1:vip")


def watching(entity: Entity, until: float = MONDAY + 7 * DAY) -> Watch:
    return Watch(entity, "ana", until, "notice given")


def test_a_watched_entity_needs_no_budget_and_is_one_severity_graver(store: Store, clock: Clock) -> None:
    desk = a_desk(store, clock, budget=DailyBudget(1))
    desk.handle(watching(CLERK))
    low = a_finding("A01", risk=5.0, severity="low")
    other = a_finding("A01", ref="u1:other", risk=5.0, severity="low")
    recorded = desk.handle(RecordFindings([low, other]))
    assert [one.alert for one in recorded.findings] == [True, False]
    (incident,) = store.incidents()
    assert incident.severity == "SEV3"  # low alone is SEV4


def test_who_watches_a_patient_hears_of_whoever_opens_the_chart(store: Store, clock: Clock) -> None:
    desk = a_desk(store, clock, budget=DailyBudget(1))
    desk.handle(watching(PATIENT))
    opening = structs.replace(a_finding("A01", risk=5.0, severity="low"), entities=[CLERK, PATIENT])
    assert desk.handle(RecordFindings([opening])).findings[0].alert


@pytest.mark.parametrize(("at", "alert"), [(MONDAY + HOUR - 1, True), (MONDAY + HOUR, False)])
def test_an_entry_that_has_ended_does_nothing(store: Store, clock: Clock, at: float, alert: bool) -> None:
    desk = a_desk(store, clock, budget=DailyBudget(1))
    desk.handle(watching(CLERK, MONDAY + HOUR))
    recorded = desk.handle(RecordFindings([a_finding("A01", at=at, risk=5.0, severity="low")]))
    assert recorded.findings[0].alert is alert


def test_what_is_done_to_the_list_is_kept_also_that_an_entry_ended(store: Store, clock: Clock) -> None:
    desk = a_desk(store, clock)
    desk.handle(watching(CLERK, MONDAY + HOUR))
    desk.handle(watching(PATIENT))
    clock.advance(2 * HOUR)
    desk.handle(RecordFindings([]))
    desk.handle(RecordFindings([]))
    desk.handle(Unwatch(PATIENT, "bo"))
    assert [(line.seq, line.actor, line.act, line.entity) for line in store.watch_log()] == [
        (1, "ana", "added", CLERK),
        (2, "ana", "added", PATIENT),
        (3, "wardwatch", "ended", CLERK),
        (4, "bo", "removed", PATIENT),
    ]
    assert store.watch_log()[2].at == MONDAY + HOUR
    (left,) = store.watch_list()
    assert (left.entity, left.has_ended(clock.now), left.author, left.reason) == (CLERK, True, "ana", "notice given")


def test_a_second_entry_replaces_the_first(store: Store, clock: Clock) -> None:
    desk = a_desk(store, clock)
    desk.handle(watching(CLERK, MONDAY + HOUR))
    desk.handle(watching(CLERK, MONDAY + DAY))
    assert [entry.until for entry in store.watch_list()] == [MONDAY + DAY]


@pytest.mark.parametrize(
    "command",
    [
        Watch(CLERK, "ana", MONDAY + DAY, "  "),
        Watch(CLERK, "ana", MONDAY, "notice given"),
        Watch(CLERK, "ana", float("inf"), "notice given"),
        Watch(CLERK, "ana", float("nan"), "notice given"),
        Unwatch(CLERK, "ana"),
    ],
)
def test_what_may_not_be_on_the_list_is_refused(store: Store, clock: Clock, command: Watch | Unwatch) -> None:
    with pytest.raises(WatchRefused):
        a_desk(store, clock).handle(command)
    assert (store.watch_list(), store.watch_log()) == ([], [])
    assert audited(store) == [("ana", type(command).__name__.lower(), "", "refused")]


def test_who_changes_the_list_is_in_the_audit_log(store: Store, clock: Clock) -> None:
    desk = a_desk(store, clock)
    desk.handle(watching(PATIENT))
    desk.handle(Unwatch(PATIENT, "bo"))
    assert audited(store) == [("ana", "watch", "patient:p1:vip", "done"), ("bo", "unwatch", "patient:p1:vip", "done")]


def audited(store: Store) -> list[tuple[str, str, str, str]]:
    with store.reading() as connection:
        entries = audit_entries(connection, AUDIT_LOG)
        return [(entry.actor, entry.action, entry.subject, entry.outcome) for entry in entries]


def test_the_gravest_stays_the_gravest() -> None:
    assert (raised("SEV4"), raised("SEV2"), raised("SEV1")) == ("SEV3", "SEV1", "SEV1")
