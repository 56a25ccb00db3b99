"""`wardwatch rules`: what detects, is it right, and does it do what its tests say?"""

import time
from collections import Counter
from typing import Annotated

import msgspec
import typer
from msgspec import structs

from alerting.feedback.rows import rule_records
from detectors.sigma import RuleError, RuleSet
from monitor.catalogue import catalogue, read_rules
from monitor.cli import moments
from monitor.cli.shared import ConfigOption, JsonOption, answer_json, answer_table, load_settings, new_app, remark, say
from monitor.failure import Failure
from monitor.response import opened_store

app = new_app("List, check and test the detection rules.")


@app.command("list")
def list_rules(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """List everything that detects: rules, correlations, Python detectors and models.

    Example:
        wardwatch rules list --json
    """
    rules = _loaded(config)
    found = catalogue(rules)
    if as_json:
        answer_json([msgspec.to_builtins(row) for row in found])
        return
    rows = [{"id": row.id, "title": row.title, "levels": ", ".join(row.levels), "file": row.file} for row in found]
    answer_table(rows, "There are no rules.")
    kinds = Counter(row.kind for row in found)
    in_files = kinds["rule"] + kinds["correlation"]
    say(
        f"{in_files} rules in files (correlations among them), {kinds['detector']} detectors in Python "
        f"and {kinds['model']} models."
    )


@app.command()
def check(config: ConfigOption = None) -> None:
    """Check every rule file; tell everything that is wrong, by file and line.

    Example:
        WARDWATCH_RULES_DIR=rules wardwatch rules check
    """
    rules = _loaded(config)
    _end_with(rules.check(), "rules are not complete")
    say(f"{len(rules.rules)} rules and {len(rules.correlations)} correlations are right.")


@app.command()
def test(config: ConfigOption = None) -> None:
    """Run the test events of every rule: those that must match, and those that must not.

    Example:
        wardwatch rules test
    """
    rules = _loaded(config)
    _end_with(rules.run_tests(), "tests fail")
    say(f"{len(rules.tests)} tests of {len(rules.rules) + len(rules.correlations)} rules pass.")


@app.command()
def precision(
    since: Annotated[
        str, typer.Option("--since", metavar="WHEN", help=f"Only verdicts from then on: {moments.SINCE}.")
    ] = "",
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show how often people confirmed what each rule and model found, by month.

    Example:
        wardwatch rules precision --since 2026-01-01
    """
    settings = load_settings(config)
    begins = moments.since(since, time.time(), moments.site_zone(settings))
    with opened_store(settings) as store, store.reading() as connection:
        records = rule_records(connection, begins)
    if as_json:
        answer_json([{**structs.asdict(one), "precision": one.precision} for one in records])
        return
    rows = [
        {
            "id": one.detector,
            "kind": one.kind,
            "month": one.month,
            "confirmed": one.confirmed,
            "cleared": one.cleared,
            "precision": "-" if one.precision is None else f"{one.precision:.2f}",
        }
        for one in records
    ]
    answer_table(rows, "There are no verdicts yet; `wardwatch incidents resolve` gives one.")


def _loaded(config: ConfigOption) -> RuleSet:
    try:
        return read_rules(load_settings(config))
    except RuleError as error:
        _end_with(error.problems, "rules are refused")
        raise


def _end_with(problems: object, verdict: str) -> None:
    """End the command where there are problems, after telling each."""
    if isinstance(problems, list | tuple) and problems:
        for problem in problems:
            remark(str(problem))
        message = f"{verdict}: correct the {len(problems)} lines above"
        raise Failure(message)
