"""`wardwatch silences`: hold back the news of certain cases for a time, and see what waits."""

import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from alerting.muting.alertmanager import ImportRefused, read_silences
from alerting.muting.commands import AddSilence, ExpireSilence
from alerting.muting.rows import all_silences, find_silence
from alerting.muting.silences import Silence, State
from alerting.refusal import Refused
from alerting.store import Store
from monitor.catalogue import read_rules
from monitor.cli.moments import end_of, shown, start_of, telling, written
from monitor.cli.muting import (
    AsOption,
    FromOption,
    MatchersArgument,
    ReasonOption,
    UntilOption,
    acting,
    details_of,
    handled,
    row_of,
    waiting_rows,
)
from monitor.cli.shared import ConfigOption, JsonOption, answer_json, answer_table, load_settings, new_app, say
from monitor.failure import Failure
from monitor.response import build_desk, opened_store
from monitor.response_plan import response_plan

app = new_app("Hold back the news of certain cases for a time. Nothing is lost: what waited is told at the end.")

IdArgument = Annotated[str, typer.Argument(metavar="SILENCE", help="Id of the silence, such as SIL-7F3K9Q2M.")]
STATES: tuple[State, ...] = ("pending", "active", "expired")


@app.command()
def add(
    matchers: MatchersArgument,
    *,
    until: UntilOption,
    reason: ReasonOption,
    starts: FromOption = "",
    including_critical: Annotated[
        bool, typer.Option("--including-critical", help="Also cases of SEV1; privacy and security officers only.")
    ] = False,
    replaces: Annotated[str, typer.Option("--replaces", metavar="SILENCE", help="It is an edit of this one.")] = "",
    actor: AsOption = "",
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Hold back the news of cases that all matchers hold of.

    Example:
        wardwatch silences add 'rule=~"A0.*"' entity_type=user --until 8h --reason "migration of the portal"
    """
    settings = load_settings(config)
    now, zone = time.time(), response_plan(settings).zone
    silence = handled(
        settings,
        AddSilence(
            actor=acting(actor),
            matchers=tuple(matchers),
            reason=reason,
            starts_at=start_of(starts, now, zone) if starts else None,
            ends_at=end_of(until, now, zone),
            including_critical=including_critical,
            replaces=replaces,
        ),
    )
    if as_json:
        answer_json(row_of(silence, written))
    else:
        say(f"{silence.id} ends {shown(silence.ends_at, zone)}.")


@app.command("list")
def list_silences(
    state: Annotated[str, typer.Option("--state", metavar="STATE", help=f"Only {', '.join(STATES)}.")] = "",
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """List silences, those that have ended too, from the one that ends last.

    Example:
        wardwatch silences list --state active --json
    """
    if state and state not in STATES:
        message = f"there is no state {state!r}; give one of {', '.join(STATES)}"
        raise Failure(message)
    settings = load_settings(config)
    tell = telling(settings, as_json=as_json)
    with opened_store(settings) as store, store.reading() as connection:
        found = [row_of(one, tell) for one in all_silences(connection) if one.kind == "silence"]
    rows = [row for row in found if not state or row["state"] == state]
    if as_json:
        answer_json(rows)
    else:
        answer_table(rows, "There are no silences.")


@app.command()
def show(silence: IdArgument, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Show a silence, the news that it has held back by case, and what still waits behind it.

    Example:
        wardwatch silences show SIL-7F3K9Q2M
    """
    settings = load_settings(config)
    with opened_store(settings) as store:
        details = details_of(store, _found(store, silence), telling(settings, as_json=as_json))
    if as_json:
        answer_json(details)
        return
    for name, value in details.items():
        if name != "waiting" and value not in ("", {}, False):
            say(f"{name.replace('_', ' '):12} {value}")


@app.command()
def expire(silence: IdArgument, actor: AsOption = "", config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """End a silence now; cases that it held back and that are still open are told.

    Example:
        wardwatch silences expire SIL-7F3K9Q2M
    """
    ended = handled(load_settings(config), ExpireSilence(actor=acting(actor), silence_id=silence))
    if as_json:
        answer_json(row_of(ended, written))
    else:
        say(f"{ended.id} has ended.")


@app.command()
def waiting(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """List the cases whose news wait, behind whatever it is, the most severe first.

    Example:
        wardwatch silences waiting --json
    """
    settings = load_settings(config)
    with opened_store(settings) as store:
        rows = waiting_rows(store, telling(settings, as_json=as_json))
    if as_json:
        answer_json(rows)
    else:
        answer_table(rows, "Nothing waits.")


@app.command("import")
def take_over(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="JSON as Alertmanager writes it; - for the input.")],
    actor: AsOption = "",
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take over silences from Alertmanager. Those that have expired are left out.

    Example:
        amtool silence query -o json | wardwatch silences import -
    """
    settings = load_settings(config)
    try:
        read = read_silences(sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes())
    except OSError as error:
        message = f"{file}: {error.strerror}"
        raise Failure(message) from None
    except ImportRefused as error:
        message = f"{file}: {error}"
        raise Failure(message) from None
    made: list[Silence] = []
    with opened_store(settings) as store:
        desk = build_desk(settings, store, read_rules(settings))
        for n, one in enumerate(read, start=1):
            command = AddSilence(
                actor=actor or one.author or acting(""),
                matchers=one.matchers,
                reason=one.reason,
                starts_at=one.starts_at,
                ends_at=one.ends_at,
            )
            try:
                made.append(desk.handle(command))
            except Refused as error:
                message = f"{file}: silence {n}: {error}; {len(made)} before it were taken over"
                raise Failure(message) from None
    if as_json:
        answer_json([row_of(silence, written) for silence in made])
    else:
        say(f"{len(made)} silences were taken over.")


def _found(store: Store, name: str) -> Silence:
    with store.reading() as connection:
        found = find_silence(connection, name)
    if found is None:
        message = f"there is no silence {name}; `wardwatch silences list` shows those that are"
        raise Failure(message)
    return found
