"""What rests on accesses being unexplained says so, is information where context is missing, and falls with it."""

import inspect
import re

import pytest

from detectors.events import AppointmentContext, TaskContext
from detectors.patterns import DETECTORS
from detectors.retraction import EXPLAINED
from detectors.sigma import shipped_rules
from tests.detectors.looks import BEGIN, DAY, keep_fresh, look
from tests.detectors.test_coverage import SMALL, morning
from tests.detectors.watch import RULES, Watch, access, at

SAY_UNEXPLAINED = frozenset(
    {"rel.explained", "rel.direct", "rel.unexplained_days", "user.unexplained_24h", "user.lookups_unexplained_30m"}
)
"""Notes that speak against somebody where no reason is known."""

ONLY_IN_PART = {
    "Q01": "it is about the share of the explained itself",
    "A14": "the return of an account rests on nothing; what is graver asks for doubts itself, and has a ground",
}
"""Detectors that read such a note and do not rest on it as a whole, and why."""


@pytest.mark.parametrize("rule", sorted(rule.name for rule in RULES.rules))
def test_a_rule_that_reads_explanations_declares_that_it_rests_on_them(rule: str) -> None:
    (header,) = [one.header for one in RULES.rules if one.name == rule]
    text = (shipped_rules() / f"{rule}.yml").read_text(encoding="utf-8")
    asked = text.partition("\ndetection:")[2].partition("\nfalsepositives:")[0]
    if any(re.search(rf"\b{re.escape(note)}\b", asked) for note in SAY_UNEXPLAINED):
        assert EXPLAINED in header.wardwatch.needs


@pytest.mark.parametrize("name", sorted(DETECTORS))
def test_a_detector_that_reads_explanations_declares_that_it_rests_on_them(name: str) -> None:
    pattern, detect = DETECTORS[name]
    source = inspect.getsource(inspect.getmodule(detect) or detect).partition("def detect(")[2]
    if any(f'"{note}"' in source for note in SAY_UNEXPLAINED):
        assert EXPLAINED in pattern.needs or name in ONLY_IN_PART


def severities(watch: Watch, detector: str) -> list[str]:
    return [found.severity for found in watch.findings if found.detector == detector and found.kind == "rule"]


def withdrawn(watch: Watch, detector: str) -> list[str]:
    """Return the severities of what one pattern said and took back."""
    gone = {retraction.finding_id for retraction in watch.retractions}
    return [found.severity for found in watch.findings if found.detector == detector and found.id in gone]


def test_a19_is_information_where_context_seems_to_be_missing() -> None:
    watch = Watch(thresholds=SMALL)
    morning(watch, 10, 30)
    for number in range(35):
        watch.see(look("nosy", f"N{number}", BEGIN + 4 + number / 100, dept="ED"))
    assert severities(watch, "A19") == ["info"]


def lookups(watch: Watch, first: int, last: int) -> None:
    """Let a clerk open so many charts, forty seconds apart."""
    for number in range(first, last):
        watch.see(access("U1", f"P{number}", 9 + number / 90, job="clerk"))


def explain(watch: Watch, *patients: int) -> None:
    """Let tasks be heard of hours later."""
    for number in patients:
        task = TaskContext(patient_ref=f"P{number}", user_ref="U1", queue="coding", opened_at=at(8))
        watch.see(task, known=at(12))


def test_a19_falls_when_tasks_leave_too_few_without_a_reason_and_may_come_again() -> None:
    watch = Watch()
    keep_fresh(watch, 8)
    lookups(watch, 0, 32)
    assert severities(watch, "A19") == ["high"]
    explain(watch, 0, 1, 2)
    assert withdrawn(watch, "A19") == [], "29 of 32 are nine in ten"
    explain(watch, 3)
    assert withdrawn(watch, "A19") == ["high"], "28 of 32 are not"
    lookups(watch, 32, 38)
    # Of the 38 of this half hour 34 have no reason, just short of nine in ten (34.2); of 40 they are 36.
    assert severities(watch, "A19") == ["high"]
    lookups(watch, 38, 40)
    assert severities(watch, "A19") == ["high", "high"]


def returned(watch: Watch) -> None:
    """Let an account come back after months, by a login."""
    watch.see(access("U1", None, 1, action="login"), access("U1", None, 91 * DAY + 2, action="login"))
    keep_fresh(watch, 91 * DAY)


def test_a14_the_chart_after_the_return_is_explained_late_and_the_return_stays() -> None:
    watch = Watch()
    returned(watch)
    watch.see(access("U1", "P1", 91 * DAY + 3))
    watch.see(AppointmentContext(patient_ref="P1", user_ref="U1", start=at(91 * DAY + 5)), known=at(91 * DAY + 4))
    assert severities(watch, "A14") == ["medium", "high"]
    assert withdrawn(watch, "A14") == ["high"]
    watch.see(access("U1", "P2", 91 * DAY + 5))
    assert severities(watch, "A14") == ["medium", "high", "high"], "another chart, said anew"


def test_a14_doubtful_charts_make_it_no_graver() -> None:
    watch = Watch(thresholds=SMALL)
    returned(watch)
    morning(watch, 10, 30, hours=91 * DAY + 2.5)
    watch.see(look("U1", "N1", 91 * DAY + 6, dept="ED"))
    assert severities(watch, "A14") == ["medium"]
