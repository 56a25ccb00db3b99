"""Six years, not a day less; legal holds; and nothing left behind of what is deleted."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from alerting.archive import Access
from alerting.commands import Acknowledge, Comment, Merge, RecordFindings, Resolve
from alerting.desk import Desk
from alerting.muting.commands import AddSilence
from alerting.records.commands import DeleteExpired, GiveReport, PlaceHold, ReleaseHold
from alerting.records.expired import Counts, count_cases_kept, count_expired, holds, kept_now
from alerting.records.years import years_after, years_before
from alerting.refusal import Refused
from alerting.store import Store
from alerting.store.audit_rows import audit_entries
from alerting.store.finding_rows import insert_findings
from alerting.store.metadata import METADATA
from alerting.store.schema import AUDIT_LOG, FINDINGS, INCIDENTS
from alerting.work.commands import Split
from detectors.finding import Entity
from tests.alerting.building import DAY, MONDAY, Clock, a_desk, a_finding

SIX_YEARS = years_after(MONDAY) - MONDAY


@pytest.fixture(autouse=True)
def _nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("alerting.desk.DUE", {})


def a_closed_case(desk: Desk, ref: str = "u1:a", patient: str = "p1:jane") -> str:
    finding = a_finding(ref=ref)
    finding.entities.append(Entity("patient", patient))
    (case,) = desk.handle(RecordFindings([finding])).opened
    desk.handle(Acknowledge(incident_id=case, actor="a"))
    desk.handle(Resolve(incident_id=case, actor="a", verdict="benign_explained", reason="known"))
    return case


def ids(store: Store) -> list[str]:
    with store.reading() as connection:
        return list(connection.scalars(select(INCIDENTS.c.id).order_by(INCIDENTS.c.id)))


def test_nothing_is_deleted_before_its_time_and_everything_after(store: Store, clock: Clock) -> None:
    desk = a_desk(store, clock)
    case = a_closed_case(desk)
    (open_case,) = desk.handle(RecordFindings([a_finding(ref="u1:open")])).opened
    clock.advance(DAY)
    desk.handle(Comment(incident_id=case, actor="a", note="one more thing"))  # in effect a day longer
    desk.handle(AddSilence(actor="a", matchers=("rule=A09",), reason="x", ends_at=clock() + DAY))
    clock.now = MONDAY + SIX_YEARS + DAY
    assert desk.handle(DeleteExpired(actor="a")) == Counts()
    assert ids(store) == [case, open_case]
    clock.advance(1)
    assert desk.handle(DeleteExpired(actor="a", accesses=7)) == Counts(cases=1)
    assert ids(store) == [open_case]  # what is open has not begun to age
    with store.reading() as connection:
        for table in METADATA.sorted_tables:
            for column in table.columns:
                if any(key.target_fullname == "incidents.id" for key in column.foreign_keys):
                    assert case not in set(connection.scalars(select(column))), table.name
        log = [(entry.action, entry.outcome) for entry in audit_entries(connection, AUDIT_LOG)]
    assert ("retention.deleted", "1 cases, 7 accesses") in log
    assert ("retention.deleted", "nothing") in log
    clock.advance(DAY)
    assert desk.handle(DeleteExpired(actor="a")) == Counts(silences=1)


def test_who_asks_for_more_is_refused(sqlite_store: Store, clock: Clock) -> None:
    desk = a_desk(sqlite_store, clock)
    latest = years_before(MONDAY)
    assert datetime.fromtimestamp(latest, UTC).date().isoformat() == "2020-03-02"
    with pytest.raises(Refused, match="nothing from 2020-03-02 or later may be deleted: it is kept for six years"):
        desk.handle(DeleteExpired(actor="a", before=latest + 1))
    assert desk.handle(DeleteExpired(actor="a", before=latest)) == Counts()


@pytest.mark.parametrize(
    ("about", "ref", "left"),
    [("everything", "", 3), ("incident", "INC-T0000001", 1), ("entity", "u1:b", 1), ("entity", "p1:joe", 1)],
)
def test_a_legal_hold_keeps_what_it_is_about(store: Store, clock: Clock, about: str, ref: str, left: int) -> None:
    desk = a_desk(store, clock)
    a_closed_case(desk)
    a_closed_case(desk, "u1:b", "p1:joe" if ref == "p1:joe" else "p1:other")
    a_closed_case(desk, "u1:c")
    clock.now = MONDAY + SIX_YEARS + DAY
    hold = desk.handle(PlaceHold(actor="legal", about=about, ref=ref, reason="inquiry"))  # type: ignore[arg-type]  # above
    with store.reading() as connection:
        kept = kept_now(connection)
        assert count_expired(connection, years_before(clock()), kept).cases == 3 - left
        assert count_cases_kept(connection, years_before(clock()), kept) == left
    desk.handle(DeleteExpired(actor="a"))
    assert len(ids(store)) == left
    released = desk.handle(ReleaseHold(actor="legal", hold_id=hold.id, reason="inquiry closed"))
    assert (released.released_at, released.released_by) == (clock(), "legal")
    desk.handle(DeleteExpired(actor="a"))
    assert ids(store) == []
    with pytest.raises(Refused, match="has been released already"):
        desk.handle(ReleaseHold(actor="legal", hold_id=hold.id, reason="again"))


def loose_findings(store: Store) -> list[str]:
    with store.reading() as connection:
        return list(connection.scalars(select(FINDINGS.c.entity_ref).order_by(FINDINGS.c.entity_ref)))


def test_a_hold_on_a_patient_keeps_findings_of_no_case_that_name_them(store: Store, clock: Clock) -> None:
    desk = a_desk(store, clock)
    for ref, patient in (("u1:a", "p1:joe"), ("u1:b", "p1:joey"), ("u1:c", "p1:jane")):
        finding = a_finding(ref=ref)
        finding.entities.append(Entity("patient", patient))
        with store.writing() as connection:
            insert_findings(connection, [finding], MONDAY)
    clock.now = MONDAY + SIX_YEARS + DAY
    desk.handle(PlaceHold(actor="legal", about="entity", ref="p1:joe", reason="inquiry"))
    assert desk.handle(DeleteExpired(actor="a")) == Counts(findings=2)
    assert loose_findings(store) == ["u1:a"]


def test_a_hold_keeps_the_findings_of_a_case_that_was_merged(store: Store, clock: Clock) -> None:
    desk = a_desk(store, clock)
    held, other, target = (desk.handle(RecordFindings([a_finding(ref=f"u1:{x}")])).opened[0] for x in "abc")
    for one in (held, other):
        desk.handle(Acknowledge(incident_id=one, actor="a"))
        desk.handle(Merge(incident_id=one, actor="a", into=target))
    desk.handle(Acknowledge(incident_id=target, actor="a"))
    desk.handle(Resolve(incident_id=target, actor="a", verdict="benign_explained", reason="known"))
    clock.now = MONDAY + SIX_YEARS + DAY
    desk.handle(PlaceHold(actor="legal", about="incident", ref=held, reason="inquiry"))
    assert desk.handle(DeleteExpired(actor="a")) == Counts()
    assert ids(store) == [held, other, target]


def test_a_hold_keeps_what_is_split_off_its_case(store: Store, clock: Clock) -> None:
    desk = a_desk(store, clock)
    parts = [a_finding("A09", ref="u1:a"), a_finding("B22", ref="u1:a")]
    (whole,) = desk.handle(RecordFindings(parts)).opened
    desk.handle(PlaceHold(actor="counsel", about="incident", ref=whole, reason="inquiry 12"))
    lifted = desk.handle(PlaceHold(actor="counsel", about="incident", ref=whole, reason="inquiry 13"))
    desk.handle(ReleaseHold(actor="counsel", hold_id=lifted.id, reason="over"))
    part = desk.handle(Split(actor="ana", incident_id=whole, findings=(parts[1].id,), reason="another matter"))
    with store.reading() as connection:
        assert kept_now(connection).incidents == {whole, part.id}
        (carried,) = [hold for hold in holds(connection) if hold.ref == part.id]
    assert (carried.author, carried.reason.endswith(": inquiry 12")) == ("ana", True)


def test_a_hold_on_a_merged_case_keeps_what_is_split_off_the_other(store: Store, clock: Clock) -> None:
    desk = a_desk(store, clock)
    finding = a_finding(ref="u1:a")
    (held,) = desk.handle(RecordFindings([finding])).opened
    (target,) = desk.handle(RecordFindings([a_finding(ref="u1:b")])).opened
    desk.handle(PlaceHold(actor="counsel", about="incident", ref=held, reason="inquiry 12"))
    desk.handle(Acknowledge(incident_id=held, actor="ana"))
    desk.handle(Merge(incident_id=held, actor="ana", into=target))
    part = desk.handle(Split(actor="ana", incident_id=target, findings=(finding.id,), reason="apart again")).id
    for one in (target, part):
        desk.handle(Acknowledge(incident_id=one, actor="ana"))
        desk.handle(Resolve(incident_id=one, actor="ana", verdict="benign_explained", reason="known"))
    clock.now = MONDAY + SIX_YEARS + DAY
    assert desk.handle(DeleteExpired(actor="ana")) == Counts()
    assert ids(store) == [held, target, part]


def test_a_hold_on_a_patient_keeps_a_merged_case_whose_findings_name_them(store: Store, clock: Clock) -> None:
    desk = a_desk(store, clock)
    finding = a_finding(ref="u1:a")
    finding.entities.append(Entity("patient", "p1:joe"))
    merged = desk.handle(RecordFindings([finding])).opened[0]
    target = desk.handle(RecordFindings([a_finding(ref="u1:b")])).opened[0]
    desk.handle(Acknowledge(incident_id=merged, actor="a"))
    desk.handle(Merge(incident_id=merged, actor="a", into=target))
    desk.handle(Acknowledge(incident_id=target, actor="a"))
    desk.handle(Resolve(incident_id=target, actor="a", verdict="benign_explained", reason="known"))
    clock.now = MONDAY + SIX_YEARS + DAY
    desk.handle(PlaceHold(actor="legal", about="entity", ref="p1:joe", reason="inquiry"))
    assert desk.handle(DeleteExpired(actor="a")) == Counts()
    assert ids(store) == [merged, target]


@pytest.mark.parametrize(
    ("hold", "said"),
    [
        (PlaceHold(actor="a", about="entity", reason="inquiry"), "a hold is on everything, or on one"),
        (PlaceHold(actor="a", about="everything", ref="p1:j", reason="inquiry"), "a hold is on everything, or on one"),
        (PlaceHold(actor="a", about="incident", ref="INC-NONE", reason="inquiry"), "there is no incident INC-NONE"),
        (PlaceHold(actor="a", about="everything", reason=" "), "a reason is needed"),
    ],
)
def test_holds_that_may_not_be(sqlite_store: Store, clock: Clock, hold: PlaceHold, said: str) -> None:
    with pytest.raises(Refused, match=said):
        a_desk(sqlite_store, clock).handle(hold)


def test_deleting_goes_on_where_it_stopped(sqlite_store: Store, clock: Clock) -> None:
    desk = a_desk(sqlite_store, clock)
    for n in range(3):
        a_closed_case(desk, f"u1:{n}")
    clock.now = MONDAY + SIX_YEARS + DAY
    assert [desk.handle(DeleteExpired(actor="a", limit=2)).cases for _ in range(3)] == [2, 1, 0]


def test_a_report_needs_a_purpose(sqlite_store: Store, clock: Clock) -> None:
    desk = a_desk(sqlite_store, clock)
    with pytest.raises(Refused, match="8 characters or more"):
        desk.handle(GiveReport(actor="a", patients=("p1:jane",), purpose="because", form="accesses", entries=1))


def test_what_is_held_is_no_secret_of_repr() -> None:
    access = Access(event_id="e", patient="p1:jane", actor="u1:a", actor_type="human", at=0.0, action="read")
    assert "p1:jane" not in repr([access, PlaceHold(actor="a", about="entity", ref="p1:jane", reason="x")])
