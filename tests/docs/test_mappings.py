"""The worked example of the page on mappings does what the page shows."""

import inspect
import re
import shlex
from pathlib import Path

import pytest

from monitor.cli.app import run
from streams.sources.tables import field_document
from streams.sources.tables.document import read_mapping
from tests.docs.pages import ROOT, blocks, commands

PAGE = ROOT / "docs" / "mappings.md"


def without_tokens(text: str) -> str:
    """Return the text with every shortened token alike, for they are new in each answer."""
    return re.sub(r"\b([a-z])0:[\w-]{7}…", r"\1-token", text)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (table,), (mapping,) = blocks(PAGE, "csv"), blocks(PAGE, "yaml")
    (tmp_path / "access.csv").write_text(table)
    (tmp_path / "north_access.yml").write_text(mapping)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_every_command_of_the_page_answers_and_the_trial_as_shown(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for line in commands(PAGE):
        assert run(shlex.split(line)[1:]) == 0
    (shown,) = blocks(PAGE, "text")
    answered = capsys.readouterr().out
    assert without_tokens(answered).endswith(without_tokens(shown))


def test_the_word_that_the_page_adds_makes_every_row_understood(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (folder / "north_access.yml").read_text()
    (folder / "north_access.yml").write_text(text.replace('"find*": query', '"find*": query\n      "merge*": update'))
    assert run(["mapping", "try", "access.csv", "--mapping", "north_access.yml"]) == 0
    assert "Usable: of 5 rows, 4 become events; none is refused" in capsys.readouterr().out


def test_every_word_of_a_field_is_on_the_page() -> None:
    read = set(re.findall(r'reader\.(?:texts?|truth|node)\("(\w+)"', inspect.getsource(field_document)))
    assert {"column", "values", "optional"} <= read
    words = re.search(r"## Words of a field\n(.*?)\n## ", PAGE.read_text(), flags=re.DOTALL)
    assert words is not None
    assert {word for word in read if f"`{word}" not in words[1]} == set()


def test_the_ids_of_the_page_are_ids() -> None:
    (mapping,) = blocks(PAGE, "yaml")
    for text in re.findall(r"^\| `([^`]+)` \|.*id", PAGE.read_text(), flags=re.MULTILINE)[-3:]:
        changed = re.sub(r"^id: .*$", f"id: {text}", mapping, flags=re.MULTILINE)
        assert read_mapping(changed, "page.yml").name == "north_access"
