"""The pages are true: links lead somewhere, folders exist, targets and commands are there, examples run."""

import re
import shlex
import subprocess
from pathlib import Path

import pytest
import typer
import yaml

from detectors.notes import NOTE_NAMES
from detectors.patterns import DETECTORS
from detectors.sigma import load_rules, shipped_rules
from monitor.cli.app import build_app
from tests.docs.catalogue import page_files
from tests.docs.hospital import hospital_document
from tests.docs.notes import notes_document
from tests.docs.pages import ROOT, blocks, commands, pages
from tests.docs.thresholds import thresholds_document


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_link_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?://|#)([^)#\s]+)", page.read_text())
    missing = [link for link in links if not (page.parent / link).exists()]
    assert missing == []


def test_the_folders_of_the_readme_are_those_of_the_tree() -> None:
    described = set(re.findall(r"^\| `(\w+)/` \|", (ROOT / "README.md").read_text(), flags=re.MULTILINE))
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    there = {line.split("/")[0] for line in tracked.splitlines() if "/" in line and not line.startswith(".")}
    assert described == there


def test_every_make_target_that_is_named_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))
    named = {name for page in pages() for name in re.findall(r"`make ([a-z]+)", page.read_text())}
    named |= {line.split()[1] for page in pages() for line in commands(page) if line.startswith("make ")}
    assert named
    assert named <= targets


def known_commands() -> set[str]:
    """Return every command of the command line, groups with their subcommands."""
    group = typer.main.get_command(build_app())
    names: set[str] = set()
    for name, command in getattr(group, "commands", {}).items():
        names.add(name)
        names |= {f"{name} {inner}" for inner in getattr(command, "commands", {})}
    return names


def test_every_command_that_is_named_exists() -> None:
    known = known_commands()
    named = {
        words.strip() for page in pages() for words in re.findall(r"`wardwatch ((?:[a-z]+ ?){1,2})", page.read_text())
    }
    assert named
    wrong = {words for words in named if words not in known and words.split()[0] not in known}
    assert wrong == set()


def test_the_example_of_use_runs_as_it_stands(tmp_path: Path) -> None:
    lines = [line for line in commands(ROOT / "README.md") if line.startswith(".venv/bin/wardwatch")]
    assert [shlex.split(line)[1] for line in lines] == ["simulate", "replay", "evaluate"]
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "COLUMNS": "120"}
    for line in lines:
        words = shlex.split(line.replace(".venv/bin/wardwatch", str(ROOT / ".venv/bin/wardwatch")))
        done = subprocess.run(
            words, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300, check=False
        )
        assert done.returncode == 0, f"{line}\n{done.stdout}\n{done.stderr}"
    assert (tmp_path / "findings.jsonl").stat().st_size > 0


def test_the_rules_of_the_page_are_rules_and_pass_their_tests(tmp_path: Path) -> None:
    written = blocks(ROOT / "docs" / "rules.md", "yaml")
    names = []
    for rule, test in zip(written[::2], written[1::2], strict=True):
        names.append(list(yaml.safe_load_all(rule))[-1]["name"])
        (tmp_path / f"{names[-1]}.yml").write_text(rule)
        (tmp_path / f"{names[-1]}.tests.yml").write_text(test)
    rules = load_rules([tmp_path], NOTE_NAMES)
    assert [one.name for one in (*rules.rules, *rules.correlations)] == names
    assert rules.run_tests() == []
    assert len(rules.tests) == 3


def test_no_rule_of_ours_has_an_id_that_is_the_sites() -> None:
    shipped = load_rules([shipped_rules()], NOTE_NAMES)
    ids = {one.catalogue for one in (*shipped.rules, *shipped.correlations)} | {one.id for one, _ in DETECTORS.values()}
    assert len(ids) > 60
    assert not [name for name in ids if name[1] == "9"]


def test_the_page_of_notes_is_current() -> None:
    assert (ROOT / "docs" / "notes.md").read_text() == notes_document(), "run: make golden"


def test_the_page_of_thresholds_is_current() -> None:
    assert (ROOT / "docs" / "thresholds.md").read_text() == thresholds_document(), "run: make golden"


def test_the_page_of_the_simulated_hospital_is_current() -> None:
    assert (ROOT / "docs" / "hospital.md").read_text() == hospital_document(), "run: make golden"


def test_the_pages_of_the_catalogue_are_current() -> None:
    made = page_files()
    assert {path.name for path in (ROOT / "docs" / "catalogue").iterdir()} == set(made), "run: make golden"
    for name, text in made.items():
        assert (ROOT / "docs" / "catalogue" / name).read_text() == text, "run: make golden"


def test_every_detector_and_rule_is_in_the_catalogue() -> None:
    whole = "\n".join(page_files().values())
    rules = load_rules([shipped_rules()], NOTE_NAMES)
    for one in [*rules.rules, *rules.correlations]:
        assert f": {one.header.title}\n" in whole
    for pattern, _ in DETECTORS.values():
        assert f": {pattern.title}\n" in whole


def test_decisions_are_numbered_without_a_gap() -> None:
    numbers = [int(path.name[:4]) for path in sorted((ROOT / "docs" / "adr").glob("*.md"))]
    assert numbers == list(range(1, len(numbers) + 1))
    for path in (ROOT / "docs" / "adr").glob("*.md"):
        for heading in ("**Status**", "**Context**", "**Decision**", "**Consequences**"):
            assert heading in path.read_text(), f"{path.name} lacks {heading}"
