"""Whoever looks at a case at the command line is in the audit log, whichever part of it that is."""

import json
from pathlib import Path

import pytest

from alerting.commands import Acknowledge, AssessRisk, RecordFindings, StartInvestigation
from alerting.desk import Desk
from alerting.store import Store, create_schema, open_engine
from tests.alerting.building import Clock, a_finding, numbered_ids
from tests.monitor.cli.conftest import Wardwatch

CASE = "INC-T0000001"
EVIDENCE_KEY = "fedcba9876543210" * 4


@pytest.fixture(autouse=True)
def _case(tmp_path: Path) -> None:
    """A case with a breach file, in the database of the command line."""
    (tmp_path / "data").mkdir()
    engine = open_engine(f"sqlite:///{tmp_path / 'data' / 'wardwatch.sqlite'}")
    create_schema(engine)
    desk = Desk(Store(engine), clock=Clock(), incident_ids=numbered_ids())
    desk.handle(RecordFindings([a_finding()]))
    for command in (Acknowledge, StartInvestigation, AssessRisk):
        desk.handle(command(incident_id=CASE, actor="a"))
    engine.dispose()


def looks(wardwatch: Wardwatch, *words: str) -> list[tuple[str, str]]:
    entries = json.loads(wardwatch("audit", "list", "--json", *words).out)
    return sorted((entry["incident"], entry["subject"]) for entry in entries if entry["action"] == "look")


@pytest.mark.parametrize(
    ("words", "incident", "part"),
    [
        (("incidents", "show", CASE), CASE, ""),
        (("incidents", "history", CASE), CASE, "history"),
        (("incidents", "evidence", "list", CASE), CASE, "evidence"),
        (("incidents", "tasks", "list", CASE), CASE, "tasks"),
        (("incidents", "tasks", "list"), "", "tasks"),
        (("breach", "show", CASE), CASE, "breach file"),
        (("breach", "checklist", CASE), CASE, "breach file"),
    ],
)
def test_a_look_is_noted(wardwatch: Wardwatch, words: tuple[str, ...], incident: str, part: str) -> None:
    assert wardwatch(*words).code == 0
    assert looks(wardwatch) == [(incident, part)]


@pytest.mark.parametrize("group", ["incidents", "breach"])
def test_an_id_may_be_typed_in_small_letters(wardwatch: Wardwatch, group: str) -> None:
    assert wardwatch(group, "show", CASE.lower()).code == 0
    assert looks(wardwatch, "--incident", CASE.lower()) == [(CASE, "breach file" if group == "breach" else "")]


def test_an_opened_file_is_noted_by_its_id(wardwatch: Wardwatch) -> None:
    added = wardwatch("incidents", "evidence", "add", CASE, "--note", "x", "--json", evidence_key=EVIDENCE_KEY)
    evidence = json.loads(added.out)["id"]
    wardwatch("incidents", "evidence", "get", evidence, "--as", "p.officer")  # without the key: it was tried
    assert looks(wardwatch) == [(CASE, evidence)]
    assert looks(wardwatch, "--actor", "p.officer") == [(CASE, evidence)]


def test_what_is_not_there_was_not_looked_at(wardwatch: Wardwatch) -> None:
    for words in (
        ("show",),
        ("history",),
        ("questions",),
        ("evidence", "list"),
        ("tasks", "list"),
        ("evidence", "get"),
    ):
        wardwatch("incidents", *words, "INC-OF-JANE-DOE")
    wardwatch("breach", "show", "INC-OF-JANE-DOE")
    assert looks(wardwatch) == []
