"""The doctor's checks of the response, and what of the settings may not be meant."""

from http import HTTPStatus
from pathlib import Path

import pytest
from msgspec import structs

from monitor.checkup import examine
from monitor.checkup_response import RESPONSE_CHECKS
from monitor.health import Check
from monitor.secret import Secret
from monitor.setting_doubts import setting_doubts
from monitor.settings import Settings
from monitor.signing_keys import make_keys
from monitor.web import Answer, WebServer, application

PLAN = """
zone: America/Chicago
people: [{name: a.lindqvist, roles: [analyst], email: a.lindqvist@hospital.example}]
schedules:
  - name: security
    layers: [{name: nights, people: [a.lindqvist], starts: 2026-01-05, hours: [mon-sun 17:00-08:00]}]
"""
KEY = Secret("ab" * 32)


def checked(name: str, settings: Settings) -> Check:
    return examine(settings)[name]


@pytest.fixture(autouse=True)
def _checks_of_the_response_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the broker, for which the others wait."""
    monkeypatch.setattr("monitor.checkup.CHECKS", RESPONSE_CHECKS)


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    path = tmp_path / "response.yml"
    path.write_text(PLAN)
    return path


def test_without_anything_nothing_is_wrong(tmp_path: Path) -> None:
    results = examine(Settings(data_dir=tmp_path / "data"))
    assert {name: result.ok for name, result in results.items()} == dict.fromkeys(results, True)
    assert not (tmp_path / "data").exists()
    assert "WARDWATCH_EVIDENCE_KEY is not set" in results["evidence"].detail


def test_gaps_of_the_plan_are_told_and_its_mistakes_fail(plan: Path) -> None:
    found = checked("response", Settings(response_file=plan))
    assert found.ok
    assert found.detail.startswith("1 people, 1 schedules; schedules: security: nobody is on call from ")
    plan.write_text(PLAN.replace("a.lindqvist], starts", "nobody], starts"))
    assert "nobody" in checked("response", Settings(response_file=plan)).detail
    assert not checked("response", Settings(response_file=plan)).ok


def test_a_table_of_contacts_that_cannot_be_read_fails(tmp_path: Path) -> None:
    table = tmp_path / "contacts.csv"
    table.write_text("name,phone\n")
    assert not checked("response", Settings(staff_contacts=table, token_key=KEY)).ok


def a_proxy(status: HTTPStatus) -> WebServer:
    """Answer everything with one status."""
    return WebServer(application({"/healthz": lambda _: Answer(status, "text/plain", b"")}, {}), "127.0.0.1", 0)


def test_hooks_are_asked() -> None:
    assert checked("hooks", Settings()).detail == "none are used"
    settings = Settings(slack_signing_secret=KEY, answer_key=KEY)
    for status in (HTTPStatus.OK, HTTPStatus.FORBIDDEN):
        with a_proxy(status) as server:
            found = checked("hooks", structs.replace(settings, hooks_url=server.address))
            assert (found.ok, found.detail) == (True, f"Slack by HTTP, answers: answers at {server.address}")
    with a_proxy(HTTPStatus.BAD_GATEWAY) as server:
        found = checked("hooks", structs.replace(settings, hooks_url=server.address))
        assert not found.ok
        assert "answers with 502" in found.detail


def test_hooks_that_do_not_answer_fail() -> None:
    with a_proxy(HTTPStatus.OK) as server:
        address = server.address
    found = checked("hooks", Settings(answer_key=KEY, hooks_url=address))
    assert not found.ok
    assert f"nothing answers at {address}" in found.detail


def test_where_nobody_calls_nothing_is_asked() -> None:
    found = checked("hooks", Settings(slack_app_token=KEY, hooks_url="http://127.0.0.1:1"))
    assert (found.ok, found.detail) == (True, "Slack by Socket Mode; not asked, for nobody calls it")


def test_the_keys_of_the_audit_log_must_be_a_pair(tmp_path: Path) -> None:
    for name in ("one", "other"):
        make_keys(tmp_path / f"{name}.key", tmp_path / f"{name}.pub")
    one, own, other = tmp_path / "one.key", tmp_path / "one.pub", tmp_path / "other.pub"
    assert checked("audit", Settings(audit_signing_key=one, audit_public_key=own)).detail == "signed every hour"
    assert "is not that of" in checked("audit", Settings(audit_signing_key=one, audit_public_key=other)).detail
    assert not checked("audit", Settings(audit_signing_key=own)).ok
    assert checked("audit", Settings(audit_public_key=own)).detail == "checked, not signed by this process"


def test_the_archive_is_asked(tmp_path: Path) -> None:
    (tmp_path / "archive.sqlite").touch(0o600)
    assert checked("archive", Settings(data_dir=tmp_path)).detail == "sqlite"
    result = checked("archive", Settings(archive_url=Secret("postgresql+psycopg://u:hunter2@127.0.0.1:1/db")))
    assert not result.ok
    assert "WARDWATCH_ARCHIVE_URL" in result.detail
    assert "hunter2" not in result.detail


def test_a_key_of_evidence_is_told_by_its_number() -> None:
    assert checked("evidence", Settings(evidence_key=Secret("2=" + "ab" * 32))).detail == "key 2"


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        (Settings(slack_token=KEY, slack_channel="C1"), "Slack shows no buttons"),
        (Settings(pagerduty_routing_key=KEY), "acknowledge in PagerDuty is not heard of"),
        (Settings(staff_contacts=Path("contacts.csv")), "nobody can be asked"),
        (Settings(answer_key=KEY), "WARDWATCH_HOOKS_URL is no https address"),
        (Settings(), "the audit log is not signed"),
        (Settings(), "files and notes cannot be kept"),
    ],
)
def test_a_site_with_a_plan_is_told_what_it_lacks(settings: Settings, told: str, plan: Path) -> None:
    with_plan = structs.replace(settings, response_file=plan)
    assert list(setting_doubts(settings)) == []
    assert len([doubt for doubt in setting_doubts(with_plan) if told in doubt]) == 1


def test_a_site_that_lacks_nothing_is_told_nothing(plan: Path) -> None:
    settings = Settings(
        response_file=plan, audit_public_key=plan, evidence_key=KEY, answer_key=KEY, hooks_url="https://hooks.example"
    )
    assert list(setting_doubts(settings)) == []
