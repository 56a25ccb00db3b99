"""The report as a table for people and as JSON for programs."""

import json

from msgspec import structs
from rich.console import Console

from monitor.evaluation import Report, ScenarioReport, as_json, as_table
from monitor.evaluation.report import RankedPrecision

REPORT = Report(
    scenarios=[
        ScenarioReport(
            scenario="A09",
            incidents=2,
            found=1,
            recall=0.5,
            delay_median=90.0,
            delay_longest=5400.0,
            events=480,
            alerted=3,
        ),
        ScenarioReport(
            scenario="B05",
            incidents=1,
            found=0,
            recall=0.0,
            delay_median=None,
            delay_longest=None,
            events=34,
            alerted=0,
        ),
    ],
    incidents=3,
    found=1,
    recall=1 / 3,
    precision=0.75,
    case_precision=0.5,
    average_precision=0.4,
    base_rate=0.00514,
    events=100_000,
    labelled=514,
    unscored=0,
    alerts=4,
    true_alerts=3,
    cases=2,
    days=7,
    alerts_per_day=4 / 7,
)


def text_of(report: Report) -> str:
    console = Console(width=160)
    with console.capture() as captured:
        console.print(as_table(report))
    return captured.get()


def test_table_says_what_a_reader_asks_for() -> None:
    text = text_of(REPORT)
    rows = {line.split()[1]: line.split()[1:] for line in text.splitlines() if line.startswith("│")}
    assert [cell for cell in rows["A09"] if cell != "│"] == [
        "A09",
        "2",
        "1",
        "0.50",
        "1.5",
        "min",
        "1.5",
        "h",
        "480",
        "3",
    ]
    assert [cell for cell in rows["B05"] if cell != "│"] == ["B05", "1", "0", "0.00", "-", "-", "34", "0"]
    assert [cell for cell in rows["all"] if cell != "│"] == ["all", "3", "1", "0.33", "514", "3"]
    assert "precision 0.75 (3 of 4 alerts); 0.50 of 2 cases" in text
    assert "0.6 alerts a day over 7 days" in text
    assert "average precision 0.40, base rate 0.00514 (514 of 100000 scored events are labelled" in text


def test_figures_of_the_budget_and_of_critical_incidents_are_said() -> None:
    scenario = structs.replace(REPORT.scenarios[0], critical=2, critical_prompt=1, critical_delay=5400.0)
    report = structs.replace(REPORT, scenarios=[scenario], ranked=RankedPrecision(0.9, 0.55, 0.8))
    text = " ".join(text_of(report).split())
    assert "by risk, 0.90 are labelled; day by day 0.55, of 0.80 that can be reached" in text
    assert "1 of 2 critical incidents were found within 5 minutes once complete, not so A09" in text
    assert report.late_critical == ["A09"]
    assert "critical" not in text_of(REPORT)


def test_table_of_an_empty_run() -> None:
    empty = Report(
        scenarios=[], incidents=0, found=0, recall=None, precision=None, case_precision=None, average_precision=None,
        base_rate=None, events=0, labelled=0, unscored=0, alerts=0, true_alerts=0, cases=0, days=0, alerts_per_day=None,
    )  # fmt: skip
    assert "precision - (0 of 0 alerts); - of 0 cases" in text_of(empty)
    assert "- alerts a day over 0 days" in text_of(empty)


def test_json_holds_every_figure() -> None:
    read = json.loads(as_json(REPORT))
    assert read["scenarios"][0]["delay_longest"] == 5400.0
    assert read["scenarios"][1]["delay_median"] is None
    assert read["recall"] == 1 / 3
    assert set(read) == {*REPORT.__struct_fields__, "days_within_budget", "late_critical"}
