"""`wardwatch incidents ask` and `questions`, as somebody types them."""

import json
from pathlib import Path

import pytest

from alerting.commands import RecordFindings
from monitor import settings as settings_module
from monitor.accounts import Accounts
from monitor.catalogue import read_rules
from monitor.cli.app import run
from monitor.response import build_desk, opened_store
from tests.alerting.building import a_finding


@pytest.fixture
def case(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A case about an account of the table, in a data folder of its own."""
    (tmp_path / "contacts.csv").write_text("user_id,email,slack,manager_user_id\nCLERK1,clerk@h.example,U0CLERK,\n")
    variables = {
        "WARDWATCH_DATA_DIR": str(tmp_path),
        "WARDWATCH_ANSWER_KEY": "ab" * 32,
        "WARDWATCH_HOOKS_URL": "https://hooks.wardwatch.example",
        "WARDWATCH_TOKEN_KEY": "11" * 32,
        "WARDWATCH_EMAIL_HOST": "mail.h.example",
        "WARDWATCH_EMAIL_FROM": "wardwatch@h.example",
        "WARDWATCH_EMAIL_TO": "privacy@h.example",
        "WARDWATCH_STAFF_CONTACTS": str(tmp_path / "contacts.csv"),
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    settings = settings_module.load()
    (account,) = Accounts(settings).tokens("CLERK1")
    with opened_store(settings) as store:
        desk = build_desk(settings, store, read_rules(settings))
        return desk.handle(RecordFindings([a_finding(severity="medium", ref=account)])).opened[0]


def test_somebody_is_asked_and_it_is_listed(case: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["incidents", "ask", case, "--who", "actor", "--as", "p.officer"]) == 0
    said = capsys.readouterr().out
    assert said == f"The actor is asked by email; the timeline of {case} will have the answer.\n"
    assert run(["incidents", "questions", case, "--json"]) == 0
    (question,) = json.loads(capsys.readouterr().out)
    assert {name: question[name] for name in ("incident_id", "audience", "channel", "asked_by", "state")} == {
        "incident_id": case,
        "audience": "actor",
        "channel": "email",
        "asked_by": "p.officer",
        "state": "open",
    }
    assert run(["incidents", "questions", case]) == 0
    listed = capsys.readouterr().out
    assert question["id"] in listed
    assert run(["audit", "list", "--json"]) == 0
    entries = json.loads(capsys.readouterr().out)
    assert [entry["subject"] for entry in entries if entry["action"] == "look"] == ["questions", "questions"]
    assert "clerk@h.example" not in said + listed + str(question)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--who", "patient"], "--who is actor or manager, --channel is slack or email"),
        (["--who", "actor", "--channel", "pigeon"], "--who is actor or manager, --channel is slack or email"),
        (["--who", "manager"], "the table of staff contacts has no way to reach the manager by email"),
        (
            ["--who", "actor", "--channel", "slack"],
            "slack is not configured, so nobody can be asked by it: set WARDWATCH_SLACK_TOKEN (docs/channels.md), "
            "or ask by email",
        ),
    ],
)
def test_what_cannot_be_asked_is_told(
    case: str, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    assert run(["incidents", "ask", case, *words]) == 1
    assert capsys.readouterr().err == f"wardwatch: {said}\n"
    assert run(["incidents", "questions", case]) == 0
    assert capsys.readouterr().out == "Nobody was asked.\n"


def test_nobody_is_asked_by_what_is_not_configured(
    case: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HOST", "FROM", "TO"):
        monkeypatch.delenv(f"WARDWATCH_EMAIL_{name}")
    assert run(["incidents", "ask", case, "--who", "actor"]) == 1
    said = "neither Slack nor email is configured: set WARDWATCH_SLACK_TOKEN or WARDWATCH_EMAIL_HOST"
    assert said in capsys.readouterr().err
    assert run(["incidents", "questions", case]) == 0
    assert capsys.readouterr().out == "Nobody was asked.\n"


@pytest.mark.parametrize("address", ["http://127.0.0.1:8082", "http://localhost:8082"])
def test_nobody_gets_a_link_that_cannot_be_opened(
    case: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setenv("WARDWATCH_HOOKS_URL", address)
    assert run(["incidents", "ask", case, "--who", "actor"]) == 1
    assert "nobody who is asked can open a link to 127.0.0.1: set WARDWATCH_HOOKS_URL" in capsys.readouterr().err
    assert run(["incidents", "questions", case]) == 0
    assert capsys.readouterr().out == "Nobody was asked.\n"
