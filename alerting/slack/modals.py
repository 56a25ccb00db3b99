"""Modals: what asks for a text, a verdict or a time. Names of the fields are those of the commands.

https://docs.slack.dev/reference/views/modal-views
"""

from collections.abc import Mapping
from typing import Any

from alerting.incidents import Verdict
from alerting.slack.asked import Deed, value_of

MAX_TEXT = 3000
"""What Slack lets somebody type at most."""

VERDICTS: dict[Verdict, str] = {
    "true_positive_malicious": "Real: with intent to harm",
    "true_positive_policy": "Real: against policy",
    "benign_explained": "Harmless: explained",
    "false_positive_rule": "Wrong: the rule",
    "false_positive_data": "Wrong: the data",
    "duplicate": "Duplicate",
    "insufficient_data": "Cannot be said",
}

SNOOZES: dict[str, str] = {"1h": "1 hour", "4h": "4 hours", "1d": "1 day", "3d": "3 days", "7d": "7 days"}

WARNING = "Do not name patients or colleagues here. What you write is kept in Wardwatch and not shown in Slack."


def modal(deed: Deed, incident_id: str, nonce: str) -> dict[str, Any]:
    """Return the modal for what asks for more."""
    title, submit, fields = _MODALS[deed]
    return {
        "type": "modal",
        "callback_id": deed,
        "private_metadata": value_of(incident_id, nonce),
        "title": _plain(title),
        "submit": _plain(submit),
        "close": _plain("Cancel"),
        "blocks": [
            {"type": "section", "text": _plain(f"About {incident_id}. {WARNING}")},
            *({"type": "input", "block_id": name, **field} for name, field in fields.items()),
        ],
    }


def _plain(text: str) -> dict[str, str]:
    return {"type": "plain_text", "text": text}


def _text(name: str, label: str) -> dict[str, Any]:
    element = {"type": "plain_text_input", "action_id": name, "multiline": True, "max_length": MAX_TEXT}
    return {"label": _plain(label), "element": element}


def _choice(name: str, label: str, choices: Mapping[Any, str]) -> dict[str, Any]:
    options = [{"text": _plain(text), "value": value} for value, text in choices.items()]
    return {"label": _plain(label), "element": {"type": "static_select", "action_id": name, "options": options}}


_MODALS: dict[Deed, tuple[str, str, dict[str, dict[str, Any]]]] = {
    "comment": ("Comment", "Comment", {"note": _text("note", "Comment")}),
    "resolve": (
        "Resolve",
        "Resolve",
        {"verdict": _choice("verdict", "Verdict", VERDICTS), "reason": _text("reason", "Reason")},
    ),
    "snooze": (
        "Snooze",
        "Snooze",
        {"period": _choice("period", "For", SNOOZES), "reason": _text("reason", "Reason")},
    ),
}
