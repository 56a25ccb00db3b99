"""Precision at the budget and critical incidents, on cases small enough to work out by hand."""

import pytest
from msgspec import structs

from monitor.evaluation import evaluate_run
from monitor.evaluation.ranking import Ranking
from monitor.evaluation.report import RankedPrecision
from tests.monitor.evaluation.test_evaluate import DAY, finding, label, row


def test_of_the_budgets_number_of_events_with_the_highest_risks_the_labelled_share_counts() -> None:
    """Budget 2, two days. By risk over both days a, b, x, c, and y: 3 of the first 4 are labelled.

    Day by day a, b of the first are labelled, but neither x nor y of the second: it has one labelled event, d, which
    comes third. So 1/2 is the mean of the days, of (2/2 + 1/2) / 2 that could be reached.
    """
    scores = [
        row("a", 0, 90), row("b", 1, 80), row("c", 2, 70),
        row("x", DAY, 75), row("y", DAY + 1, 60), row("d", DAY + 2, 10),
    ]  # fmt: skip
    labels = [label(name) for name in "abcd"]
    report = evaluate_run([], scores, labels, budget=2)
    assert report.ranked == RankedPrecision(pooled=3 / 4, daily=1 / 2, attainable=3 / 4)
    assert evaluate_run([], scores, labels).ranked is None
    low, high = report.intervals["ranked_daily"].low, report.intervals["ranked_daily"].high
    assert (low, high) == (0.0, 1.0), "either day alone is drawn in one of four samples"


def test_of_equal_risks_the_expected_share_counts() -> None:
    """Three events of one risk, one of them labelled, compete for the second place: 1 + 1/3 of 2."""
    scores = [row("a", 0, 90), row("b", 1, 50), row("x", 2, 50), row("y", 3, 50)]
    ranking = Ranking.of(scores, {"a", "b"})
    assert ranking.precision_at(2) == pytest.approx((1 + 1 / 3) / 2)
    assert ranking.precision_by_day(2) == pytest.approx([(1 + 1 / 3) / 2])


def test_a_budget_beyond_all_events_takes_them_all() -> None:
    ranking = Ranking.of([row("a", 0, 90), row("x", 1, 0)], {"a"})
    assert ranking.precision_at(30) == 1 / 2
    assert ranking.precision_by_day(30) == pytest.approx([1 / 2])
    assert ranking.attainable_by_day(30) == pytest.approx([1 / 2])
    assert Ranking.of([], {"a"}).precision_at(30) is None


def test_a_critical_incident_is_prompt_within_five_minutes_of_its_first_event() -> None:
    """A09-001 alerts after 301 s and is critical; A09-002 at once, also; A09-003 alerts late, but is not critical."""
    scores = [row(name, 1000.0 * place) for place, name in enumerate("abcdef")]
    labels = [label("a"), label("b"), label("c", "A09-002"), label("d", "A09-002"), label("e", "A09-003")]
    findings = [
        structs.replace(finding("b", 301.0), severity="critical"),
        structs.replace(finding("c", 2000.0), severity="critical"),
        finding("e", 4000.0 + 900.0),
    ]
    scores[1] = row("b", 301.0)
    (scenario,) = evaluate_run(findings, scores, labels).scenarios
    assert (scenario.critical, scenario.critical_prompt, scenario.critical_delay) == (2, 1, 301.0)


@pytest.mark.parametrize(("alerted", "delay", "prompt"), [(2_000.0, 200.0, 1), (2_101.0, 301.0, 0), (60.0, 0.0, 1)])
def test_what_is_complete_with_a_later_event_is_prompt_by_that_one(alerted: float, delay: float, prompt: int) -> None:
    """The change (b) comes 1,800 s after the reset (a); before it nobody can know what it will be."""
    scores = [row("a", 0), row("b", 1_800.0), row("c", 9_000.0)]
    labels = [label("a"), structs.replace(label("b"), completes=True), structs.replace(label("c"), completes=True)]
    critical = structs.replace(finding("b", alerted), severity="critical")
    (scenario,) = evaluate_run([critical], scores, labels).scenarios
    assert (scenario.critical, scenario.critical_prompt, scenario.critical_delay) == (1, prompt, delay)
    assert scenario.delay_median == alerted, "the delay itself is that from the first event"


def test_what_another_pattern_says_of_a_party_makes_no_incident_critical_nor_prompt() -> None:
    """A09-001 (a, b): A23 is critical about its user at once, its own critical alert comes 400 s in."""
    scores, labels = [row("a", 0), row("b", 400.0)], [label("a"), label("b")]
    foreign = structs.replace(finding("ordinary", 10.0), detector="A23", severity="critical")
    own = structs.replace(finding("b", 400.0), severity="critical")
    (scenario,) = evaluate_run([foreign], scores, labels).scenarios
    assert (scenario.found, scenario.critical) == (1, 0)
    (scenario,) = evaluate_run([foreign, own], scores, labels).scenarios
    assert (scenario.critical, scenario.critical_prompt, scenario.critical_delay) == (1, 0, 400.0)
    assert scenario.delay_median == 10.0, "the delay is that to any alert that speaks of it"
