"""The figures of an evaluation, on cases small enough to work out by hand."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from detectors.finding import Entity, Finding
from monitor.evaluation import Label, Report, ScoreRow, evaluate_run
from monitor.evaluation.report import DecoyReport, Interval

DAY = 86_400.0
MIDNIGHT = 20_000 * DAY
USER, OTHER, PATIENT = Entity("user", "u_1"), Entity("user", "u_2"), Entity("patient", "p_1")


def row(event_id: str, at: float, risk: float = 0.0, *, entity: Entity = USER, alert: bool = False) -> ScoreRow:
    return ScoreRow(event_id=event_id, time=MIDNIGHT + at, entity=(entity.type, entity.ref), risk=risk, alert=alert)


def finding(event_id: str, at: float, *, entity: Entity = USER, alert: bool = True) -> Finding:
    return Finding(
        id=f"f-{event_id}-{at}",
        event_id=event_id,
        at=MIDNIGHT + at,
        kind="rule",
        detector="A09",
        version=1,
        severity="high",
        risk=70.0,
        entity=entity,
        alert=alert,
    )


def label(event_id: str, incident: str = "A09-001") -> Label:
    return Label(event_id=event_id, scenario=incident[:3], incident=incident)


def test_figures_of_a_run_worked_out_by_hand() -> None:
    """Two incidents of one scenario, one of another; five alerts on two days.

    A09-001 (events a, b, c) alerts on b, 60 s in, and on c; A09-002 (d) alerts on d itself; B01-001 (e) not at all.
    x and y alert without reason. So 2 of 3 incidents, 3 of 5 alerts, 2.5 alerts a day. By falling risk the events are
    x 90, b 80, c 70, d and y 60, e 5, a and z 0: of those down to each risk 0/1, 1/2, 2/3, 3/5, 4/6 and 5/8 are
    labelled, and recall grows by a fifth at each step but the first.
    """
    scores = [
        row("a", 0),
        row("b", 60, 80),
        row("c", 120, 70, alert=True),
        row("d", DAY, 60, entity=OTHER, alert=True),
        row("e", DAY + 5, 5, entity=Entity("provider", "n_1")),
        row("x", 30, 90, entity=OTHER, alert=True),
        row("y", DAY + 900, 60, entity=Entity("user", "u_3"), alert=True),
        row("z", DAY + 990, 0, entity=Entity("user", "u_3")),
    ]
    findings = [finding("b", 60), finding("z", DAY + 990, entity=Entity("user", "u_3"), alert=False)]
    labels = [label("a"), label("b"), label("c"), label("d", "A09-002"), label("e", "B01-001")]
    report = evaluate_run(findings, scores, labels)
    assert (report.incidents, report.found) == (3, 2)
    assert report.recall == pytest.approx(2 / 3)
    assert (report.alerts, report.true_alerts) == (5, 3)
    assert report.precision == pytest.approx(3 / 5)
    assert (report.days, report.alerts_per_day) == (2, 2.5)
    assert report.base_rate == pytest.approx(5 / 8)
    assert report.average_precision == pytest.approx((1 / 2 + 2 / 3 + 3 / 5 + 4 / 6 + 5 / 8) / 5)
    mass, duplicates = report.scenarios
    assert (mass.scenario, mass.incidents, mass.found, mass.recall) == ("A09", 2, 2, 1.0)
    assert (mass.events, mass.alerted) == (4, 3)
    assert (mass.delay_median, mass.delay_longest) == (30.0, 60.0)
    assert (duplicates.scenario, duplicates.incidents, duplicates.found, duplicates.recall) == ("B01", 1, 0, 0.0)
    assert duplicates.delay_median is None
    assert duplicates.delay_longest is None


def test_alert_on_a_party_within_the_window_finds_the_incident() -> None:
    scores = [row("a", 100), row("b", 200), row("ordinary", 150)]
    report = evaluate_run([finding("ordinary", 150)], scores, [label("a"), label("b")])
    assert report.found == 1
    assert report.scenarios[0].delay_median == 50.0
    assert (report.alerts, report.true_alerts) == (1, 1)
    assert report.scenarios[0].alerted == 0


@pytest.mark.parametrize(("at", "found"), [(99.0, 0), (100.0, 1), (3800.0, 1), (3801.0, 0)])
def test_the_window_runs_from_the_first_event_to_an_hour_after_the_last(at: float, found: int) -> None:
    report = evaluate_run([finding("ordinary", at)], [row("a", 100), row("b", 200)], [label("a"), label("b")])
    assert report.found == found
    assert report.precision == float(found)


PROVIDER = Entity("provider", "n_1")


@pytest.mark.parametrize(
    ("detector", "days", "found"),
    [("B08", 90, 1), ("B08", 91, 0), ("B12", 1, 0), ("A09", 1, 0)],
)
def test_what_adds_up_a_providers_claims_speaks_of_those_that_it_adds_up(detector: str, days: int, found: int) -> None:
    """B08 looks back 90 days; another pattern may have its own reasons a day later."""
    scores = [row("a", 0, entity=PROVIDER), row("z", days * DAY, entity=PROVIDER)]
    later = structs.replace(finding("z", days * DAY, entity=PROVIDER), detector=detector)
    assert evaluate_run([later], scores, [label("a", "B08-001")]).found == found


def strict_recall(findings: list[Finding], scores: list[ScoreRow], labels: list[Label]) -> tuple[int, int]:
    """How many incidents were found, and how many strictly."""
    report = evaluate_run(findings, scores, labels)
    assert report.found == sum(one.found for one in report.scenarios)
    assert report.found_strictly == sum(one.found_strictly for one in report.scenarios)
    return report.found, report.found_strictly


@pytest.mark.parametrize(
    ("on", "at", "detector", "strictly"),
    [
        ("a", 100.0, "A23", 1),
        ("ordinary", 150.0, "A23", 0),
        ("ordinary", 150.0, "A09", 1),
        ("ordinary", 150.0, "A09b", 1),
        ("ordinary", 3_800.0, "A09", 1),
        ("ordinary", 150.0, "R01", 0),
    ],
    ids=["own_event", "another_pattern", "own_pattern", "part_of_own_pattern", "in_the_hour_after", "a_model"],
)
def test_an_incident_is_found_strictly_by_its_own_events_or_pattern(
    on: str, at: float, detector: str, strictly: int
) -> None:
    """The user is the one party of A09-001, so that any alert about them within the window finds it."""
    said = structs.replace(finding(on, at), detector=detector)
    scores = [row("a", 100), row("b", 200)]
    assert strict_recall([said], scores, [label("a"), label("b")]) == (1, strictly)


def test_its_own_pattern_after_the_window_or_about_another_finds_nothing() -> None:
    scores, labels = [row("a", 100), row("b", 200)], [label("a"), label("b")]
    assert strict_recall([finding("ordinary", 3_801.0)], scores, labels) == (0, 0)
    assert strict_recall([finding("ordinary", 150.0, entity=OTHER)], scores, labels) == (0, 0)


def test_a_scenario_that_is_itself_a_part_of_a_pattern_has_that_part_for_its_own() -> None:
    labels = [Label("a", "A13b", "A13b-001"), Label("b", "A13b", "A13b-001")]
    scores = [row("a", 100), row("b", 200)]
    own, other = (structs.replace(finding("ordinary", 150.0), detector=detector) for detector in ("A13b", "A13"))
    assert strict_recall([own], scores, labels) == (1, 1)
    assert strict_recall([other], scores, labels) == (1, 0)


def test_strict_recall_of_two_incidents_of_one_user_worked_out_by_hand() -> None:
    """A23-001 (b) happens within A09-001 (a, c), of one user; only b alerts: both are found, one of them strictly."""
    scores = [row("a", 0), row("b", 10, alert=True), row("c", 20)]
    labels = [label("a"), label("c"), label("b", "A23-001")]
    report = evaluate_run([structs.replace(finding("b", 10), detector="A23")], scores, labels)
    assert (report.recall, report.recall_strict) == (1.0, 0.5)
    assert [one.recall_strict for one in report.scenarios] == [0.0, 1.0]
    assert report.intervals["recall_strict"] == Interval(0.0, 1.0), "either incident alone is drawn in one of four"
    assert report.intervals["recall"] == Interval(1.0, 1.0)


def test_an_event_that_alerts_by_its_score_alone_finds_its_incident_strictly() -> None:
    assert strict_recall([], [row("a", 0, alert=True)], [label("a")]) == (1, 1)


def test_whom_few_events_end_at_is_no_party() -> None:
    scores = [row("a", 0), row("b", 10), row("c", 20, entity=OTHER)]
    labels = [label("a"), label("b"), label("c")]
    assert evaluate_run([finding("x", 5, entity=OTHER)], scores, labels).found == 0
    assert evaluate_run([finding("x", 5, entity=PATIENT)], scores, labels).found == 0
    assert evaluate_run([finding("x", 5, entity=USER)], scores, labels).found == 1


def test_finding_without_an_alert_finds_nothing() -> None:
    report = evaluate_run([finding("a", 0, alert=False)], [row("a", 0)], [label("a")])
    assert (report.found, report.alerts, report.precision) == (0, 0, None)


def test_every_alerted_finding_is_an_alert_and_an_event_that_alerts_by_its_score_alone_is_one() -> None:
    scores = [row("a", 0, alert=True), row("b", 1, alert=True)]
    findings = [finding("a", 0), finding("a", 0, entity=PATIENT)]
    report = evaluate_run(findings, scores, [label("a")])
    assert (report.alerts, report.true_alerts, report.precision) == (3, 2, 2 / 3)
    assert report.scenarios[0].alerted == 1


def test_event_of_two_incidents_counts_for_both() -> None:
    report = evaluate_run([], [row("a", 0, alert=True)], [label("a"), label("a", "B22-001")])
    assert (report.incidents, report.found, report.labelled, report.true_alerts) == (2, 2, 1, 1)


def test_labelled_events_without_a_score_are_told() -> None:
    report = evaluate_run([], [row("a", 0, 10), row("z", 1, 5)], [label("a"), label("b"), label("c", "B01-001")])
    assert (report.labelled, report.unscored, report.found) == (1, 2, 0)
    assert report.scenarios[0].events == 2
    assert report.average_precision == 1.0
    assert report.base_rate == 0.5


def test_alert_on_a_labelled_event_without_a_score_finds_its_incident() -> None:
    report = evaluate_run([finding("b", 90), finding("a", 60)], [row("z", 0)], [label("a"), label("b")])
    assert (report.found, report.scenarios[0].delay_median) == (1, 0.0)


def test_of_two_rows_for_an_event_the_later_counts() -> None:
    report = evaluate_run([], [row("a", 0, 10), row("z", 0, 50), row("a", 0, 90)], [label("a")])
    assert (report.events, report.average_precision) == (2, 1.0)


def test_nothing_at_all() -> None:
    report = evaluate_run([], [], [])
    assert report == Report(
        scenarios=[],
        incidents=0,
        found=0,
        recall=None,
        precision=None,
        case_precision=None,
        average_precision=None,
        base_rate=None,
        events=0,
        labelled=0,
        unscored=0,
        alerts=0,
        true_alerts=0,
        cases=0,
        days=0,
        alerts_per_day=None,
    )


def test_alerts_a_day_count_calendar_days_with_events() -> None:
    scores = [row(f"{at}", at, alert=True) for at in (0, DAY - 1, DAY, 5 * DAY)]
    report = evaluate_run([], scores, [])
    assert report.days == 3
    assert report.alerts_per_day == pytest.approx(4 / 3)


@given(st.lists(st.tuples(st.integers(0, 6), st.booleans()), min_size=1, max_size=40))
def test_average_precision_is_the_sum_over_thresholds(cases: list[tuple[int, bool]]) -> None:
    """Exact: the sum over risks of recall gained times precision, ties together."""
    scores = [row(str(number), number, risk) for number, (risk, _) in enumerate(cases)]
    labels = [label(str(number)) for number, (_, labelled) in enumerate(cases) if labelled]
    report = evaluate_run([], scores, labels)
    if not labels:
        assert report.average_precision is None
        return
    expected, recall = 0.0, 0.0
    for threshold in sorted({risk for risk, _ in cases}, reverse=True):
        above = [labelled for risk, labelled in cases if risk >= threshold]
        expected += (sum(above) / len(labels) - recall) * sum(above) / len(above)
        recall = sum(above) / len(labels)
    assert report.average_precision is not None
    assert math.isclose(report.average_precision, expected, abs_tol=1e-12)


@given(st.permutations(range(6)))
def test_order_of_rows_and_labels_does_not_matter(order: list[int]) -> None:
    scores = [row(str(number), number * 100, number * 10, alert=number in (2, 5)) for number in range(6)]
    labels = [label("1"), label("2"), label("3", "B01-001")]
    expected = evaluate_run([], scores, labels)
    assert evaluate_run([], [scores[place] for place in order], labels[::-1]) == expected


def in_case(event_id: str, at: float, case: str, *, alert: bool = True, entity: Entity = OTHER) -> Finding:
    return structs.replace(finding(event_id, at, entity=entity, alert=alert), incident_id=case)


def test_every_alert_of_a_case_that_holds_what_was_injected_is_true() -> None:
    """Case A alerts on x, and holds the labelled a without an alert; case B has nothing to do with it."""
    scores = [row("a", 0), row("x", 10, entity=OTHER), row("y", 20, entity=OTHER)]
    findings = [
        in_case("x", 10, "A"),
        in_case("a", 0, "A", alert=False),
        in_case("y", 20, "B"),
        in_case("y2", 9_000, "B"),
    ]
    report = evaluate_run(findings, scores, [label("a")])
    assert (report.alerts, report.true_alerts) == (3, 1)
    assert (report.cases, report.case_precision) == (2, 0.5)
    assert report.found == 0  # nobody was told of it by an alert that speaks of it


def test_alerts_by_day_and_the_days_that_meet_the_budget() -> None:
    """Budget 10: nine, eleven and ten alerts meet it, eight and twelve do not."""
    counts = (9, 11, 10, 8, 12)
    scores = [row(f"{day}-{n}", day * DAY + n, alert=True) for day, count in enumerate(counts) for n in range(count)]
    report = evaluate_run([], scores, [label("0-0")], budget=10)
    assert [day.alerts for day in report.per_day] == list(counts)
    assert [day.true_alerts for day in report.per_day] == [1, 0, 0, 0, 0]
    assert report.per_day[1].day == "2024-10-05"
    assert report.days_within_budget == 3


def test_decoys_that_alert_are_named_with_the_gravest_of_them() -> None:
    findings = [
        finding("a", 0),
        structs.replace(finding("a", 1), severity="low", detector="B22"),
        finding("b", 2, alert=False),
    ]
    decoys = {"a": "vip_surgery", "b": "vip_surgery", "c": "ed_surge", "unscored": "ed_surge"}
    report = evaluate_run(findings, [row("a", 0), row("b", 1), row("c", 2)], [], decoys=decoys)
    assert report.decoys == [
        DecoyReport("ed_surge", 1, 0, None, []),
        DecoyReport("vip_surgery", 2, 1, "high", ["A09", "B22"]),
    ]


def test_what_speaks_of_an_incident_is_no_mistake_about_a_decoy() -> None:
    """The incident's one party is the user; its second finding is made on an event of a decoy."""
    findings = [finding("a", 0), finding("b", 1), finding("b", 2, entity=Entity("user", "u1:other"))]
    scores = [row("a", 0), row("b", 1)]
    report = evaluate_run(findings[:2], scores, [label("a")], decoys={"b": "fee_schedule"})
    assert report.decoys == [DecoyReport("fee_schedule", 1, 0, None, [])]
    report = evaluate_run(findings, scores, [label("a")], decoys={"b": "fee_schedule"})
    assert report.decoys == [DecoyReport("fee_schedule", 1, 1, "high", ["A09"])]


def test_intervals_hold_the_figures_and_are_the_same_again() -> None:
    """Recall 30 of 40: the binomial's 2.5 % and 97.5 % points are 24 and 35 of 40."""
    scores = [row(f"i{n}", n % 10 * DAY + n, 50 + n % 3, alert=n < 30) for n in range(40)]
    labels = [label(f"i{n}", f"A09-{n}") for n in range(40)]
    report = evaluate_run([], scores, labels)
    assert report.intervals["recall"].low == pytest.approx(24 / 40, abs=0.026)
    assert report.intervals["recall"].high == pytest.approx(35 / 40, abs=0.026)
    assert report.intervals["precision"] == Interval(1.0, 1.0)
    assert report.intervals["alerts_per_day"].low <= 3.0 <= report.intervals["alerts_per_day"].high
    assert report.intervals == evaluate_run([], scores, labels).intervals


def test_one_incident_on_one_day_has_no_interval() -> None:
    assert evaluate_run([], [row("a", 0, alert=True)], [label("a")]).intervals == {}
