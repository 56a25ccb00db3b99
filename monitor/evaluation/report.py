"""The report of an evaluation, as a value, a table for people and JSON for programs."""

import msgspec
from msgspec import Struct
from rich.table import Table

from detectors.finding import Severity

TOLERANCE = 0.1
"""Share of the budget within which a day meets it."""
PROMPT_SECONDS = 300.0
"""Critical incidents are to be found within five minutes of event time."""
_ROUNDING = 1e-9


class ScenarioReport(Struct, frozen=True):
    """How one scenario was found.

    `recall` is found incidents over incidents. Delays are seconds of event time from an incident's first labelled
    event to its first alert, over found incidents: absent where none was found. `events` counts labelled events,
    `alerted` those of them that alerted. Of `critical` incidents an own finding is critical; `critical_prompt` of them
    had an own alert within `PROMPT_SECONDS` after the event that completes them; `critical_delay` is the longest delay
    since. `found_strictly` and `recall_strict` count only incidents with an alert of their own.
    """

    scenario: str
    incidents: int
    found: int
    recall: float
    delay_median: float | None
    delay_longest: float | None
    events: int
    alerted: int
    critical: int = 0
    critical_prompt: int = 0
    critical_delay: float | None = None
    found_strictly: int = 0
    recall_strict: float = 0.0


class RankedPrecision(Struct, frozen=True):
    """The labelled share of the events of the highest risks, as many as the budget has alerts (precision at k).

    `pooled` takes budget times days of the whole run, `daily` is the mean over days of each day's own, `attainable` the
    most that `daily` could be, since a day may have fewer labelled events than the budget has alerts.
    """

    pooled: float
    daily: float
    attainable: float


class DayAlerts(Struct, frozen=True):
    """The alerts of one calendar day (UTC, as in 2026-03-02), and how many of them were true."""

    day: str
    alerts: int
    true_alerts: int


class DecoyReport(Struct, frozen=True):
    """What became of one decoy: its scored events, those that alerted, the gravest finding among these, and of whom."""

    decoy: str
    events: int
    alerted: int
    worst: Severity | None
    detectors: list[str]


class Interval(Struct, frozen=True, array_like=True):
    """Between these a figure lies in 95 of 100 resamplings."""

    low: float
    high: float


class Report(Struct, frozen=True):
    """How a run found what was injected; `monitor.evaluation.evaluate` defines every figure.

    `recall` speaks of incidents, `precision` of alerts, `case_precision` of cases that alerted: shares that are absent
    where there are none. `average_precision` ranks all scored events by risk against their labels (absent without
    labelled ones) and is to be read beside `base_rate`, the labelled share of the scored events, which is what chance
    would reach; `curve` holds points (recall, precision) of that ranking. `unscored` counts labelled events without a
    score. `days` counts calendar days (UTC) with scored events or alerts, `per_day` has them. `budget` is in alerts a
    day. `explained` is the share of ordinary accesses that were explained, of those whose relationship was judged.
    `recall_strict` is the recall of incidents by alerts of their own; `found_strictly` counts these.
    """

    scenarios: list[ScenarioReport]
    incidents: int
    found: int
    recall: float | None
    precision: float | None
    case_precision: float | None
    average_precision: float | None
    base_rate: float | None
    events: int
    labelled: int
    unscored: int
    alerts: int
    true_alerts: int
    cases: int
    days: int
    alerts_per_day: float | None
    budget: float | None = None
    per_day: list[DayAlerts] = []
    intervals: dict[str, Interval] = {}
    curve: list[tuple[float, float]] = []
    decoys: list[DecoyReport] = []
    explained: float | None = None
    ranked: RankedPrecision | None = None
    found_strictly: int = 0
    recall_strict: float | None = None

    @property
    def late_critical(self) -> list[str]:
        """Return the scenarios of which a critical incident had no own alert within five minutes once complete."""
        return [one.scenario for one in self.scenarios if one.critical_prompt < one.critical]

    @property
    def days_within_budget(self) -> int | None:
        """On how many days the alerts were within 10 % of the budget; None without one."""
        if self.budget is None:
            return None
        return sum(abs(day.alerts - self.budget) <= TOLERANCE * self.budget + _ROUNDING for day in self.per_day)


def as_json(report: Report) -> bytes:
    """Return the report as indented JSON, with a line end."""
    figures = msgspec.to_builtins(report) | {
        "days_within_budget": report.days_within_budget,
        "late_critical": report.late_critical,
    }
    return msgspec.json.format(msgspec.json.encode(figures), indent=2) + b"\n"


HEADINGS = (
    "scenario",
    "incidents",
    "found",
    "recall",
    "recall, strict",
    "median delay",
    "longest delay",
    "events",
    "alerted",
)


def scenario_rows(report: Report) -> list[tuple[str, ...]]:
    """Return a row of texts for each scenario, and one for all of them."""
    rows = [
        (
            one.scenario,
            str(one.incidents),
            str(one.found),
            f"{one.recall:.2f}",
            f"{one.recall_strict:.2f}",
            span(one.delay_median),
            span(one.delay_longest),
            str(one.events),
            str(one.alerted),
        )
        for one in report.scenarios
    ]
    events = sum(one.events for one in report.scenarios)
    alerted = sum(one.alerted for one in report.scenarios)
    recalls = (share(report.recall), share(report.recall_strict))
    return [*rows, ("all", str(report.incidents), str(report.found), *recalls, "", "", str(events), str(alerted))]


def as_table(report: Report) -> Table:
    """Return the report as a table: one row a scenario, then the whole; the other figures stand under it."""
    table = Table(title="Injected incidents", caption="\n".join(sentences(report)), caption_justify="left")
    for heading in HEADINGS:
        table.add_column(heading, justify="left" if heading == "scenario" else "right")
    *rows, whole = scenario_rows(report)
    for row in rows:
        table.add_row(*row)
    table.add_section()
    table.add_row(*whole)
    return table


def sentences(report: Report) -> list[str]:
    """Return the figures of the whole run in words."""
    daily = "-" if report.alerts_per_day is None else f"{report.alerts_per_day:.1f}"
    base = "-" if report.base_rate is None else f"{report.base_rate:.5f}"
    said = [
        f"recall {_with_interval(report, 'recall', report.recall)} ({report.found} of {report.incidents} incidents)",
        f"recall, strict {_with_interval(report, 'recall_strict', report.recall_strict)} ({report.found_strictly} of "
        f"{report.incidents} incidents by an alert on their own events or of their own pattern)",
        f"precision {_with_interval(report, 'precision', report.precision)} ({report.true_alerts} of {report.alerts} "
        f"alerts); {share(report.case_precision)} of {report.cases} cases",
        f"{daily} alerts a day over {report.days} days{_daily(report)}",
        f"average precision {_with_interval(report, 'average_precision', report.average_precision)}, base rate {base} "
        f"({report.labelled} of {report.events} scored events are labelled; {report.unscored} labelled events have no "
        "score)",
    ]
    if report.ranked is not None:
        said.insert(3, _ranked(report, report.ranked))
    critical = sum(one.critical for one in report.scenarios)
    if critical:
        prompt = sum(one.critical_prompt for one in report.scenarios)
        late = f", not so {', '.join(report.late_critical)}" if report.late_critical else ""
        said.append(
            f"{prompt} of {critical} critical incidents had an alert of their own within 5 minutes once complete{late}"
        )
    if report.explained is not None:
        said.append(f"{100 * report.explained:.1f} % of ordinary accesses were explained")
    for decoy in report.decoys:
        worst = f", {decoy.worst} at worst ({', '.join(decoy.detectors)})" if decoy.worst else ""
        said.append(f"decoy {decoy.decoy}: {decoy.alerted} of {decoy.events} events alerted{worst}")
    return said


def headlines(report: Report) -> list[str]:
    """Return the figures that a reader of the picture asks for first, and the decoys, in a line each."""
    daily = report.intervals.get("alerts_per_day")
    alerts = "-" if report.alerts_per_day is None else f"{report.alerts_per_day:.1f}"
    figures = (
        f"recall {_with_interval(report, 'recall', report.recall)}",
        f"strict recall {_with_interval(report, 'recall_strict', report.recall_strict)}",
        f"precision {_with_interval(report, 'precision', report.precision)}",
        f"average precision {_with_interval(report, 'average_precision', report.average_precision)}",
        f"alerts a day {alerts}" + (f" [{daily.low:.1f}, {daily.high:.1f}]" if daily else ""),
    )
    if not report.decoys:
        return ["    ".join(figures)]
    alerted, events = sum(one.alerted for one in report.decoys), sum(one.events for one in report.decoys)
    suspected = [one.decoy for one in report.decoys if one.alerted]
    named = f": {', '.join(suspected)}" if suspected else ""
    return ["    ".join(figures), f"{alerted} of {events} events of decoys alerted{named}"]


def _daily(report: Report) -> str:
    if not report.per_day:
        return ""
    counts = [day.alerts for day in report.per_day]
    spread = f", {min(counts)} to {max(counts)} on a day"
    if report.budget is None:
        return spread
    return f"{spread}; within 10 % of the budget of {report.budget:g} on {report.days_within_budget} of {len(counts)}"


def _ranked(report: Report, ranked: RankedPrecision) -> str:
    pooled = _with_interval(report, "ranked_pooled", ranked.pooled)
    daily = _with_interval(report, "ranked_daily", ranked.daily)
    return (
        f"of as many events as the budget has alerts, by risk, {pooled} are labelled; "
        f"day by day {daily}, of {ranked.attainable:.2f} that can be reached"
    )


def _with_interval(report: Report, name: str, value: float | None) -> str:
    between = report.intervals.get(name)
    return share(value) + (f" [{between.low:.2f}, {between.high:.2f}]" if between and value is not None else "")


def share(value: float | None) -> str:
    """Return a share with two digits, a dash where there is none."""
    return "-" if value is None else f"{value:.2f}"


def span(seconds: float | None) -> str:
    """Return a duration in the largest unit that leaves a number of one or more."""
    if seconds is None:
        return "-"
    for unit, length in (("d", 86_400.0), ("h", 3_600.0), ("min", 60.0)):
        if seconds >= length:
            return f"{seconds / length:.1f} {unit}"
    return f"{seconds:.0f} s"
