"""`wardwatch reviews`: the regular review of activity, and who signed for it (45 CFR 164.308(a)(1)(ii)(D))."""

import time
from typing import Annotated

import typer

from alerting.muting.windows import Span
from alerting.records.commands import SignReview
from alerting.records.review_rows import all_reviews, last_end, seen_in
from alerting.records.reviews import Review, Seen, is_sound, next_period, overdue_at
from monitor.catalogue import read_rules, titles
from monitor.cli.moments import Telling, shown, site_zone, telling
from monitor.cli.muting import AsOption, acting, handled
from monitor.cli.shared import ConfigOption, JsonOption, answer_json, answer_table, load_settings, new_app, say
from monitor.failure import Failure
from monitor.response import opened_store
from monitor.response_plan import response_plan
from monitor.settings import Settings

app = new_app("Review what was found, period by period, and sign for it.")


@app.command()
def due(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Show the period that is to be reviewed next, and what there is to review.

    Example:
        wardwatch reviews due
    """
    settings = load_settings(config)
    plan, now = response_plan(settings), time.time()
    with opened_store(settings) as store, store.reading() as connection:
        period = next_period(plan.records, plan.zone, last_end(connection))
        if period is None:
            raise Failure(
                "the response plan asks for no reviews; set records.review_every_days and records.review_from"
            )
        seen = seen_in(connection, period, _watching(settings))
    tell = telling(settings, as_json=as_json)
    row = {
        "from": tell(period.start),
        "to": tell(period.end),
        "state": _state(period, overdue_at(period, plan.records), now),
        "overdue": tell(overdue_at(period, plan.records)),
    }
    if as_json:
        answer_json(row | {"seen": seen})
        return
    for name, value in (row | _told(seen)).items():
        say(f"{name:14} {value}")


@app.command()
def sign(
    note: Annotated[str, typer.Option("--note", metavar="TEXT", help="What was looked at, and what came of it.")],
    actor: AsOption = "",
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Sign for the period that is to be reviewed next, once it has ended.

    Example:
        wardwatch reviews sign --note "all cases of the week looked at; two handed to the privacy officer"
    """
    settings = load_settings(config)
    review = handled(settings, SignReview(actor=acting(actor), note=note, rules=_watching(settings)))
    if as_json:
        answer_json(review)
    else:
        say(f"The review until {shown(review.end_at, site_zone(settings))} is signed: {review.hash}.")


@app.command("list")
def list_reviews(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """List the reviews that were signed, and whether somebody has changed one since.

    Example:
        wardwatch reviews list --json
    """
    settings = load_settings(config)
    with opened_store(settings) as store, store.reading() as connection:
        reviews = all_reviews(connection)
    if as_json:
        answer_json([{"sound": is_sound(review), "review": review} for review in reviews])
    else:
        tell = telling(settings, as_json=False)
        answer_table([_row(review, tell) for review in reviews], "Nothing was reviewed yet.")
    changed = sum(not is_sound(review) for review in reviews)
    if changed:
        message = f"{changed} reviews were changed after they were signed"
        raise Failure(message)


def _watching(settings: Settings) -> tuple[str, ...]:
    """Return the ids of all rules and detectors."""
    return tuple(sorted(titles(read_rules(settings))))


def _row(review: Review, tell: Telling) -> dict[str, object]:
    return {
        "from": tell(review.start_at),
        "to": tell(review.end_at),
        "reviewer": review.reviewer,
        "signed": tell(review.signed_at),
        "findings": review.seen.findings,
        "cases": sum(review.seen.cases.values()),
        "sound": "yes" if is_sound(review) else "NO",
        "note": review.note,
    }


def _told(seen: Seen) -> dict[str, object]:
    return {
        "findings": seen.findings,
        "held back": _listed(seen.held),
        "cases": _listed(seen.cases),
        "still open": seen.open_cases,
        "verdicts": _listed(seen.verdicts),
        "rules": _listed(seen.rules),
        "silent rules": len(seen.silent_rules),
    }


def _listed(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {n}" for name, n in counts.items()) or "-"


def _state(period: Span, overdue: float, now: float) -> str:
    if now < period.end:
        return "not ended"
    return "to be signed" if now < overdue else "overdue"
