"""The report as a table for people and as JSON for programs."""

import json

from msgspec import structs
from rich.console import Console

from monitor.evaluation import Report, ScenarioReport, as_json, as_table
from monitor.evaluation.report import DecoyReport, Interval, RankedPrecision, headlines

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
            found_strictly=1,
            recall_strict=0.5,
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
    found_strictly=1,
    recall_strict=1 / 3,
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
        "0.50",
        "1.5",
        "min",
        "1.5",
        "h",
        "480",
        "3",
    ]
    assert [cell for cell in rows["B05"] if cell != "│"] == ["B05", "1", "0", "0.00", "0.00", "-", "-", "34", "0"]
    assert [cell for cell in rows["all"] if cell != "│"] == ["all", "3", "1", "0.33", "0.33", "514", "3"]
    assert "precision 0.75 (3 of 4 alerts); 0.50 of 2 cases" in text
    assert "0.6 alerts a day over 7 days" in text
    assert "average precision 0.40, base rate 0.00514 (514 of 100000 scored events are labelled" in text


def test_figures_of_the_budget_and_of_critical_incidents_are_said() -> None:
    scenario = structs.replace(REPORT.scenarios[0], critical=2, critical_prompt=1, critical_delay=5400.0)
    report = structs.replace(REPORT, scenarios=[scenario], ranked=RankedPrecision(0.9, 0.55, 0.8))
    text = " ".join(text_of(report).split())
    assert "by risk, 0.90 are labelled; day by day 0.55, of 0.80 that can be reached" in text
    assert "1 of 2 critical incidents had an alert of their own within 5 minutes once complete, not so A09" in text
    assert report.late_critical == ["A09"]
    assert "critical" not in text_of(REPORT)


def test_strict_recall_stands_beside_recall() -> None:
    """Of four incidents all are found, three by alerts of their own: 0.75."""
    scenario = structs.replace(
        REPORT.scenarios[0], incidents=4, found=4, recall=1.0, found_strictly=3, recall_strict=0.75
    )
    report = structs.replace(
        REPORT,
        scenarios=[scenario],
        incidents=4,
        found=4,
        recall=1.0,
        found_strictly=3,
        recall_strict=0.75,
        intervals={"recall_strict": Interval(0.5, 1.0)},
    )
    text = " ".join(text_of(report).split())
    assert "│ A09 │ 4 │ 4 │ 1.00 │ 0.75 │" in text
    assert "│ all │ 4 │ 4 │ 1.00 │ 0.75 │" in text
    assert "recall, strict 0.75 [0.50, 1.00] (3 of 4 incidents by an alert on their own events" in text
    read = json.loads(as_json(report))
    assert (read["recall"], read["recall_strict"], read["found_strictly"]) == (1.0, 0.75, 3)
    assert read["scenarios"][0]["recall_strict"] == 0.75


def test_headlines_have_their_intervals_and_the_decoys() -> None:
    decoys = [DecoyReport("vip", 3, 1, "medium", ["A09"]), DecoyReport("flu_clinic", 4, 0, None, [])]
    between = {"recall": Interval(0.1, 0.6), "alerts_per_day": Interval(0.23, 1.0)}
    assert headlines(structs.replace(REPORT, decoys=decoys, intervals=between)) == [
        "recall 0.33 [0.10, 0.60]    strict recall 0.33    precision 0.75    average precision 0.40    "
        "alerts a day 0.6 [0.2, 1.0]",
        "1 of 7 events of decoys alerted: vip",
    ]
    assert len(headlines(REPORT)) == 1, "without decoys there is nothing to say of them"


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
