"""The picture of a run: its figures, recall, delay, alerts a day and the ranking, as PNG and on a page of its own.

Needs Matplotlib (`pip install wardwatch[pictures]`), so it is imported where pictures are wanted.
"""

import base64
import html
import io
from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from monitor.evaluation.report import HEADINGS, TOLERANCE, Report, headlines, scenario_rows, sentences

FOUND, PARTLY, MISSED, QUIET = "#2a7f62", "#d9a441", "#b3392f", "#9aa5b1"
"""Colours that differ in lightness, too, for those who see no red and green."""

STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:72rem;margin:2rem auto;padding:0 1rem;color:#1c2733}"
    "img{max-width:100%}table{border-collapse:collapse}th,td{text-align:right;padding:.25rem .9rem;"
    "border-bottom:1px solid #ccc}th:first-child,td:first-child{text-align:left}tr:last-child{font-weight:600}"
)


def as_png(report: Report) -> bytes:
    """Return the picture of a run."""
    written = io.BytesIO()
    drawn(report).savefig(written, format="png", dpi=100, metadata={"Software": None})
    return written.getvalue()


def drawn(report: Report) -> Figure:
    """Return the picture of a run before it is written: the headline figures stand above its four parts."""
    rows = max(4.0, 0.22 * len(report.scenarios))
    figure = Figure(figsize=(14, 3.5 + rows), layout="constrained")
    figure.suptitle("\n".join(headlines(report)), fontsize=11, parse_math=False)
    grid = figure.add_gridspec(2, 6, height_ratios=(rows, 3.5))
    recall = figure.add_subplot(grid[0, :3])
    delay = figure.add_subplot(grid[0, 3:], sharey=recall)
    days, ranking = figure.add_subplot(grid[1, :4]), figure.add_subplot(grid[1, 4:])
    _draw_recall(recall, report)
    _draw_delay(delay, report)
    _draw_days(days, report)
    _draw_ranking(ranking, report)
    return figure


def as_page(report: Report, png: bytes) -> bytes:
    """Return a page that holds the figures and the picture, and loads nothing from elsewhere."""
    said = "".join(f"<li>{html.escape(sentence)}</li>" for sentence in sentences(report))
    picture = base64.b64encode(png).decode()
    page = (
        "<!doctype html><html lang='en'><meta charset='utf-8'><title>Evaluation - Wardwatch</title>"
        f"<style>{STYLE}</style><h1>Evaluation</h1><ul>{said}</ul>"
        f"<img alt='Recall and delay by scenario, alerts by day, precision over recall' src='data:image/png;base64,"
        f"{picture}'><h2>Injected incidents</h2><table>{_row('th', HEADINGS)}"
        f"{''.join(_row('td', row) for row in scenario_rows(report))}</table></html>\n"
    )
    return page.encode()


def _row(cell: str, texts: Sequence[str]) -> str:
    return f"<tr>{''.join(f'<{cell}>{html.escape(text)}</{cell}>' for text in texts)}</tr>"


def _draw_recall(axes: Axes, report: Report) -> None:
    names = [one.scenario for one in report.scenarios]
    colours = [FOUND if one.recall == 1 else PARTLY if one.recall >= 0.5 else MISSED for one in report.scenarios]
    axes.barh(names, [one.recall for one in report.scenarios], color=colours)
    for place, one in enumerate(report.scenarios):
        axes.text(1.02, place, f"{one.found} of {one.incidents}", va="center", fontsize=8, color=colours[place])
    axes.set(title="Recall by scenario", xlim=(0, 1.15), xticks=[0, 0.25, 0.5, 0.75, 1])
    axes.tick_params(axis="y", labelsize=8)
    axes.invert_yaxis()
    axes.spines[["top", "right"]].set_visible(False)


def _draw_delay(axes: Axes, report: Report) -> None:
    for place, one in enumerate(report.scenarios):
        if one.delay_median is not None and one.delay_longest is not None:
            median, longest = max(one.delay_median, 1.0), max(one.delay_longest, 1.0)
            axes.plot([median, longest], [place, place], color=QUIET, linewidth=2, zorder=1)
            axes.scatter([median], [place], color=FOUND, zorder=2, s=28)
            axes.scatter([longest], [place], color=QUIET, zorder=2, s=16)
    axes.set(title="Delay to the first alert: median, and longest in grey", xscale="log", xlim=(0.8, 60 * 86_400))
    axes.set_xticks([1, 60, 3_600, 86_400, 7 * 86_400], ["1 s", "1 min", "1 h", "1 d", "7 d"])
    axes.minorticks_off()
    axes.tick_params(axis="y", labelleft=False, length=0)
    axes.grid(axis="x", alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)


def _draw_days(axes: Axes, report: Report) -> None:
    days = [day.day[5:] for day in report.per_day]
    true = [day.true_alerts for day in report.per_day]
    axes.bar(days, true, color=FOUND, label="true")
    axes.bar(days, [day.alerts - day.true_alerts for day in report.per_day], bottom=true, color=QUIET, label="other")
    if report.budget is not None:
        within = (report.budget * (1 - TOLERANCE), report.budget * (1 + TOLERANCE))
        axes.axhspan(*within, color=PARTLY, alpha=0.35, zorder=0, label="budget, 10 % about it")
    axes.set(title="Alerts a day")
    axes.set_xticks(range(0, len(days), max(1, len(days) // 10)))
    axes.tick_params(axis="x", labelsize=8)
    axes.legend(fontsize=8, frameon=False, loc="upper left", bbox_to_anchor=(0, -0.08), ncols=3)
    axes.spines[["top", "right"]].set_visible(False)


def _draw_ranking(axes: Axes, report: Report) -> None:
    if report.curve:
        recall, precision = zip(*report.curve, strict=True)
        axes.step(recall, precision, where="pre", color=FOUND)
    if report.base_rate is not None:
        axes.axhline(report.base_rate, color=QUIET, linestyle=":", label="base rate")
        axes.legend(fontsize=8, frameon=False)
    axes.set(title="Ranking of all events", xlabel="recall", ylabel="precision", xlim=(0, 1), ylim=(0, 1.02))
    axes.spines[["top", "right"]].set_visible(False)
