"""simulate, replay, evaluate, train and promote on a tiny hospital, through the command line alone."""

import csv
import json
from pathlib import Path

import pytest

from tests.monitor.cli.conftest import Wardwatch

FINDING_FIELDS = {
    "id", "event_id", "at", "kind", "detector", "version", "severity", "risk", "entity", "entities", "reasons",
    "features", "alert",
}  # fmt: skip
"""design.md §8."""


@pytest.fixture
def hospital(wardwatch: Wardwatch, tmp_path: Path) -> Path:
    out = tmp_path / "hospital"
    ran = wardwatch("simulate", "--days", "1", "--seed", "3", "--scale", "0.004", "--out", out, "--json")
    assert ran.code == 0
    assert json.loads(ran.out)["incidents"] > 5
    return out


def lines(path: Path) -> int:
    return len(path.read_text().splitlines())


def test_replay_accounts_for_every_line_and_writes_the_files(wardwatch: Wardwatch, hospital: Path) -> None:
    context, events = hospital / "context.jsonl", hospital / "events.jsonl"
    findings, scores, ledger = hospital / "F.jsonl", hospital / "S.csv", hospital / "L.json"
    ran = wardwatch(
        "replay", "--in", context, events, "--out-findings", findings, "--out-scores", scores, "--ledger", ledger,
        "--partitions", "3", "--alerts-per-day", "50", "--json",
    )  # fmt: skip
    assert ran.code == 0
    counted = json.loads(ledger.read_text())
    assert counted == json.loads(ran.out)
    assert counted["received"] == lines(context) + lines(events)
    fates = counted["scored"] + counted["applied"] + counted["duplicates"]
    assert counted["received"] == fates + sum(counted["dead_letters"].values()) + sum(counted["filtered"].values())
    found = [json.loads(line) for line in findings.read_text().splitlines()]
    assert len(found) == counted["findings"] > 0
    assert set(found[0]) - {"incident_id"} == FINDING_FIELDS
    with scores.open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == counted["scored"]
    assert counted["incidents"] > 0


def test_the_same_replay_says_the_same(wardwatch: Wardwatch, hospital: Path) -> None:
    said = []
    for name in ("one", "two"):
        out = hospital / name
        assert wardwatch("replay", "--in", hospital / "events.jsonl", "--out-findings", out).code == 0
        said.append(out.read_text())
    assert said[0] == said[1]


def test_nothing_alerts_in_the_warm_up(wardwatch: Wardwatch, hospital: Path) -> None:
    ran = wardwatch("replay", "--in", hospital / "events.jsonl", "--warm-up", "2d", "--json")
    counted = json.loads(ran.out)
    assert (counted["alerts"], counted["incidents"]) == (0, 0)
    assert counted["findings"] > 0


def test_files_that_are_no_events_are_refused_by_name(wardwatch: Wardwatch, hospital: Path) -> None:
    ran = wardwatch("replay", "--in", hospital / "labels.csv")
    assert ran.code == 1
    assert "labels.csv" in ran.err


def test_lines_that_cannot_be_read_are_named_without_their_values(wardwatch: Wardwatch, tmp_path: Path) -> None:
    good = {
        "specversion": "1.0", "id": "e1", "source": "urn:x", "type": "org.wardwatch.phi.access.v1",
        "data": {"action": "read", "occurred_at": "2026-03-02T09:14:03Z", "actor": {"id": "u"}},
    }  # fmt: skip
    unknown = json.dumps({**good, "id": "canary", "type": "canary.type"})
    path, worse = tmp_path / "some.jsonl", tmp_path / "worse.jsonl"
    path.write_text(f"{json.dumps(good)}\n\n{unknown}\n")
    worse.write_text(f"{unknown}\n" * 12)
    some = wardwatch("replay", "--in", path)
    assert some.code == 0
    assert some.out.startswith(
        "2 received: 1 scored, 0 applied (context), 0 duplicates, 1 dead letters, 0 filtered.\n"
        "  1 dead letters: unknown_type. "
    )
    assert some.err.startswith(f"{path}:3: unknown_type")
    every = wardwatch("replay", "--in", worse, "--json")
    assert every.code == 1
    assert json.loads(every.out)["dead_letters"] == {"unknown_type": 12}
    assert [f"{worse}:{number}: unknown_type" in every.err for number in range(1, 13)] == [True] * 10 + [False] * 2
    assert "and 2 more lines" in every.err
    assert "canary" not in some.out + some.err + every.out + every.err
    labels = tmp_path / "labels.csv"
    labels.write_text("event_id,scenario,incident\n")
    assert wardwatch("evaluate", "--events", worse, "--labels", labels).code == 1


def test_a_smaller_budget_alerts_less(wardwatch: Wardwatch, hospital: Path) -> None:
    def alerts(command: str, budget: str) -> int:
        files = (
            ("--in", hospital / "context.jsonl", hospital / "events.jsonl")
            if command == "replay"
            else (
                "--context", hospital / "context.jsonl", "--events", hospital / "events.jsonl",
                "--labels", hospital / "labels.csv",
            )
        )  # fmt: skip
        return int(json.loads(wardwatch(command, *files, "--alerts-per-day", budget, "--json").out)["alerts"])

    for command in ("replay", "evaluate"):
        assert alerts(command, "1") < alerts(command, "100")


def test_evaluate_tells_every_scenario(wardwatch: Wardwatch, hospital: Path) -> None:
    words = (
        "evaluate", "--context", hospital / "context.jsonl", "--events", hospital / "events.jsonl", "--labels",
        hospital / "labels.csv",
    )  # fmt: skip
    ran = wardwatch(*words, "--json", service_minutes=hospital / "service_minutes.csv")
    assert ran.code == 0
    report = json.loads(ran.out)
    with (hospital / "labels.csv").open() as file:
        scenarios = {row["scenario"] for row in csv.DictReader(file)}
    assert {row["scenario"] for row in report["scenarios"]} == scenarios
    assert report["found"] > 0
    assert report["budget"] == 25
    assert sum(day["alerts"] for day in report["per_day"]) == report["alerts"]
    assert 0.5 < report["explained"] <= 1
    out = hospital / "evaluation"
    ran = wardwatch(*words, "--out", out, "--min-precision", "1")
    assert "Injected incidents" in ran.out
    assert ran.code == 1
    assert "less than the 1 that was asked for" in ran.err
    assert {path.name for path in out.iterdir()} == {"evaluation.json", "evaluation.png", "evaluation.html"}
    assert set(json.loads((out / "evaluation.json").read_text())) == set(report)


def test_evaluate_refuses_labels_that_are_none(wardwatch: Wardwatch, hospital: Path) -> None:
    events = hospital / "events.jsonl"
    ran = wardwatch("evaluate", "--events", events, "--labels", events)
    assert ran.code == 1
    assert "the header lacks" in ran.err


def test_a_model_is_trained_verified_promoted_and_used(wardwatch: Wardwatch, hospital: Path, tmp_path: Path) -> None:
    private, public = tmp_path / "models.key", tmp_path / "models.pub"
    assert wardwatch("models", "keygen", private, public).code == 0
    assert wardwatch("models", "keygen", private, public).code == 1
    inputs = ("--in", hospital / "context.jsonl", hospital / "events.jsonl")
    ran = wardwatch("train", *inputs, "--private-key", private, "--version", "v1", "--json", model_public_key=public)
    assert ran.code == 0, ran.err
    assert json.loads(ran.out)["metrics"]["rows"] >= 1000
    assert wardwatch("models", "verify", "user-stage", "v1", model_public_key=public).code == 0
    assert wardwatch("models", "verify", "user-stage", "v2", model_public_key=public).code == 1
    before = json.loads(wardwatch("models", "list", "--json", model_public_key=public).out)
    promoted = wardwatch("models", "promote", "user-stage", "v1", "--private-key", private, model_public_key=public)
    assert promoted.code == 0, promoted.err
    after = json.loads(wardwatch("models", "list", "--json", model_public_key=public).out)
    assert [row["in_use"] for row in (*before, *after)] == [False, True]
    without, with_it = hospital / "without.csv", hospital / "with.csv"
    assert wardwatch("replay", *inputs, "--out-scores", without).code == 0
    assert wardwatch("replay", *inputs, "--out-scores", with_it, model_public_key=public).code == 0
    assert without.read_text() != with_it.read_text()


def test_too_few_rows_are_refused(wardwatch: Wardwatch, tmp_path: Path) -> None:
    private, public, empty = tmp_path / "models.key", tmp_path / "models.pub", tmp_path / "empty.jsonl"
    wardwatch("models", "keygen", private, public)
    empty.write_text("")
    ran = wardwatch("train", "--in", empty, "--private-key", private, model_public_key=public)
    assert ran.code == 1
    assert "at least 1000 are needed" in ran.err
