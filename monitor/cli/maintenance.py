"""`wardwatch maintenance`: windows in which news of certain cases wait, and are told in one notice at the end."""

import time
from typing import Annotated

import typer

from alerting.muting.commands import AddSilence, ExpireSilence
from alerting.muting.rows import all_silences
from alerting.muting.rules import MaintenanceWindow
from monitor.cli.moments import Telling, end_of, shown, start_of, telling, written
from monitor.cli.muting import (
    AsOption,
    FromOption,
    MatchersArgument,
    ReasonOption,
    UntilOption,
    acting,
    handled,
    row_of,
    waiting_rows,
)
from monitor.cli.shared import ConfigOption, JsonOption, answer_json, answer_table, load_settings, new_app, say
from monitor.response import opened_store
from monitor.response_plan import response_plan

app = new_app("Maintenance windows: findings are recorded and cases opened, but people are told at the end, at once.")


@app.command()
def add(
    matchers: MatchersArgument,
    *,
    until: UntilOption,
    reason: ReasonOption,
    starts: FromOption = "",
    actor: AsOption = "",
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Open a window for cases that all matchers hold of; cases of SEV1 are told all the same.

    Example:
        wardwatch maintenance add source=urn:example:ehr --until 4h --reason "upgrade of the record system"
    """
    settings = load_settings(config)
    now, zone = time.time(), response_plan(settings).zone
    window = handled(
        settings,
        AddSilence(
            kind="maintenance",
            actor=acting(actor),
            matchers=tuple(matchers),
            reason=reason,
            starts_at=start_of(starts, now, zone) if starts else None,
            ends_at=end_of(until, now, zone),
        ),
    )
    if as_json:
        answer_json(row_of(window, written))
    else:
        say(f"{window.id} ends {shown(window.ends_at, zone)}.")


@app.command("list")
def list_windows(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """List the windows of the response plan, with their next time, and those that were opened by hand.

    Example:
        wardwatch maintenance list --json
    """
    settings = load_settings(config)
    plan, now = response_plan(settings), time.time()
    tell = telling(settings, as_json=as_json)
    rows = [_row(window, plan.zone, now, tell) for window in plan.muting.maintenance]
    with opened_store(settings) as store, store.reading() as connection:
        rows += [row_of(one, tell) for one in all_silences(connection) if one.kind == "maintenance"]
    if as_json:
        answer_json(rows)
    else:
        answer_table(rows, "There are no maintenance windows.")


@app.command()
def waiting(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """List the cases whose news wait for the end of maintenance.

    Example:
        wardwatch maintenance waiting
    """
    settings = load_settings(config)
    with opened_store(settings) as store:
        rows = waiting_rows(store, telling(settings, as_json=as_json), "maintenance")
    if as_json:
        answer_json(rows)
    else:
        answer_table(rows, "Nothing waits.")


@app.command()
def end(
    window: Annotated[str, typer.Argument(metavar="WINDOW", help="Id of the window, such as MNT-7F3K9Q2M.")],
    actor: AsOption = "",
    config: ConfigOption = None,
) -> None:
    """End a window that was opened by hand; what waited is told in one notice.

    Example:
        wardwatch maintenance end MNT-7F3K9Q2M
    """
    ended = handled(load_settings(config), ExpireSilence(actor=acting(actor), silence_id=window))
    say(f"{ended.id} has ended.")


def _row(window: MaintenanceWindow, zone: str, now: float, tell: Telling) -> dict[str, object]:
    current = window.at(now, zone)
    span = current or window.after(now, zone)
    return {
        "id": window.name,
        "state": "active" if current else "pending",
        "matchers": ", ".join(map(str, window.parsed)),
        "starts": tell(span.start) if span else "-",
        "ends": tell(span.end) if span else "-",
        "author": "the response plan",
        "reason": "",
    }
