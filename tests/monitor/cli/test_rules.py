"""The rules as people see, check and test them; and the commands that only read."""

import json
from pathlib import Path

from detectors.sigma import shipped_rules
from tests.monitor.cli.conftest import Wardwatch

RULE = """\
title: Printing at a workstation that is not known
id: 0e95725d-7320-415d-80f7-004da920fc11
status: test
description: A print from nowhere.
level: low
logsource: {product: wardwatch, category: phi_access}
detection:
  selection:
    action: teleport
  condition: selection and nonsense
wardwatch: {catalogue: A30, stage: user, version: 1, reason: Printed.}
"""

NOT_BY_ONE_RULE = {
    "R01": ("detector", ["medium", "high"], "entity_risk.py"),
    "trees_and_tails": ("model", ["low", "medium"], "trees_and_tails.py"),
    "user-stage": ("model", ["low", "medium"], "isolation_forest.py"),
}
"""Kind, severities and file of what makes findings without being a rule or a pattern of its own."""


def test_the_catalogue_is_listed_for_programs_and_for_people(wardwatch: Wardwatch) -> None:
    rows = json.loads(wardwatch("rules", "list", "--json").out)
    assert {"A05", "A09", "A13", "A16", "A17", "A19", "B01", "B05", "B14", "B22", "B25"} <= {row["id"] for row in rows}
    assert set(rows[0]) == {"id", "title", "kind", "stage", "level", "levels", "version", "file"}
    names = {path.name for path in shipped_rules().iterdir() if path.name.endswith(".yml")}
    shipped = {name for name in names if not name.endswith(".tests.yml")}
    files = [row["file"] for row in rows if row["kind"] in ("rule", "correlation")]
    assert sorted(files) == sorted(shipped), "each file makes one row"
    assert {row["file"] for row in rows if row["id"] == "A16"} == {"a16_travel.py"}
    assert [row["levels"] for row in rows if row["id"] == "B05"] == [["medium", "high", "critical"]]
    assert [row["levels"] for row in rows if row["id"] == "B14"] == [["critical"]]
    shown = wardwatch("rules", "list").out
    assert "Login from two places" in " ".join(shown.split()), "longer titles go over several lines"
    in_python = len(rows) - len(files) - 2
    assert f"{len(files)} rules in files (correlations among them), {in_python} detectors in Python" in shown
    assert "and 2 models." in shown


def test_the_risk_and_the_models_are_listed_beside_the_rules(wardwatch: Wardwatch) -> None:
    rows = {row["id"]: row for row in json.loads(wardwatch("rules", "list", "--json").out)}
    seen = {name: (rows[name]["kind"], rows[name]["levels"], rows[name]["file"]) for name in NOT_BY_ONE_RULE}
    assert seen == NOT_BY_ONE_RULE


def test_our_own_rules_are_right_and_pass_their_tests(wardwatch: Wardwatch) -> None:
    assert wardwatch("rules", "check").code == 0
    assert wardwatch("rules", "test").code == 0


def test_a_rule_that_is_wrong_is_refused_by_file_and_line(wardwatch: Wardwatch, tmp_path: Path) -> None:
    (tmp_path / "printing_from_nowhere.yml").write_text(RULE)
    for words in (["rules", "check"], ["rules", "list"], ["rules", "test"]):
        ran = wardwatch(*words, rules_dir=tmp_path)
        assert ran.code == 1
        assert "printing_from_nowhere.yml:" in ran.err
        assert "Traceback" not in ran.err


def test_a_rule_without_tests_is_not_complete(wardwatch: Wardwatch, tmp_path: Path) -> None:
    right = RULE.replace("teleport", "print").replace(" and nonsense", "")
    (tmp_path / "printing_from_nowhere.yml").write_text(right)
    ran = wardwatch("rules", "check", rules_dir=tmp_path)
    assert ran.code == 1
    assert "must match" in ran.err


def test_the_settings_document_is_written(wardwatch: Wardwatch) -> None:
    committed = Path(__file__).parents[3] / "docs" / "settings.md"
    assert wardwatch("config", "docs").out == committed.read_text()


def test_settings_are_shown_as_a_table(wardwatch: Wardwatch) -> None:
    shown = wardwatch("config", "show", token_key="f" * 64).out
    assert "partitions" in shown
    assert "f" * 64 not in shown


def test_no_incidents_is_an_answer(wardwatch: Wardwatch) -> None:
    assert wardwatch("incidents", "list").out == "There are no incidents.\n"
    assert json.loads(wardwatch("incidents", "list", "--json").out) == []
