"""The page about breaches: its plan is a plan, its commands are commands."""

import shlex
from pathlib import Path

import msgspec
import yaml

from alerting.breach.letters.hhs import hhs_problems
from alerting.breach.letters.writing import TEMPLATES, entity_problems
from alerting.plan import Plan
from monitor.cli.breach import COMMANDS
from monitor.cli.breach_notices import app
from tests.alerting.breach.test_letters import STORY
from tests.docs.pages import ROOT, blocks, commands

PAGE: Path = ROOT / "docs" / "breach.md"


def test_the_plan_of_the_page_says_all_that_letters_need() -> None:
    (text,) = blocks(PAGE, "yaml")
    plan = msgspec.convert(yaml.safe_load(text), Plan)
    assert plan.problems() == []
    assert [entity_problems(kind, plan.entity) for kind in TEMPLATES] == [[]] * len(TEMPLATES)
    assert hhs_problems(plan.entity, STORY) == []


def test_the_commands_of_the_page_exist() -> None:
    notice = {command.callback.__name__ for command in app.registered_commands if command.callback}
    for line in commands(PAGE):
        program, group, word, *rest = shlex.split(line)
        assert (program, group) == ("wardwatch", "breach")
        assert word in COMMANDS or (word == "notice" and rest[0] in notice)
