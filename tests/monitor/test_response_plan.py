"""The response plan is read whole, or every mistake is told with its place."""

from pathlib import Path

import pytest

from monitor.failure import Failure
from monitor.response_plan import read_plan, response_plan
from monitor.settings import load


def test_a_plan_is_read(tmp_path: Path) -> None:
    path = tmp_path / "response.yml"
    path.write_text("zone: America/Chicago\npeople:\n  - {name: p.officer, roles: [privacy_officer], slack: U1}\n")
    plan = response_plan(load(environment={"WARDWATCH_RESPONSE_FILE": str(path)}))
    assert plan.zone == "America/Chicago"
    assert plan.directory.of_slack("U1") is plan.people[0]


def test_without_a_file_the_plan_is_empty() -> None:
    assert response_plan(load(environment={})).people == ()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("people: [", "it is no YAML in line 1"),
        ("people:\n  - {name: a, rank: 3}", "Object contains unknown field `rank` - at `$.people[0]`"),
        ("people:\n  - {name: a, backup: b}", "people: the backup 'b' of 'a' is nobody in `people`"),
        ("- 1", "Expected `object`, got `array`"),
    ],
)
def test_a_mistake_is_told_with_its_place(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "response.yml"
    path.write_text(text)
    with pytest.raises(Failure) as failed:
        read_plan(path)
    assert str(failed.value) == f"the response plan {path} (WARDWATCH_RESPONSE_FILE) is wrong:\n  {told}"


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(Failure, match="it cannot be read: IsADirectoryError"):
        read_plan(tmp_path)
