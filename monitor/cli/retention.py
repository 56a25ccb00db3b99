"""`wardwatch retention`: six years, and longer under a legal hold (45 CFR 164.316(b)(2)(i))."""

import time
from collections import Counter
from typing import Annotated

import typer
from msgspec import structs

from alerting.records.commands import DeleteExpired, PlaceHold, ReleaseHold
from alerting.records.expired import count_cases_kept, count_expired, holds, kept_now
from alerting.records.handling import deletable_before
from alerting.records.holds import ABOUTS, About, Kept
from alerting.store import Store
from monitor.archive import opened_archive
from monitor.catalogue import read_rules
from monitor.cli.moments import shown, site_zone, start_of, telling, written
from monitor.cli.muting import AsOption, ReasonOption, acting, handled
from monitor.cli.shared import ConfigOption, JsonOption, answer_json, answer_table, load_settings, new_app, say
from monitor.failure import Failure
from monitor.response import build_desk, opened_store
from monitor.response_plan import response_plan

app = new_app("See and delete what has been kept for six years, and keep what a court may ask for.")

BeforeOption = Annotated[
    str, typer.Option("--before", metavar="WHEN", help="Only what is older than this; six years ago else.")
]


@app.command()
def plan(before: BeforeOption = "", config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Show what may be deleted now, and what legal holds keep.

    Example:
        wardwatch retention plan --json
    """
    settings = load_settings(config)
    cutoff = _cutoff(before, response_plan(settings).zone)
    with opened_store(settings) as store, opened_archive(settings) as archive:
        kept = _kept(store)
        with store.reading() as connection:
            counts = structs.asdict(count_expired(connection, cutoff, kept))
            cases_kept = count_cases_kept(connection, cutoff, kept)
        counts["accesses"] = 0 if kept.everything else archive.count_before(cutoff, kept.entities)
    if as_json:
        answer_json({"before": written(cutoff), "deletable": counts, "cases_on_hold": cases_kept})
        return
    say(f"Older than {shown(cutoff, site_zone(settings))}, and on no hold:")
    for name, n in counts.items():
        say(f"  {name:10} {n}")
    say(f"Cases that legal holds keep: {cases_kept}")


@app.command()
def delete(
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Really delete; it cannot be undone.")] = False,
    before: BeforeOption = "",
    actor: AsOption = "",
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Delete what has been kept for six years and is on no legal hold. Anything earlier is refused.

    Audit logs are never deleted: each entry vouches for the one before.

    Example:
        wardwatch retention delete --yes
    """
    settings = load_settings(config)
    cutoff = _cutoff(before, response_plan(settings).zone)
    if not yes:
        raise Failure("nothing was deleted; `wardwatch retention plan` shows what would be, --yes deletes it")
    deleted: Counter[str] = Counter()
    with opened_store(settings) as store, opened_archive(settings) as archive:
        desk = build_desk(settings, store, read_rules(settings))
        kept = _kept(store)
        accesses = 0 if kept.everything else archive.count_before(cutoff, kept.entities)
        while True:
            # The audit log has what is deleted from the archive before that is done.
            part = desk.handle(DeleteExpired(actor=acting(actor), before=cutoff, accesses=accesses))
            deleted.update(structs.asdict(part))
            if accesses:
                kept = _kept(store)  # a hold may have been placed since
                if not kept.everything:
                    deleted["accesses"] += archive.delete_before(cutoff, kept.entities, time.time())
                accesses = 0
            if part.is_nothing:
                break
    if as_json:
        answer_json(deleted)
    else:
        say(", ".join(f"{n} {name}" for name, n in deleted.items() if n) or "There was nothing to delete.")


@app.command()
def hold(
    about: Annotated[str, typer.Argument(metavar="ABOUT", help=f"One of {', '.join(ABOUTS)}.")],
    ref: Annotated[str, typer.Argument(metavar="ID", help="Id of the incident, or token of the entity.")] = "",
    *,
    reason: ReasonOption,
    actor: AsOption = "",
    config: ConfigOption = None,
) -> None:
    """Keep everything, one incident, or all about a patient, user or provider, until it is released.

    Example:
        wardwatch retention hold incident INC-7F3K9Q2M --reason "inquiry of the state"
    """
    chosen: About | None = next((one for one in ABOUTS if one == about), None)
    if chosen is None:
        message = f"a hold is about one of {', '.join(ABOUTS)}, not {about!r}"
        raise Failure(message)
    placed = handled(load_settings(config), PlaceHold(actor=acting(actor), about=chosen, ref=ref, reason=reason))
    say(f"{placed.id} keeps it.")


@app.command()
def release(
    hold_id: Annotated[str, typer.Argument(metavar="HOLD", help="Id of the hold, such as HOLD-7F3K9Q2M.")],
    *,
    reason: ReasonOption,
    actor: AsOption = "",
    config: ConfigOption = None,
) -> None:
    """Release a legal hold.

    Example:
        wardwatch retention release HOLD-7F3K9Q2M --reason "the inquiry was closed"
    """
    released = handled(load_settings(config), ReleaseHold(actor=acting(actor), hold_id=hold_id, reason=reason))
    say(f"{released.id} is released.")


@app.command("holds")
def list_holds(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """List legal holds, those that were released too.

    Example:
        wardwatch retention holds --json
    """
    settings = load_settings(config)
    tell = telling(settings, as_json=as_json)
    with opened_store(settings) as store, store.reading() as connection:
        found = holds(connection)
    rows: list[dict[str, object]] = [
        {
            "id": one.id,
            "state": "in force" if one.released_at is None else "released",
            "about": f"{one.about} {one.ref}".rstrip(),
            "placed": tell(one.placed_at),
            "author": one.author,
            "released": "-" if one.released_at is None else tell(one.released_at),
            "reason": one.reason,
        }
        for one in found
    ]
    if as_json:
        answer_json(rows)
    else:
        answer_table(rows, "There are no legal holds.")


def _cutoff(before: str, zone: str) -> float:
    """Return the time before which everything may be deleted; more than is allowed is refused."""
    now = time.time()
    return deletable_before(start_of(before, now, zone) if before else None, now)


def _kept(store: Store) -> Kept:
    with store.reading() as connection:
        return kept_now(connection)
