"""Incidents through the command line alone: lists, the work on a case, evidence, overpayments, history."""

import datetime
import json
import time
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs
from sqlalchemy import Engine

from alerting.commands import RecordFindings
from alerting.desk import Desk
from alerting.store import Store, create_schema, open_engine
from detectors.finding import Entity, Finding
from tests.alerting.building import HOUR, a_finding, numbered_ids
from tests.monitor.cli.conftest import Wardwatch

ONE, TWO, THREE = "INC-T0000001", "INC-T0000002", "INC-T0000003"
EVIDENCE_KEY = "fedcba9876543210" * 4
NOW = time.time()
FINDINGS = [
    a_finding("B22", ref="u1:a", at=NOW, ground="one"),
    a_finding("A09", ref="u1:a", at=NOW, ground="two"),
    a_finding("A01", ref="p1:b", entity_type="patient", severity="low", at=NOW),
    a_finding("A09", ref="u1:c", severity="critical", at=NOW),
]


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    (tmp_path / "data").mkdir()
    engine = open_engine(f"sqlite:///{tmp_path / 'data' / 'wardwatch.sqlite'}")
    create_schema(engine)
    return engine


@pytest.fixture
def cases(engine: Engine) -> list[Finding]:
    """Three cases in the database of the command line, opened two hours ago: the first has two findings."""
    desk = Desk(Store(engine), clock=lambda: NOW - 2 * HOUR, incident_ids=numbered_ids())
    recorded = desk.handle(RecordFindings(FINDINGS))
    engine.dispose()
    assert recorded.opened == (ONE, TWO, THREE)
    return recorded.findings


def listed(wardwatch: Wardwatch, *words: str) -> list[str]:
    return sorted(row["id"] for row in answer(wardwatch, "list", *words))


def answer(wardwatch: Wardwatch, *words: str | Path, **settings: str) -> Any:
    ran = wardwatch("incidents", *words, "--json", **settings)
    assert (ran.code, ran.err) == (0, "")
    return json.loads(ran.out)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("", [ONE, TWO, THREE]),
        ("--open --severity SEV1 --severity SEV4", [TWO, THREE]),
        ("--rule A09", [ONE, THREE]),
        ("--entity patient", [TWO]),
        ("--queue billing_quality", []),
        ("--queue fraud_privacy", [ONE, TWO, THREE]),
        ("--overdue", [ONE, THREE]),  # after two hours; the third is due within five days
        ("--since 3h", [ONE, TWO, THREE]),
        ("--since 1h", []),
        ("--since 2020-01-01", [ONE, TWO, THREE]),
        (f"--id {TWO[:8]} --limit 1000", [ONE, TWO, THREE]),
        (f"--id {TWO}", [TWO]),
        ("--status new --status triaged", [ONE, TWO, THREE]),
        ("--mine --as ana", []),
    ],
)
def test_lists(wardwatch: Wardwatch, cases: list[Finding], words: str, expected: list[str]) -> None:
    assert cases
    assert listed(wardwatch, *words.split()) == expected


def test_what_is_mine(wardwatch: Wardwatch, cases: list[Finding]) -> None:
    assert cases
    assert answer(wardwatch, "assign", ONE, "ana")["assignee"] == "ana"
    assert answer(wardwatch, "follow", TWO, "--as", "ana") == ["ana"]
    assert listed(wardwatch, "--mine", "--as", "ana") == [ONE, TWO]
    assert listed(wardwatch, "--assignee", "ana") == [ONE]
    assert wardwatch("incidents", "unfollow", TWO, "--who", "ana").out == "Nobody follows it.\n"
    assert listed(wardwatch, "--mine", "--as", "ana") == [ONE]


def test_who_is_not_in_the_plan_is_remarked(wardwatch: Wardwatch, cases: list[Finding], tmp_path: Path) -> None:
    assert cases
    plan = tmp_path / "plan.yml"
    plan.write_text("people: [{name: ana}]")
    assert wardwatch("incidents", "assign", ONE, "ana", response_file=plan).err == ""
    unknown = wardwatch("incidents", "assign", ONE, "zoe", response_file=plan)
    assert unknown.code == 0
    assert unknown.err == "zoe is nobody in the response plan, so nobody tells them of the case.\n"
    assert wardwatch("incidents", "assign", ONE, "", response_file=plan).err == ""
    assert wardwatch("incidents", "assign", ONE, "zoe").err == ""


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("list --status odd", "there is no status 'odd'; give one of new, triaged"),
        ("list --severity SEV9", "there is no severity 'SEV9'; give one of SEV1, SEV2"),
        ("list --queue odd", "there is no queue 'odd'"),
        ("list --entity odd", "there is no type 'odd'"),
        ("list --since soon", "'soon' is no time; write a day"),
        ("show INC-NONE", "there is no incident INC-NONE; `wardwatch incidents list` shows those that are"),
        ("history INC-NONE", "there is no incident INC-NONE"),
        ("tasks list INC-NONE", "there is no incident INC-NONE"),
        ("tasks done INC-T0000001 1", "INC-T0000001 has no task 1"),
        ("link INC-T0000001 INC-T0000001", "an incident is linked to another"),
        ("link INC-T0000001 INC-T0000002 --as-a friend", "there is no relation 'friend'"),
        ("split INC-T0000001 nothing", "name findings that are part of INC-T0000001"),
        ("close INC-T0000001", "Close is not possible while INC-T0000001 is new; see `wardwatch incidents show"),
        ("resolve INC-T0000001 --verdict odd --reason x", "there is no verdict 'odd'"),
        ("evidence add INC-T0000001", "give one of --finding, --event, --note and --file"),
        ("evidence add INC-T0000001 --note x", "set WARDWATCH_EVIDENCE_KEY"),
        ("evidence add INC-T0000001 --finding x", "there is no such finding"),
        ("evidence get EV-NONE", "there is no evidence EV-NONE"),
        ("overpayment found INC-T0000001 --identified-on soon --amount 1", "a day is written as 2026-03-02"),
        ("overpayment found INC-T0000001 --identified-on 2026-03-02 --amount 1,5", "an amount is written as"),
        ("overpayment returned INC-T0000001 --on 2026-03-02", "no overpayment is known of INC-T0000001"),
    ],
)
def test_what_is_wrong_is_said(wardwatch: Wardwatch, cases: list[Finding], words: str, says: str) -> None:
    assert cases
    ran = wardwatch("incidents", *words.split())
    assert ran.code == (2 if "no time" in says else 1)
    assert says in ran.err


def test_the_work_on_a_case(wardwatch: Wardwatch, cases: list[Finding]) -> None:
    task = answer(wardwatch, "tasks", "add", ONE, "pull the badge log", "--assignee", "ben", "--due", "2d")
    assert (task["number"], task["assignee"]) == (1, "ben")
    assert [one["text"] for one in answer(wardwatch, "tasks", "list", "--assignee", "ben")] == ["pull the badge log"]
    assert wardwatch("incidents", "tasks", "done", ONE, "1").out == f"Task 1 of {ONE} is done.\n"
    assert answer(wardwatch, "tasks", "list") == []
    answer(wardwatch, "link", ONE, TWO, "--as-a", "caused_by")
    new = answer(wardwatch, "split", ONE, cases[0].id, "--reason", "another matter")
    assert (new["rules"], new["findings"]) == (["B22"], 1)
    shown = answer(wardwatch, "show", ONE)
    assert shown["incident"]["overdue"] == ["acknowledge"]
    assert [finding["id"] for finding in shown["findings"]] == [cases[1].id]
    work = shown["work"]
    assert [(link["other"], link["relation"]) for link in work["links"]] == [(TWO, "caused_by")]
    assert (len(work["tasks"]), work["watchers"], work["evidence"], work["overpayment"]) == (1, [], [], None)
    text = wardwatch("incidents", "show", ONE).out
    for line in ("link       caused by INC-T0000002", "1 done, ben: pull the badge log", "split - another matter"):
        assert line in text
    assert " overdue" in text
    assert wardwatch("incidents", "unlink", TWO, ONE).out == f"{TWO} and {ONE} are not linked.\n"


def test_evidence(wardwatch: Wardwatch, cases: list[Finding], tmp_path: Path) -> None:
    scan = tmp_path / "scan.pdf"
    scan.write_bytes(b"%PDF \x00\xff Jane Doe")
    kept = answer(wardwatch, "evidence", "add", ONE, "--file", scan, evidence_key=EVIDENCE_KEY)
    note = answer(wardwatch, "evidence", "add", ONE, "--note", "the manager says so", evidence_key=EVIDENCE_KEY)
    named = answer(wardwatch, "evidence", "add", ONE, "--finding", cases[0].id)
    assert (kept["kind"], kept["reference"], kept["size"]) == ("file", "scan.pdf", 16)
    assert answer(wardwatch, "evidence", "list", ONE) == [kept, note, named]
    out = tmp_path / "out.pdf"
    got = wardwatch(
        "incidents",
        "evidence",
        "get",
        kept["id"],
        "--out",
        out,
        evidence_key=f"2={'0' * 64}",
        previous_evidence_keys=f"1={EVIDENCE_KEY}",
    )
    assert got.out == f"16 bytes are in {out}.\n"
    assert out.read_bytes() == scan.read_bytes()
    assert out.stat().st_mode & 0o077 == 0
    again = wardwatch("incidents", "evidence", "get", kept["id"], "--out", out, evidence_key=EVIDENCE_KEY)
    assert (again.code, "cannot be written" in again.err) == (1, True)
    wrong = wardwatch("incidents", "evidence", "get", kept["id"], evidence_key="0" * 64)
    assert (wrong.code, wrong.out) == (1, "")
    assert "does not open" in wrong.err
    nothing = wardwatch("incidents", "evidence", "get", named["id"], evidence_key=EVIDENCE_KEY)
    assert f"names a finding and has no content: {cases[0].id}" in nothing.err


def test_an_overpayment(wardwatch: Wardwatch, cases: list[Finding]) -> None:
    assert cases
    answer(wardwatch, "ack", ONE)
    answer(wardwatch, "resolve", ONE, "--verdict", "benign_explained", "--reason", "a correction")
    today = datetime.datetime.now(datetime.UTC).date()
    found = wardwatch(
        "incidents", "overpayment", "found", ONE, "--identified-on", today.isoformat(), "--amount", "1250.50"
    )
    due = today + datetime.timedelta(days=60)
    assert found.out == f"{ONE}: an overpayment of 1,250.50, to be reported and returned by {due}.\n"
    back = answer(wardwatch, "overpayment", "returned", ONE, "--on", today.isoformat())
    assert (back["cents"], back["returned_on"]) == (125_050, today.isoformat())
    none = wardwatch("incidents", "overpayment", "none", TWO, "--reason", "denied")
    assert none.out == f"{TWO}: there is no overpayment.\n"


def test_history_tells_of_tampering(wardwatch: Wardwatch, cases: list[Finding], engine: Engine) -> None:
    assert cases
    answer(wardwatch, "comment", ONE, "asked the manager", "--as", "ana")
    assert [entry["action"] for entry in answer(wardwatch, "history", ONE)] == ["opened", "comment"]
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE timeline SET actor = 'ben' WHERE action = 'comment'")
    engine.dispose()
    ran = wardwatch("incidents", "history", ONE)
    assert (ran.code, "asked the manager" in ran.out) == (1, True)
    assert "entry 2 does not continue the chain of hashes" in ran.err


def test_a_case_tells_whom_and_when_it_is_about(
    wardwatch: Wardwatch, engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    user, patient = Entity("user", "u1:a"), Entity("patient", "p1:b")
    at = 1_772_442_843.0  # 2026-03-02T09:14:03Z, 03:14 in Chicago
    finding = structs.replace(
        a_finding(ref="u1:a", at=at), entities=[user, patient], source="urn:ehr", department="ICU"
    )
    Desk(Store(engine), clock=lambda: at, incident_ids=numbered_ids()).handle(RecordFindings([finding]))
    engine.dispose()
    plan = tmp_path / "plan.yml"
    plan.write_text("zone: America/Chicago")
    answer(wardwatch, "assign", ONE, "ben", "--note", "knows the ward", response_file=str(plan))
    text = wardwatch("incidents", "show", ONE, response_file=plan).out
    for line in (
        "entity     user u1:a\n",
        "last       2026-03-02 03:14 CST\n",
        f"  2026-03-02 03:14 CST {finding.detector} high, risk 50, {finding.id}\n",
        "    parties: patient p1:b\n",
        "    source urn:ehr, department ICU\n",
        "assign - knows the ward (assignee ben)\n",
    ):
        assert line in text
    assert "2026-03-02 09:14 UTC" in wardwatch("incidents", "history", ONE).out
    assert "2026-03-02 03:14 CST" in wardwatch("incidents", "list", response_file=plan).out
    monkeypatch.setenv("COLUMNS", "60")
    assert max(map(len, wardwatch("incidents", "list").out.splitlines())) == 60
    plan.write_text("zone: Nowhere/At-all")
    assert "2026-03-02 09:14 UTC" in wardwatch("incidents", "show", ONE, response_file=plan).out
