"""How commands end: codes, one clear line, never a traceback."""

import json
from pathlib import Path

import pytest

from monitor.cli import app
from monitor.cli.shared import load_settings
from tests.monitor.cli.conftest import Wardwatch


def test_wrong_settings_are_all_told_and_end_with_2(wardwatch: Wardwatch) -> None:
    ran = wardwatch("config", "check", partitions="zero", table_store="floppy", brokr="x")
    assert ran.code == 2
    assert [line.split(":")[0].strip() for line in ran.err.splitlines()[1:]] == [
        "WARDWATCH_BROKR",
        "WARDWATCH_PARTITIONS",
        "WARDWATCH_TABLE_STORE",
    ]


def test_right_settings_end_with_0(wardwatch: Wardwatch) -> None:
    assert wardwatch("config", "check").code == 0


def test_a_file_of_settings_is_read(wardwatch: Wardwatch, tmp_path: Path) -> None:
    config = tmp_path / "site.yml"
    config.write_text("partitions: 3\n")
    shown = json.loads(wardwatch("config", "show", "--json", "--config", config).out)
    assert shown["partitions"] == 3
    assert shown["token_key"] == "***"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["replya"], "No such command 'replya'"),
        (["replay"], "--in"),
        (["replay", "--in", "x.jsonl", "--partitions", "many"], "--partitions"),
        (["replay", "--in", "x.jsonl", "--warm-up", "soon"], "is no duration"),
        (["incidents", "resolve", "INC-1"], "--verdict"),
    ],
)
def test_wrong_words_end_with_2_and_one_line(wardwatch: Wardwatch, words: list[str], said: str) -> None:
    ran = wardwatch(*words)
    assert ran.code == 2
    assert said in ran.err
    assert ran.err.count("\n") == 1


def test_without_words_there_is_help(wardwatch: Wardwatch) -> None:
    ran = wardwatch()
    assert ran.code == 2
    assert ran.err.startswith("Usage: wardwatch")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["incidents", "show", "INC-NONE"], "there is no incident INC-NONE"),
        (["incidents", "ack", "INC-NONE"], "there is no incident INC-NONE"),
        (["incidents", "list", "--status", "asleep"], "there is no status 'asleep'"),
        (["incidents", "resolve", "X", "--verdict", "shrug", "--reason", "y"], "there is no verdict 'shrug'"),
        (["models", "list"], "WARDWATCH_MODEL_PUBLIC_KEY is not set"),
        (["replay", "--in", "/nowhere/x.jsonl"], "No such file"),
        (["topics", "create"], "nothing answers at 127.0.0.1:1"),
        (["ingest", __file__], "nothing answers at 127.0.0.1:1"),
        (["deadletters", "list"], "nothing answers at 127.0.0.1:1"),
        (["worker"], "nothing answers at 127.0.0.1:1"),
    ],
)
def test_what_cannot_be_done_ends_with_1_and_one_line(wardwatch: Wardwatch, words: list[str], said: str) -> None:
    ran = wardwatch(*words, broker="127.0.0.1:1")
    assert ran.code == 1
    assert said in ran.err
    assert ran.err.count("\n") == 1
    assert "Traceback" not in ran.err


def test_a_worker_refuses_to_start_without_a_key(wardwatch: Wardwatch) -> None:
    ran = wardwatch("worker", token_key="")
    assert ran.code == 1
    assert "WARDWATCH_TOKEN_KEY is not set" in ran.err


def test_a_fault_of_ours_ends_with_70_and_shows_no_value(wardwatch: Wardwatch, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks() -> None:
        load_settings(None)
        raise KeyError("Marjorie Quagmire-Canary")

    monkeypatch.setitem(app.COMMANDS, "breaks", breaks)
    ran = wardwatch("breaks")
    assert ran.code == 70
    assert "internal error KeyError at tests/monitor/cli/test_endings.py:" in ran.err
    assert "Marjorie" not in ran.err
    assert ran.err.count("\n") == 1


def test_an_interrupted_command_ends_with_130(wardwatch: Wardwatch, monkeypatch: pytest.MonkeyPatch) -> None:
    def waits() -> None:
        raise KeyboardInterrupt

    monkeypatch.setitem(app.COMMANDS, "waits", waits)
    assert wardwatch("waits").code == 130
