"""On-call through the command line alone."""

import datetime
import json
from collections.abc import Callable
from pathlib import Path

import icalendar
import pytest

from tests.monitor.cli.conftest import Ran, Wardwatch

PLAN = """
zone: America/Chicago
people:
  - {name: ana, slack: U1, email: ana@hospital.example}
  - {name: ben, slack: U2}
routes:
  - name: low
    match: {queues: [data_quality]}
    receivers: [{channel: email, to: data@hospital.example}]
    digest: hourly
  - name: all
    receivers: [{schedule: security, fallback: [webhook]}]
    escalation: up
schedules:
  - name: security
    layers:
      - {people: [ana, ben], starts: 2026-03-02, handover: "08:00"}
  - name: office
    layers:
      - {people: [ana], starts: 2026-03-02, hours: ["mon-fri 08:00-17:00"]}
escalations:
  - name: up
    patience: 5
    repeat: 1
    steps: [{receivers: [{person: ana, channel: slack}]}, {after: 10, receivers: [{person: ben}]}]
last_resort: {channel: log}
"""
Oncall = Callable[..., Ran]


@pytest.fixture
def oncall(wardwatch: Wardwatch, tmp_path: Path) -> Oncall:
    """Run `wardwatch oncall …` with the plan above."""
    plan = tmp_path / "response.yml"
    plan.write_text(PLAN)

    def ran(*words: str | Path) -> Ran:
        return wardwatch("oncall", *words, response_file=plan)

    return ran


def test_who_is_on_call(oncall: Oncall) -> None:
    assert oncall("who", "security", "--at", "2026-03-09T07:59").out == "ana (layer 1)\n"
    assert oncall("who", "security", "--at", "2026-03-09T08:00").out == "ben (layer 1)\n"
    nobody = oncall("who", "office", "--at", "2026-03-08T12:00", "--json")
    assert (nobody.code, json.loads(nobody.out)["on_call"]) == (1, "")
    unknown = oncall("who", "nights")
    assert (unknown.code, unknown.err) == (
        1, "wardwatch: the response plan has no schedule 'nights'; it has security, office\n",
    )  # fmt: skip
    assert [row["schedule"] for row in json.loads(oncall("list", "--json").out)] == ["security", "office"]


def test_shifts_and_gaps(oncall: Oncall) -> None:
    span = ("--from", "2026-03-02", "--until", "2026-03-15", "--json")
    assert [(row["from"], row["on_call"]) for row in json.loads(oncall("show", "security", *span).out)] == [
        ("2026-03-02 06:00", ""), ("2026-03-02 14:00", "ana"), ("2026-03-09 13:00", "ben"),
    ]  # fmt: skip
    found = oncall("gaps", "office", "--from", "2026-03-06T12:00", "--until", "2026-03-09T12:00")
    assert found.code == 1
    assert "2026-03-06 17:00 CST  2026-03-09 08:00 CDT" in found.out  # summer time begins between
    assert oncall("gaps", "security", "--from", "2026-03-03", "--until", "2026-04-03").out == (
        "Somebody is always on call.\n"
    )
    assert "the end must come after the begin" in oncall("show", "office", "--until", "2020-01-01").err


def test_a_calendar_is_written(oncall: Oncall, tmp_path: Path) -> None:
    out = tmp_path / "security.ics"
    span = ("--from", "2026-03-02T08:00", "--until", "2026-03-16T08:00")
    assert oncall("export", "security", *span, "--out", out).code == 0
    events = icalendar.Calendar.from_ical(out.read_text()).walk("VEVENT")
    assert [str(event["SUMMARY"]) for event in events] == [
        "ana is on call: security", "ben is on call: security",
    ]  # fmt: skip
    assert oncall("export", "security", *span).out.count("BEGIN:VEVENT") == 2
    assert oncall("export", "security", "--out", tmp_path).err.endswith("Is a directory\n")


def test_somebody_stands_in(oncall: Oncall) -> None:
    words = ("override", "add", "security", "ben", "--until", "2h", "--reason", "dentist", "--as", "ana")
    made = json.loads(oncall(*words, "--json").out)
    assert (made["override"], made["person"], made["author"]) == (1, "ben", "ana")
    assert oncall("who", "security").out == "ben (override)\n"
    assert json.loads(oncall("override", "list", "--json").out) == [made]
    assert oncall("override", "remove", "1").out == "ben does not stand in any more.\n"
    assert oncall("override", "list").out == "Nobody stands in.\n"
    assert oncall("override", "remove", "1").err == "wardwatch: there is no such override\n"


def test_a_route_is_explained(oncall: Oncall) -> None:
    at = ("--at", "2026-03-03", "--json")
    rows = json.loads(oncall("route", "--severity", "SEV2", "--rule", "A09", *at).out)
    assert [(row["route"], row["when"], row["reaches"], row["then"]) for row in rows] == [
        ("all", "at once", "slack:U1", "email:ana@hospital.example, log"),
        ("all", "after 0, 15 min", "slack:U1", "log"),
        ("all", "after 10, 25 min", "slack:U2", "log"),
        ("all", "after 30 min", "log", ""),
    ]
    assert [row["not_configured"] for row in rows] == ["slack, email", "slack", "slack", ""]
    (low,) = json.loads(oncall("route", "--severity", "SEV4", "--queue", "data_quality", *at).out)
    assert (low["route"], low["when"], low["reaches"]) == ("low", "hourly", "email:data@hospital.example")
    assert "is no severity" in oncall("route", "--severity", "high").err


def test_without_a_plan_the_settings_route(wardwatch: Wardwatch) -> None:
    (row,) = json.loads(wardwatch("oncall", "route", "--severity", "SEV1", "--json").out)
    assert (row["route"], row["reaches"], row["not_configured"]) == ("settings", "log", "")
    assert wardwatch("oncall", "list").out == "The response plan has no schedules.\n"


def test_what_may_not_be_meant_is_told(wardwatch: Wardwatch, tmp_path: Path) -> None:
    plan = tmp_path / "response.yml"
    today = datetime.datetime.now(datetime.UTC).date() + datetime.timedelta(days=60)
    plan.write_text(
        PLAN.replace("2026-03-02, handover", f"{today}, handover").replace("last_resort: {channel: log}", "")
    )
    checked = wardwatch("config", "check", response_file=plan)
    lines = checked.err.splitlines()
    assert (checked.code, checked.out) == (0, f"The settings can be read; {len(lines)} things to look at, above.\n")
    assert wardwatch("config", "check").out == "The settings are right.\n"
    assert lines[0].startswith("wardwatch: schedules: security: nobody is on call from ")
    assert [line for line in lines if "office" in line][3].endswith("times more within four weeks")
    assert [line for line in lines if "channel" in line] == [
        f"wardwatch: channel {name!r} is named, and the settings do not configure it"
        for name in ("email", "slack", "webhook")
    ]
    assert "wardwatch: last_resort: what nobody answers to is told to nobody in particular" in lines
    assert lines[-1] == "wardwatch: files and notes cannot be kept as evidence: set WARDWATCH_EVIDENCE_KEY"
