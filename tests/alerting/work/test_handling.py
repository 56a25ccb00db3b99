"""Watchers, tasks and links: what is written, in which timelines, who is told, and what is refused."""

import pytest

from alerting.commands import Acknowledge, Merge, RecordFindings
from alerting.desk import Desk
from alerting.policy import Policy
from alerting.refusal import Refused
from alerting.routes import Route
from alerting.store import Store
from alerting.work.commands import (
    AddTask,
    FinishTask,
    LinkIncidents,
    UnlinkIncidents,
    UnwatchIncident,
    WatchIncident,
)
from alerting.work.rows import links_of, open_tasks, tasks_of, watchers_of
from tests.alerting.building import HOUR, MONDAY, Clock, a_desk, a_finding, case_of

TO_SLACK = Policy(routes=(Route("SEV4", ("slack",)),))


def two_cases(desk: Desk) -> tuple[str, str]:
    one, other = desk.handle(RecordFindings([a_finding(ref="u1:a"), a_finding(ref="u1:b")])).opened
    return one, other


def told(store: Store, incident_id: str) -> list[str]:
    """Why people were told of a case after it was opened."""
    with store.reading() as connection:
        rows = connection.exec_driver_sql("SELECT about, body FROM outbox ORDER BY revision, about").all()
    bodies = [bytes(row[1]).decode() for row in rows if row[0] == incident_id]
    return [body.split('"told":"')[1].split('"')[0] for body in bodies][1:]


def test_watchers_come_and_go(store: Store, clock: Clock) -> None:
    desk = a_desk(store, clock)
    one, _ = two_cases(desk)
    assert desk.handle(WatchIncident(incident_id=one, actor="ana")) == ("ana",)
    assert desk.handle(WatchIncident(incident_id=one, actor="ana", watcher="ben")) == ("ana", "ben")
    assert desk.handle(WatchIncident(incident_id=one, actor="ben")) == ("ana", "ben")
    assert desk.handle(UnwatchIncident(incident_id=one, actor="ana")) == ("ben",)
    assert desk.handle(UnwatchIncident(incident_id=one, actor="ana")) == ("ben",)
    assert [(entry.action, entry.actor, entry.detail) for entry in case_of(store, one).timeline[1:]] == [
        ("watch_incident", "ana", {"watcher": "ana"}),
        ("watch_incident", "ana", {"watcher": "ben"}),
        ("unwatch_incident", "ana", {"watcher": "ana"}),
    ]


def test_watchers_follow_a_merge(store: Store, clock: Clock) -> None:
    desk = a_desk(store, clock)
    one, other = two_cases(desk)
    desk.handle(WatchIncident(incident_id=one, actor="ana"))
    desk.handle(WatchIncident(incident_id=one, actor="ben"))
    desk.handle(WatchIncident(incident_id=other, actor="ben"))
    desk.handle(Acknowledge(incident_id=one, actor="ana"))
    desk.handle(Merge(incident_id=one, actor="ana", into=other))
    with store.reading() as connection:
        assert watchers_of(connection, [other]) == {other: ("ana", "ben")}
    with pytest.raises(Refused, match=f"{one} was merged into {other}; give that one"):
        desk.handle(AddTask(incident_id=one, actor="ana", text="call"))


def test_tasks_are_added_done_and_overdue(store: Store, clock: Clock) -> None:
    desk = a_desk(store, clock, policy=TO_SLACK)
    one, _ = two_cases(desk)
    first = desk.handle(AddTask(incident_id=one, actor="ana", text="call Jane Doe", assignee="ben"))
    due = MONDAY + HOUR / 2
    second = desk.handle(AddTask(incident_id=one, actor="ana", text="pull the badge log", due_at=due))
    assert (first.number, second.number) == (1, 2)
    assert "Jane" not in repr(first)
    clock.advance(60)
    done = desk.handle(FinishTask(incident_id=one, actor="ben", number=1))
    assert (done.done_at, done.done_by) == (MONDAY + 60, "ben")
    assert desk.handle(FinishTask(incident_id=one, actor="ana", number=1)) == done
    with pytest.raises(Refused, match="has no task 9"):
        desk.handle(FinishTask(incident_id=one, actor="ana", number=9))
    with pytest.raises(Refused, match="a task needs words"):
        desk.handle(AddTask(incident_id=one, actor="ana", text=" "))
    with store.reading() as connection:
        assert tasks_of(connection, one) == [done, second]
        assert open_tasks(connection, None, 10) == [second]
        assert open_tasks(connection, "ben", 10) == []
    desk.pass_time()
    assert told(store, one) == []
    clock.advance(HOUR / 2)
    desk.pass_time()
    desk.pass_time()
    assert told(store, one) == ["reminder"]
    assert [(entry.action, entry.detail.get("task"), entry.note) for entry in case_of(store, one).timeline[1:]] == [
        ("add_task", 1, "call Jane Doe"),
        ("add_task", 2, "pull the badge log"),
        ("finish_task", 1, ""),
        ("task_overdue", 2, ""),
    ]


def test_links_are_noted_in_both_and_told(store: Store, clock: Clock) -> None:
    desk = a_desk(store, clock, policy=TO_SLACK)
    one, other = two_cases(desk)
    desk.handle(LinkIncidents(incident_id=one, actor="ana", other=other, relation="caused_by"))
    assert (told(store, one), told(store, other)) == (["linked"], ["linked"])
    assert case_of(store, one).timeline[-1].detail == {"other": other, "relation": "caused_by"}
    assert case_of(store, other).timeline[-1].detail == {"other": one, "relation": "cause_of"}
    with store.reading() as connection:
        (seen,), (from_there,) = links_of(connection, one), links_of(connection, other)
    assert (seen.other, seen.relation, from_there.other, from_there.relation) == (other, "caused_by", one, "cause_of")
    desk.handle(LinkIncidents(incident_id=other, actor="ana", other=one, relation="duplicate"))
    with store.reading() as connection:
        assert [(link.other, link.relation) for link in links_of(connection, one)] == [(other, "duplicate")]
    desk.handle(UnlinkIncidents(incident_id=one, actor="ana", other=other))
    with store.reading() as connection:
        assert links_of(connection, other) == []
    assert case_of(store, other).timeline[-1].action == "unlink"


@pytest.mark.parametrize(
    ("other", "relation", "says"),
    [
        ("INC-T0000001", "related", "an incident is linked to another"),
        ("INC-T0000002", "repeat", "as related, duplicate, caused_by"),
        ("INC-NONE", "related", "there is no incident INC-NONE"),
    ],
)
def test_links_that_may_not_be(store: Store, clock: Clock, other: str, relation: str, says: str) -> None:
    desk = a_desk(store, clock)
    two_cases(desk)
    with pytest.raises(Refused, match=says):
        desk.handle(LinkIncidents(incident_id="INC-T0000001", actor="ana", other=other, relation=relation))  # type: ignore[arg-type]  # some may not be


@pytest.mark.parametrize("other", ["INC-T0000001", "INC-T0000002"])
def test_what_is_not_linked_cannot_be_taken_apart(store: Store, clock: Clock, other: str) -> None:
    desk = a_desk(store, clock)
    two_cases(desk)
    with pytest.raises(Refused):
        desk.handle(UnlinkIncidents(incident_id="INC-T0000001", actor="ana", other=other))
