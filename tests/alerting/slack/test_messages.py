"""Messages with buttons and modals: what they carry, and that Slack takes them."""

import json
import re
from typing import Any

import pytest

from alerting.channels.slack import SlackChannel, SlackConfig, blocks
from alerting.incidents import VERDICT_OCSF, Status
from alerting.notification import RuleLine
from alerting.practice.slack_blocks import wrong_with, wrong_with_view
from alerting.severity import IncidentSeverity
from alerting.slack.asked import DEEDS, WITH_MODAL, Deed, read_value
from alerting.slack.buttons import deeds_for
from alerting.slack.modals import SNOOZES, VERDICTS, modal
from tests.alerting.building import SEVERITIES, STATUSES, PlainSecret, a_notice, a_notification

NONCE = "0123456789abcdef"


def actions(**fields: Any) -> list[dict[str, Any]]:
    elements: list[dict[str, Any]] = blocks(a_notification(**fields), NONCE)[-1]["elements"]
    return elements


def test_the_buttons_of_a_new_case() -> None:
    value = f"INC-F73K9Q2M:{NONCE}"
    assert actions(severity="SEV3") == [
        {"type": "button", "text": {"type": "plain_text", "text": "Acknowledge"}, "action_id": "acknowledge",
         "value": value, "style": "primary"},
        {"type": "button", "text": {"type": "plain_text", "text": "Assign to me"}, "action_id": "assign",
         "value": value},
        {"type": "button", "text": {"type": "plain_text", "text": "Comment…"}, "action_id": "comment", "value": value},
        {"type": "button", "text": {"type": "plain_text", "text": "Snooze…"}, "action_id": "snooze", "value": value},
        {"type": "button", "text": {"type": "plain_text", "text": "Open in Wardwatch"}, "action_id": "open",
         "url": "https://wardwatch.example/incidents/INC-F73K9Q2M"},
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("status", "severity", "deeds"),
    [
        ("new", "SEV1", ["acknowledge", "assign", "comment", "snooze"]),
        ("triaged", "SEV3", ["start_investigation", "assign", "comment", "resolve", "snooze"]),
        ("triaged", "SEV2", ["start_investigation", "assign", "comment", "snooze"]),
        ("investigating", "SEV4", ["assign", "comment", "resolve", "snooze"]),
        ("awaiting_context", "SEV4", ["start_investigation", "assign", "comment", "snooze"]),
        ("resolved", "SEV4", []),
        ("merged", "SEV1", []),
    ],
)
def test_what_can_be_done(status: Status, severity: IncidentSeverity, deeds: list[Deed]) -> None:
    assert deeds_for(status, severity) == deeds


@pytest.mark.parametrize("severity", SEVERITIES)
def test_slack_takes_the_message_of_every_case(severity: IncidentSeverity) -> None:
    for status in STATUSES:
        rules = tuple(RuleLine("R" * 64, "& " * 50) for _ in range(10))
        made = blocks(a_notification(status=status, severity=severity, rules=rules, assignee="a" * 40), NONCE)
        assert wrong_with({"text": "x", "blocks": made}) == ""
        assert len(json.dumps(made)) < 8_000
        assert len(made[-1]["elements"]) <= 6
        for button in made[-1]["elements"][:-1]:
            assert read_value(button["value"]) == ("INC-F73K9Q2M", NONCE)


@pytest.mark.parametrize("deed", sorted(WITH_MODAL))
def test_slack_takes_every_modal(deed: Deed) -> None:
    view = modal(deed, "INC-F73K9Q2M", NONCE)
    assert wrong_with_view(view) == ""
    assert (view["callback_id"], view["private_metadata"]) == (deed, f"INC-F73K9Q2M:{NONCE}")
    assert "kept in Wardwatch" in view["blocks"][0]["text"]["text"]


def test_every_verdict_and_every_period_can_be_chosen() -> None:
    assert set(VERDICTS) == set(VERDICT_OCSF)
    values = re.findall(r'"value": "([^"]+)"', json.dumps(modal("snooze", "INC-F73K9Q2M", NONCE)))
    assert values == list(SNOOZES)
    assert set(DEEDS) >= WITH_MODAL


def test_each_version_of_a_message_has_a_nonce_of_its_own() -> None:
    def nonce_of(**options: Any) -> str:
        config = SlackConfig(token=PlainSecret("x"), channel="C0", **options)
        call = SlackChannel(config).compose(a_notice()).calls[0]
        return ",".join(button.get("value", "") for button in call.body["blocks"][-1]["elements"])

    assert nonce_of(is_interactive=True).startswith(f"INC-F73K9Q2M:{'0123456789abcdef'},")
    assert nonce_of() == ""


@pytest.mark.parametrize(
    "view",
    [
        {},
        {"type": "modal", "callback_id": "x", "title": {"type": "plain_text", "text": "t" * 25}, "blocks": [{}]},
        {"type": "modal", "callback_id": "x", "title": {"type": "plain_text", "text": "t"}, "blocks": []},
        {
            "type": "modal", "callback_id": "x", "title": {"type": "plain_text", "text": "t"},
            "blocks": [modal("comment", "INC-1", NONCE)["blocks"][1]],
        },
    ],
)  # fmt: skip
def test_the_practice_slack_keeps_the_limits_of_modals(view: dict[str, Any]) -> None:
    assert wrong_with_view(view) == "invalid_arguments"
