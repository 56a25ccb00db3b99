"""A worker and the console as processes on a broker: events in, incidents out, everything seen through the commands."""

import json
import re
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from streams.embedded import EmbeddedBroker, free_port
from streams.simulator import write
from tests.monitor.cli.canaries import canaries_in, planted, written_to_files, written_to_topics
from tests.monitor.cli.conftest import KEY, Ran, Wardwatch
from tests.monitor.cli.processes import environment, started, wait_for


@dataclass(frozen=True)
class Installation:
    """One installation on the shared broker, with the command line bound to its settings."""

    settings: dict[str, str]
    wardwatch: Wardwatch
    folder: Path

    def run(self, *words: str | Path) -> Ran:
        return self.wardwatch(*words, **self.settings)

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.settings['health_port']}{path}"

    def metric(self, name: str) -> float:
        text = httpx.get(self.url("/metrics"), trust_env=False).text
        return sum(float(line.rpartition(" ")[2]) for line in text.splitlines() if line.startswith(name))


@pytest.fixture
def installation(
    embedded_broker: EmbeddedBroker, topics_prefix: str, wardwatch: Wardwatch, tmp_path: Path
) -> Installation:
    settings = {
        "broker": embedded_broker.bootstrap,
        "topic_prefix": topics_prefix,
        "app_id": "w",
        "partitions": "2",
        "session_timeout": "6",
        "rebalance_timeout": "5",
        "recovery_check": "false",
        "data_dir": str(tmp_path / "data"),
        "token_key": KEY,
        "vault_key": KEY[::-1],
        "health_port": str(free_port()),
        "console_port": str(free_port()),
        "log_level": "debug",
    }
    made = Installation(settings, wardwatch, tmp_path)
    assert made.run("topics", "create").code == 0
    return made


@pytest.fixture
def worker(installation: Installation) -> Iterator[subprocess.Popen[bytes]]:
    """A worker that is ready."""
    log = installation.folder / "worker.log"

    def is_ready() -> bool:
        try:
            return httpx.get(installation.url("/readyz"), trust_env=False).status_code == 200
        except httpx.TransportError:
            return False

    with started(["worker"], environment(installation.settings), log) as process:
        wait_for("readiness", is_ready, log)
        yield process


def test_topics_are_created_once(installation: Installation) -> None:
    again = installation.run("topics", "create", "--json")
    assert again.code in (0, 1)  # the embedded broker does not tell the settings of its topics
    report = json.loads(again.out)
    assert report["created"] == []
    assert len(report["existing"]) > 10


def test_a_worker_says_when_topics_are_missing(embedded_broker: EmbeddedBroker, wardwatch: Wardwatch) -> None:
    ran = wardwatch("worker", broker=embedded_broker.bootstrap, topic_prefix="nothing-here-")
    assert ran.code == 1
    assert "run `wardwatch topics create`" in ran.err


def test_events_become_incidents_that_people_work_on(
    installation: Installation, worker: subprocess.Popen[bytes]
) -> None:
    log, folder = installation.folder / "worker.log", installation.folder / "hospital"
    write(folder, 1, 3, 0.004)
    with (folder / "events.jsonl").open("a") as events:
        events.write('{"specversion":"1.0","id":"x","source":"urn:test","type":"nobody.knows.v1","data":{}}\n')
        events.writelines(f"{line}\n" for line in planted())
    for name in ("context.jsonl", "events.jsonl"):
        ran = installation.run("ingest", folder / name, "--json")
        assert ran.code == 0, ran.err
    sent = sum(len((folder / name).read_text().splitlines()) for name in ("context.jsonl", "events.jsonl"))

    def settled() -> bool:
        received = installation.metric('wardwatch_ledger{outcome="received"')
        return received == sent and installation.metric('wardwatch_ledger{outcome="in_flight"') == 0

    wait_for("the ledger", settled, log)
    rows = json.loads(installation.run("incidents", "list", "--open", "--json").out)
    assert rows
    assert installation.metric("wardwatch_findings_total") > 0
    assert installation.metric("wardwatch_event_to_finding_seconds_count") > 0
    assert installation.metric("wardwatch_scoring_seconds_count") > 0

    letters = json.loads(installation.run("deadletters", "list", "--json").out)
    assert letters["by_reason"] == {"unknown_type": 1, "wrong_type": 1, "pan_found": 2}
    assert installation.metric("wardwatch_masked_texts_total") == 3
    again = installation.run("deadletters", "replay", "--reason", "unknown_type", "--json")
    assert json.loads(again.out)["replayed"] == 1
    assert installation.run("deadletters", "list").code == 0

    incident = rows[0]["id"]
    for words in (
        ["ack", incident, "--as", "p.officer"],
        ["assign", incident, "p.officer"],
        ["comment", incident, "asked the manager"],
        ["investigate", incident],
        ["resolve", incident, "--verdict", "false_positive_rule", "--reason", "a test"],
        ["reopen", incident, "--reason", "not convinced"],
        ["resolve", incident, "--verdict", "false_positive_rule", "--reason", "a test"],
        ["close", incident],
    ):
        ran = installation.run("incidents", *words)
        assert ran.code == 0, ran.err
    assert installation.run("incidents", "ack", incident).code == 1
    case = json.loads(installation.run("incidents", "show", incident, "--json").out)
    assert case["incident"]["status"] == "closed"
    assert [entry["action"] for entry in case["timeline"]][-8:] == [
        "acknowledge", "assign", "comment", "start_investigation", "resolve", "reopen", "resolve", "close",
    ]  # fmt: skip
    shown = installation.run("incidents", "show", incident).out
    assert "p.officer: acknowledge" in shown

    worker.send_signal(signal.SIGTERM)
    assert worker.wait(60) == 0, log.read_text()[-2000:]
    _the_vault_tells_and_writes_down(installation, rows)
    _no_identifier_was_written(installation)
    said = log.read_text()
    messages = [json.loads(line)["message"] for line in said.splitlines()]
    assert (messages[0], messages[-1]) == ("Worker starts", "Worker ends")
    assert any("incidents/INC-" in message for message in messages)  # the channel that needs no settings
    assert not re.search(r"MRN\d|\b(U\d{5}|V\d{4})\b|[a-z]1:[A-Za-z0-9_-]{22}", said)


def _the_vault_tells_and_writes_down(installation: Installation, rows: list[dict[str, Any]]) -> None:
    user = next(row for row in rows if row["entity"]["type"] == "user")
    asked = ["vault", "reveal", user["entity"]["ref"], "--by", "p.officer", "--incident", user["id"]]
    told = installation.run(*asked, "--purpose", "asks the manager")
    assert re.fullmatch(r"(U\d{5}|V\d{4})\n", told.out), told.err
    assert installation.run(*asked, "--purpose", "?").code == 1
    audit = json.loads(installation.run("vault", "audit", "--json").out)
    assert audit["first_break"] is None
    assert [(entry["actor"], entry["outcome"], entry["incident"]) for entry in audit["entries"]] == [
        ("p.officer", "opened", user["id"]),
        ("p.officer", "refused", user["id"]),
    ]


def _no_identifier_was_written(installation: Installation) -> None:
    """Look for the canaries in every byte of Kafka, store, vault and log, and for MRNs in all but the source topics."""
    topics = written_to_topics(installation.settings["broker"], installation.settings["topic_prefix"])
    files = written_to_files(installation.folder / "data") | {
        Path("log"): (installation.folder / "worker.log").read_bytes()
    }
    assert {name: canaries_in(held) for name, held in topics.items() if canaries_in(held)} == {}
    assert {path.name: canaries_in(held) for path, held in files.items() if canaries_in(held)} == {}
    ours = {name: held for name, held in topics.items() if name.startswith(("stage.", "w-", "findings", "ledger"))}
    assert sum(map(len, ours.values())) > 10_000
    raw = re.compile(rb"MRN\d{6}|P-CANARY|U99001")
    assert [name for name, held in [*ours.items(), *files.items()] if raw.search(held)] == []


def test_the_console_shows_only_what_may_leave(installation: Installation, tmp_path: Path) -> None:
    folder = tmp_path / "hospital"
    write(folder, 1, 3, 0.004)
    base, log = f"http://127.0.0.1:{installation.settings['console_port']}", tmp_path / "console.log"

    def answers() -> bool:
        try:
            return httpx.get(f"{base}/readyz", trust_env=False).status_code == 200
        except httpx.TransportError:
            return False

    with started(["console"], environment(installation.settings), log) as console:
        wait_for("the console", answers, log)
        assert "There are no incidents" in httpx.get(base, trust_env=False).text
        assert httpx.get(f"{base}/incidents/INC-NONE", trust_env=False).status_code == 404
        assert "wardwatch_build_info" in httpx.get(f"{base}/metrics", trust_env=False).text
        console.send_signal(signal.SIGTERM)
        assert console.wait(30) == 0


def test_two_processes_cannot_have_one_port(installation: Installation) -> None:
    log = installation.folder / "console.log"
    variables = environment(installation.settings)

    def listens() -> bool:
        try:
            return httpx.get(f"http://127.0.0.1:{installation.settings['console_port']}/", trust_env=False).is_success
        except httpx.TransportError:
            return False

    with started(["console"], variables, log):
        wait_for("the console", listens, log)
        second = installation.folder / "second.log"
        with started(["console"], variables, second) as other:
            assert other.wait(30) == 1
    assert "set another WARDWATCH_CONSOLE_PORT" in second.read_text()


def test_the_doctor_finds_what_is_wrong_and_what_is_right(installation: Installation) -> None:
    results = {row["check"]: row for row in json.loads(installation.run("doctor", "--json").out)}
    for name in ("python", "packages", "broker", "database", "disk", "rules", "models", "keys", "clock"):
        assert results[name]["ok"], results[name]
    sick = installation.wardwatch("doctor", **{**installation.settings, "broker": "127.0.0.1:1", "token_key": ""})
    assert sick.code == 1
    assert "broker" in sick.err
    assert "keys" in sick.err
    assert "nothing answers at 127.0.0.1:1" in sick.out
