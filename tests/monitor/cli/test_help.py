"""Every command explains itself, with an example, in words that are reviewed when they change."""

import shlex
from pathlib import Path

import pytest

from tests.monitor.cli.helps import command_lines, group_lines, help_files, help_of

GOLDEN = Path(__file__).parents[2] / "golden" / "help"


def test_the_help_is_what_was_reviewed() -> None:
    assert {path.name: path.read_text() for path in GOLDEN.glob("*.txt")} == help_files(), "run `make golden`"


@pytest.mark.parametrize("words", [words for words in command_lines() if words not in group_lines()])
def test_every_command_has_an_example_of_itself(words: list[str]) -> None:
    examples = [line.strip() for line in help_of(words).partition("Example:")[2].splitlines() if "wardwatch" in line]
    assert examples
    spoken = shlex.split(examples[0])
    assert spoken[spoken.index("wardwatch") + 1 :][: len(words)] == words
