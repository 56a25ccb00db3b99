"""The audit log through the command line: keys, checkpoints, verification, and what a change ends with."""

import json
from pathlib import Path

import pytest
from sqlalchemy import text

from alerting.commands import Acknowledge, RecordFindings
from alerting.desk import Desk
from alerting.store import Store, create_schema, open_engine
from tests.alerting.building import MONDAY, Clock, a_finding, numbered_ids
from tests.monitor.cli.conftest import Wardwatch


@pytest.fixture
def database(tmp_path: Path) -> str:
    """The database of the command line, with a case that was acknowledged."""
    (tmp_path / "data").mkdir()
    url = f"sqlite:///{tmp_path / 'data' / 'wardwatch.sqlite'}"
    engine = open_engine(url)
    create_schema(engine)
    desk = Desk(Store(engine), clock=Clock(), incident_ids=numbered_ids())
    (case,) = desk.handle(RecordFindings([a_finding(at=MONDAY)])).opened
    desk.handle(Acknowledge(incident_id=case, actor="p.officer"))
    engine.dispose()
    return url


def changed(url: str, statement: str) -> None:
    engine = open_engine(url)
    with engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()


@pytest.mark.usefixtures("database")
def test_what_was_done_is_listed(wardwatch: Wardwatch) -> None:
    (entry,) = json.loads(wardwatch("audit", "list", "--actor", "p.officer", "--json").out)
    assert (entry["seq"], entry["action"], entry["incident"], entry["at"]) == (1, "acknowledge", "INC-T0000001", MONDAY)
    assert "2026-03-02 09:14:03 UTC  p.officer  acknowledge" in wardwatch("audit", "list").out
    assert wardwatch("audit", "list", "--since", "2026-03-03").out == "Nobody did anything that fits.\n"
    wrong = wardwatch("audit", "list", "--since", "yesterday")
    assert wrong.code == 2
    assert "'yesterday' is no time; write a day" in wrong.err


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize(
    ("since", "zone", "is_listed"),
    [
        # It was done at 2026-03-02T09:14:03Z, which is 03:14 in Chicago (CST) and 23:14 in Kiritimati (UTC+14).
        ("2026-03-02", "Pacific/Kiritimati", True),
        ("2026-03-03", "Pacific/Kiritimati", False),
        ("2026-03-02", "America/Chicago", True),
        ("2026-03-02T03:14", "America/Chicago", True),
        ("2026-03-02T03:15", "America/Chicago", False),
        ("2026-03-02T09:15", "America/Chicago", False),
        ("2026-03-02T09:14:03+00:00", "America/Chicago", True),
        ("2026-03-02T09:14:04Z", "America/Chicago", False),
        ("2026-03-02T10:14:03+01:00", "America/Chicago", True),
        ("2026-03-02T03:14", "", True),  # UTC without a plan
        ("2026-03-02T09:15", "", False),
        ("1h", "", False),
    ],
)
def test_days_and_times_are_those_of_the_site(
    wardwatch: Wardwatch, tmp_path: Path, since: str, zone: str, is_listed: bool
) -> None:
    plan = tmp_path / "plan.yml"
    plan.write_text(f"zone: {zone}\n")
    given = {"response_file": plan} if zone else {}
    found = json.loads(wardwatch("audit", "list", "--since", since, "--actor", "p.officer", "--json", **given).out)
    assert bool(found) == is_listed


def test_a_change_is_told_with_its_row_and_ends_with_1(wardwatch: Wardwatch, database: str, tmp_path: Path) -> None:
    private, public, kept = tmp_path / "audit.key", tmp_path / "audit.pub", tmp_path / "checkpoint.json"
    keys = {"audit_signing_key": private, "audit_public_key": public}
    assert wardwatch("audit", "keygen", private, public).code == 0
    kept.write_text(wardwatch("audit", "checkpoint", **keys).out)
    sound = wardwatch("audit", "verify", "--checkpoint", kept, **keys)
    assert (sound.code, sound.out) == (0, "All is as written.\n1 checkpoints and their signatures were checked.\n")
    assert "were not checked: WARDWATCH_AUDIT_PUBLIC_KEY is not set" in wardwatch("audit", "verify").out
    changed(database, "UPDATE audit_log SET actor = 'nobody' WHERE seq = 1")
    found = wardwatch("audit", "verify", "--json", **keys)
    assert found.code == 1
    assert [(fault["where"], fault["row"]) for fault in json.loads(found.out)["faults"]] == [("audit log", 1)]
    assert found.err.startswith("wardwatch: 1 faults: somebody changed what was written, or a disk did")


@pytest.mark.usefixtures("database")
def test_what_is_missing_is_told(wardwatch: Wardwatch, tmp_path: Path) -> None:
    unsigned = wardwatch("audit", "checkpoint")
    assert (unsigned.code, unsigned.err) == (
        1,
        "wardwatch: WARDWATCH_AUDIT_SIGNING_KEY is not set; make a pair of keys with `wardwatch audit keygen`\n",
    )
    (tmp_path / "odd.json").write_text("{}")
    odd = wardwatch("audit", "verify", "--checkpoint", tmp_path / "odd.json")
    assert "odd.json is no checkpoint" in odd.err
    gone = wardwatch("audit", "verify", "--checkpoint", tmp_path / "gone.json")
    assert "gone.json cannot be read: No such file" in gone.err
