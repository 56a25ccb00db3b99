"""Silences, maintenance and snooze through the command line alone."""

import json
import time
from pathlib import Path

import msgspec
import pytest

from alerting.commands import RecordFindings
from alerting.desk import Desk
from alerting.store import Store, create_schema, open_engine
from tests.alerting.building import a_finding, numbered_ids
from tests.monitor.cli.conftest import Wardwatch

PLAN = """
zone: America/New_York
people:
  - {name: ana, roles: [privacy_officer]}
muting:
  maintenance:
    - {name: backup of the record system, matchers: ['source="ehr"'], starts: "00:00", ends: "00:00"}
"""


@pytest.fixture
def case(tmp_path: Path) -> str:
    """A case in the database of the command line."""
    (tmp_path / "data").mkdir()
    engine = open_engine(f"sqlite:///{tmp_path / 'data' / 'wardwatch.sqlite'}")
    create_schema(engine)
    desk = Desk(Store(engine), clock=time.time, incident_ids=numbered_ids())
    (opened,) = desk.handle(RecordFindings([a_finding(at=time.time())])).opened
    engine.dispose()
    return opened


def test_a_silence_lives(wardwatch: Wardwatch) -> None:
    words = ("silences", "add", 'rule=~"A0.*",severity!=SEV2', "--until", "8h", "--reason", "migration", "--as", "ana")
    made = json.loads(wardwatch(*words, "--json").out)
    assert (made["state"], made["matchers"]) == ("active", 'rule=~"A0.*", severity!="SEV2"')
    (row,) = json.loads(wardwatch("silences", "list", "--state", "active", "--json").out)
    assert row == made
    shown = json.loads(wardwatch("silences", "show", made["id"], "--json").out)
    assert (shown["held_back"], shown["waiting"], shown["author"]) == ({}, [], "ana")
    other = json.loads(wardwatch(*words, "--json").out)
    ended = json.loads(wardwatch("silences", "expire", other["id"], "--json").out)
    assert (ended["id"], ended["state"]) == (other["id"], "expired")
    assert wardwatch("silences", "expire", made["id"]).out == f"{made['id']} has ended.\n"
    assert json.loads(wardwatch("silences", "list", "--state", "active", "--json").out) == []
    again = wardwatch("silences", "expire", made["id"])
    assert (again.code, again.err) == (1, f"wardwatch: {made['id']} has ended already\n")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("silences", "add", "rule=", "--until", "1h", "--reason", "x"), "at character 6: a value is expected"),
        (("silences", "add", "rule=A09", "--until", "soon", "--reason", "x"), "'soon' is no time; write a day"),
        (("silences", "add", "rule=A09", "--until", "2020-01-01", "--reason", "x"), "the end must lie in the future"),
        (("silences", "add", "rule=A09", "--until", "1h", "--reason", ""), "a reason is needed"),
        (("silences", "show", "SIL-1"), "there is no silence SIL-1"),
        (("silences", "list", "--state", "odd"), "there is no state 'odd'"),
        (("maintenance", "end", "MNT-1"), "there is no silence or maintenance window of this id"),
        (("incidents", "snooze", "INC-1", "--until", "1h", "--reason", "x"), "there is no incident INC-1"),
    ],
)
def test_what_may_not_be_is_said(wardwatch: Wardwatch, words: tuple[str, ...], says: str) -> None:
    ran = wardwatch(*words)
    assert ran.code != 0
    assert says in ran.err


def test_silences_of_alertmanager_are_taken_over(wardwatch: Wardwatch, tmp_path: Path) -> None:
    written = {
        "matchers": [{"name": "rule", "value": "A0.*", "isRegex": True, "isEqual": True}],
        "startsAt": "2026-01-01T00:00:00Z",
        "endsAt": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3600)),
        "createdBy": "bo",
        "comment": "migration",
    }
    file = tmp_path / "silences.json"
    file.write_bytes(msgspec.json.encode([written]))
    assert wardwatch("silences", "import", file).out == "1 silences were taken over.\n"
    (row,) = json.loads(wardwatch("silences", "list", "--json").out)
    assert (row["matchers"], row["author"], row["reason"]) == ('rule=~"A0.*"', "bo", "migration")
    file.write_bytes(msgspec.json.encode([written | {"matchers": [{"name": "job", "value": "x"}]}]))
    refused = wardwatch("silences", "import", file)
    assert refused.code == 1
    assert "silence 1, matcher 1: there is no label 'job'" in refused.err
    assert "No such file" in wardwatch("silences", "import", tmp_path / "none.json").err


def test_maintenance_of_the_plan_and_by_hand(wardwatch: Wardwatch, tmp_path: Path) -> None:
    plan = tmp_path / "response.yml"
    plan.write_text(PLAN, encoding="utf-8")
    words = ("maintenance", "add", "department=ICU", "--until", "4h", "--reason", "upgrade", "--json")
    made = json.loads(wardwatch(*words, response_file=plan).out)
    rows = json.loads(wardwatch("maintenance", "list", "--json", response_file=plan).out)
    assert [(row["id"], row["state"]) for row in rows] == [
        ("backup of the record system", "active"),
        (made["id"], "active"),
    ]
    assert json.loads(wardwatch("maintenance", "waiting", "--json").out) == []
    assert wardwatch("maintenance", "end", made["id"]).out == f"{made['id']} has ended.\n"


def test_a_case_is_snoozed_and_wakes(wardwatch: Wardwatch, case: str) -> None:
    words = ("incidents", "snooze", case, "--until", "2d", "--reason", "the manager is away")
    assert f"{case} is snoozed until" in wardwatch(*words).out
    assert wardwatch("incidents", "unsnooze", case).out == f"{case} is not snoozed any more.\n"
    snoozed = json.loads(wardwatch(*words, "--json").out)
    assert (snoozed["id"], round((snoozed["snoozed_until"] - time.time()) / 86_400)) == (case, 2)
    assert json.loads(wardwatch("incidents", "unsnooze", case, "--json").out)["id"] == case
    assert wardwatch("incidents", "unsnooze", case).err == f"wardwatch: {case} is not snoozed\n"


def test_what_waits_is_shown(wardwatch: Wardwatch, tmp_path: Path) -> None:
    made = json.loads(wardwatch("silences", "add", "rule=A09", "--until", "8h", "--reason", "x", "--json").out)
    engine = open_engine(f"sqlite:///{tmp_path / 'data' / 'wardwatch.sqlite'}")
    desk = Desk(Store(engine), clock=time.time, incident_ids=numbered_ids())
    (opened,) = desk.handle(RecordFindings([a_finding(at=time.time())])).opened
    engine.dispose()
    (row,) = json.loads(wardwatch("silences", "waiting", "--json").out)
    assert (row["incident"], row["behind"], row["news"]) == (opened, f"silence {made['id']}", 1)
    assert json.loads(wardwatch("silences", "show", made["id"], "--json").out)["held_back"] == {opened: 1}
