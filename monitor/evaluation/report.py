"""The report of an evaluation, as a value, a table for people and JSON for programs."""

import msgspec
from msgspec import Struct
from rich.table import Table


class ScenarioReport(Struct, frozen=True):
    """How one scenario was found.

    `recall` is found incidents over incidents. Delays are seconds of event time from an incident's first labelled
    event to its first alert, over found incidents: absent where none was found. `events` counts labelled events,
    `alerted` those of them that alerted.
    """

    scenario: str
    incidents: int
    found: int
    recall: float
    delay_median: float | None
    delay_longest: float | None
    events: int
    alerted: int


class Report(Struct, frozen=True):
    """How a run found what was injected.

    `recall` speaks of incidents; `precision` of alerts: those that speak of an incident, over all (absent without
    alerts). `average_precision` ranks all scored events by risk against their labels (absent without labelled ones)
    and is to be read beside `base_rate`, the labelled share of the scored events, which is what chance would reach.
    `unscored` counts labelled events without a score. `days` counts calendar days (UTC) with scored events.
    """

    scenarios: list[ScenarioReport]
    incidents: int
    found: int
    recall: float | None
    precision: float | None
    average_precision: float | None
    base_rate: float | None
    events: int
    labelled: int
    unscored: int
    alerts: int
    true_alerts: int
    days: int
    alerts_per_day: float | None


def as_json(report: Report) -> bytes:
    """Return the report as indented JSON, with a line end."""
    return msgspec.json.format(msgspec.json.encode(report), indent=2) + b"\n"


def as_table(report: Report) -> Table:
    """Return the report as a table: one row a scenario, then the whole."""
    table = Table(title="Injected incidents", caption=_caption(report), caption_justify="left")
    for heading in ("scenario", "incidents", "found", "recall", "median delay", "longest delay", "events", "alerted"):
        table.add_column(heading, justify="left" if heading == "scenario" else "right")
    for one in report.scenarios:
        table.add_row(
            one.scenario,
            str(one.incidents),
            str(one.found),
            f"{one.recall:.2f}",
            _span(one.delay_median),
            _span(one.delay_longest),
            str(one.events),
            str(one.alerted),
        )
    table.add_section()
    events = sum(one.events for one in report.scenarios)
    alerted = sum(one.alerted for one in report.scenarios)
    table.add_row(
        "all", str(report.incidents), str(report.found), _share(report.recall), "", "", str(events), str(alerted)
    )
    return table


def _caption(report: Report) -> str:
    daily = "-" if report.alerts_per_day is None else f"{report.alerts_per_day:.1f}"
    base = "-" if report.base_rate is None else f"{report.base_rate:.5f}"
    precise = f"precision {_share(report.precision)} ({report.true_alerts} of {report.alerts} alerts)"
    return (
        f"{precise}, {daily} alerts a day over {report.days} days\n"
        f"average precision {_share(report.average_precision)}, base rate {base} ({report.labelled} of "
        f"{report.events} scored events are labelled; {report.unscored} labelled events have no score)"
    )


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def _span(seconds: float | None) -> str:
    """Return a duration in the largest unit that leaves a number of one or more."""
    if seconds is None:
        return "-"
    for unit, length in (("d", 86_400.0), ("h", 3_600.0), ("min", 60.0)):
        if seconds >= length:
            return f"{seconds / length:.1f} {unit}"
    return f"{seconds:.0f} s"
