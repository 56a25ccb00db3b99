"""The example of a response plan is whole, right, and what the documentation speaks of."""

from pathlib import Path

from alerting.plan import Plan
from monitor.response_doubts import doubts
from monitor.response_plan import read_plan
from tests.alerting.building import MONDAY

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "deploy" / "response.example.yml"


def test_the_example_is_right_and_leaves_no_gap() -> None:
    plan = read_plan(EXAMPLE)
    keys = frozenset(person.pagerduty for person in plan.people)
    assert list(doubts(plan, frozenset({"slack", "email", "pagerduty"}), keys, MONDAY)) == []


def test_the_example_has_every_part() -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    assert [part for part in Plan.__struct_fields__ if f"\n{part}:" not in text] == []
    plan = read_plan(EXAMPLE)
    assert [part for part in Plan.__struct_fields__ if not getattr(plan, part)] == []


def test_the_documentation_names_every_part() -> None:
    text = (ROOT / "docs" / "response-plan.md").read_text(encoding="utf-8")
    assert [part for part in Plan.__struct_fields__ if f"`{part}`" not in text] == []
