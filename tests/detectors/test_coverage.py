"""The coverage guard: where too few accesses can be explained, the feed is doubted, not the staff (domain.md §3.2)."""

import pytest

from detectors.events import TaskContext
from detectors.finding import Entity
from detectors.thresholds import Thresholds
from detectors.thresholds_relations import RelationThresholds
from tests.detectors.looks import BEGIN, DAY, keep_fresh, look, said, standing
from tests.detectors.watch import Watch, at

SMALL = Thresholds(relations=RelationThresholds(coverage_least=20, coverage_per_user=3))
"""Twenty accesses are enough here, three a user."""


def morning(watch: Watch, explained: int, unexplained: int, *, dept: str = "ED", hours: float = BEGIN) -> None:
    """Let users open charts for the first time, a minute apart: first those with a task, then those without."""
    keep_fresh(watch, hours)
    for number in range(explained + unexplained):
        patient, when = f"{dept}{hours}-{number}", hours + number / 60
        if number < explained:
            watch.see(TaskContext(patient_ref=patient, pool=dept, opened_at=at(hours)), known=at(hours))
        watch.see(look(f"{dept}-user-{number // 3}", patient, when, dept=dept))


def afternoon(watch: Watch, dept: str = "ED", hours: float = BEGIN + 3) -> list[str]:
    """Return how gravely one more unexplained access is taken."""
    return [
        found.severity for found in watch.see(look("late", f"{dept}-P", hours, dept=dept)) if found.detector == "A01"
    ]


def quality(watch: Watch) -> list[tuple[str, str]]:
    return [(found.detector, found.entity.ref) for found in watch.findings if found.queue == "data_quality"]


def test_an_ordinary_day_changes_nothing() -> None:
    watch = Watch(thresholds=SMALL)
    morning(watch, 24, 6)
    assert afternoon(watch) == ["low"]
    assert quality(watch) == []


def test_below_four_in_five_accusations_become_information() -> None:
    watch = Watch(thresholds=SMALL)
    morning(watch, 23, 7)
    assert afternoon(watch) == ["info"]
    found = [found for found in watch.findings if found.severity == "info" and found.detector == "A01"][-1]
    assert found.reasons[0].endswith(
        "Kept as information: only 77% of 30 accesses in ED could be explained in the last 24 hours, so context seems "
        "to be missing."
    )
    assert found.features == {"suppressed": 1.0}


def test_the_data_team_is_told_once_a_day_of_all_and_of_each_department() -> None:
    watch = Watch(thresholds=SMALL)
    morning(watch, 23, 9)
    for number in range(5):
        watch.see(look("late", f"L{number}", BEGIN + 3 + number / 60, dept="ED"))
    assert quality(watch) == [("Q01", "all departments"), ("Q01", "ED")]
    told = next(found for found in watch.findings if found.detector == "Q01" and found.entity.ref == "ED")
    assert told.entity == Entity("source", "ED")
    assert told.entities == [Entity("source", "ED")]
    assert told.severity == "medium"
    assert "Only 7" in told.reasons[0]
    assert "accesses in ED could be explained in the last 24 hours" in told.reasons[0]
    morning(watch, 23, 9, hours=BEGIN + DAY)
    assert quality(watch) == 2 * [("Q01", "all departments"), ("Q01", "ED")]


def test_one_department_does_not_discredit_another() -> None:
    watch = Watch(thresholds=SMALL)
    morning(watch, 60, 0, dept="Oncology")
    morning(watch, 15, 9, dept="ED", hours=BEGIN + 1.1)
    assert afternoon(watch, "ED") == ["info"]
    assert afternoon(watch, "Oncology") == ["low"]
    assert quality(watch) == [("Q01", "ED")]


def test_nobody_can_hide_behind_the_guard_by_opening_many_charts() -> None:
    watch = Watch(thresholds=SMALL)
    morning(watch, 24, 0)
    for number in range(60):
        watch.see(look("curious", f"C{number}", BEGIN + 1 + number / 100, dept="ED"))
    assert afternoon(watch) == ["low"]
    assert quality(watch) == []


def test_a_day_later_it_is_over() -> None:
    watch = Watch(thresholds=SMALL)
    morning(watch, 23, 9)
    keep_fresh(watch, BEGIN + 2 * DAY)
    assert afternoon(watch, hours=BEGIN + 2 * DAY) == ["low"]


def test_what_is_explained_late_counts_as_explained() -> None:
    watch = Watch(thresholds=SMALL)
    morning(watch, 23, 7)
    for number in range(23, 30):
        task = TaskContext(patient_ref=f"ED{BEGIN}-{number}", pool="ED", opened_at=at(BEGIN))
        watch.see(task, known=at(BEGIN + 1))
    watch.see(look("somebody", "P7", BEGIN + 2, dept="Oncology"))
    assert afternoon(watch) == ["low"]
    assert standing(watch, "A01") == 2


def test_other_patterns_are_not_suppressed() -> None:
    watch = Watch(thresholds=SMALL)
    morning(watch, 23, 9)
    watch.see(look("U1", None, BEGIN + 3, dept="ED", action="audit_tamper"))
    assert said(watch, "A27") == [("U1", "critical")]


@pytest.mark.parametrize(("n", "expected"), [(19, []), (24, [("Q02", "all departments")])])
def test_stale_context_is_said_once_instead_of_silence(n: int, expected: list[tuple[str, str]]) -> None:
    watch = Watch(thresholds=SMALL)
    for number in range(n):
        watch.see(look(f"user-{number // 3}", f"P{number}", BEGIN + number / 20, dept="ED"))
    assert quality(watch) == expected
    assert said(watch, "A01") == []
