"""The archive holds each access once, finds merged records, and forgets only what it is told to."""

from collections.abc import Iterator
from typing import Any

import pytest
from msgspec import structs

from alerting.archive import Access, Archive, Gap, Merge, create_archive
from alerting.archive.schema import ARCHIVE_METADATA
from alerting.store import open_engine
from tests.alerting.building import DAY, MONDAY


@pytest.fixture
def archive(database_url: str) -> Iterator[Archive]:
    """An empty archive on each of the two databases."""
    engine = open_engine(database_url)
    ARCHIVE_METADATA.drop_all(engine)
    create_archive(engine)
    create_archive(engine)
    yield Archive(engine)
    engine.dispose()


def an_access(event_id: str = "e1", patient: str = "p1:jane", **fields: Any) -> Access:
    usual: dict[str, Any] = {
        "event_id": event_id,
        "patient": patient,
        "actor": "u1:clerk",
        "actor_type": "human",
        "at": MONDAY,
        "action": "read",
        "department": "ICU",
    }
    return Access(**(usual | fields))


def held(archive: Archive, *patients: str) -> list[Access]:
    return archive.accesses(patients, 0.0, 1e12, limit=100)


def test_an_access_is_held_once_however_often_it_comes(archive: Archive) -> None:
    first, second = an_access("e1"), an_access("e2", at=MONDAY - DAY)
    archive.add([first, second, first])
    archive.add([first])
    archive.add([])
    assert held(archive, "p1:jane") == [second, first]
    # One event may concern two patients.
    archive.add([an_access("e1", "p1:joe")])
    assert [one.patient for one in held(archive, "p1:joe")] == ["p1:joe"]
    assert archive.extent() == type(archive.extent())(3, MONDAY - DAY, MONDAY)


@pytest.mark.parametrize("order", [(None, True), (True, None), (None, True, None, False)])
def test_what_explains_an_access_is_learned_once(archive: Archive, order: tuple[bool | None, ...]) -> None:
    for explained in order:
        archive.add([an_access(explained=explained)])
    assert [one.explained for one in held(archive, "p1:jane")] == [True]
    archive.add([an_access("e2", explained=explained) for explained in order[:2]])
    assert held(archive, "p1:jane")[1].explained is True


def test_a_period_is_from_its_start_to_before_its_end(archive: Archive) -> None:
    archive.add([an_access(f"e{n}", at=MONDAY + n) for n in range(4)])
    found = archive.accesses(["p1:jane"], MONDAY + 1, MONDAY + 3, limit=100)
    assert [one.event_id for one in found] == ["e1", "e2"]
    assert len(archive.accesses(["p1:jane"], MONDAY, MONDAY + 4, limit=3)) == 3


def test_merged_records_are_one_patient(archive: Archive) -> None:
    merge = Merge(patient="p1:a", into="p1:b", at=MONDAY)
    archive.add([], [merge, Merge(patient="p1:b", into="p1:c", at=MONDAY), Merge(patient="p1:x", into="p1:y", at=0.0)])
    assert archive.numbers_of(["p1:a"]) == archive.numbers_of(["p1:c"]) == ["p1:a", "p1:b", "p1:c"]
    archive.add([], [structs.replace(merge, into="p1:z", at=MONDAY - 1)])  # older news
    assert archive.numbers_of(["p1:a"]) == ["p1:a", "p1:b", "p1:c"]
    archive.add([], [structs.replace(merge, into="", at=MONDAY + 1)])  # taken back
    assert archive.numbers_of(["p1:a"]) == ["p1:a"]
    assert archive.numbers_of(["p1:c"]) == ["p1:b", "p1:c"]


def test_gaps_are_written_down_once(archive: Archive) -> None:
    gap = Gap(topic="stage.patient", partition=1, first_offset=7, records=5, seen_at=MONDAY)
    archive.note_gap(gap)
    archive.note_gap(structs.replace(gap, seen_at=MONDAY + 1))
    assert archive.gaps() == [gap]


def test_what_is_old_is_deleted_but_for_what_is_kept(archive: Archive) -> None:
    archive.add([an_access("old", at=MONDAY - DAY), an_access("old", "p1:held", at=MONDAY - DAY), an_access("new")])
    assert archive.deleted_before() is None
    assert (archive.count_before(MONDAY), archive.count_before(MONDAY, ["p1:held"])) == (2, 1)
    assert archive.count_before(MONDAY, ["u1:clerk"]) == 0
    assert archive.delete_before(MONDAY, ["p1:held"], now=MONDAY) == 1
    assert archive.deleted_before() == MONDAY
    assert [(one.patient, one.event_id) for one in held(archive, "p1:jane", "p1:held")] == [
        ("p1:held", "old"),
        ("p1:jane", "new"),
    ]


def test_nothing_is_shown_by_accident() -> None:
    assert repr(an_access()) == "<Access read>"
    assert repr(Merge(patient="p1:a", into="p1:b", at=0.0)) == "<Merge>"
