"""Payloads as Slack documents them."""

import json
from typing import Any
from urllib.parse import urlencode

INCIDENT, NONCE = "INC-F73K9Q2M", "0123456789abcdef"
VALUE = f"{INCIDENT}:{NONCE}"


def pressed(
    deed: str = "acknowledge", *, user: str = "U0ANA", trigger: str = "13345224609.738", **fields: Any
) -> bytes:
    """A `block_actions` payload."""
    payload: dict[str, Any] = {
        "type": "block_actions",
        "team": {"id": "T9TK3CUKW", "domain": "example"},
        "user": {"id": user, "username": "ana", "team_id": "T9TK3CUKW"},
        "api_app_id": "AABA1ABCD",
        "token": "9s8d9as89d8as9d8as989",
        "container": {"type": "message", "message_ts": "1700000000.000001", "channel_id": "C0PRACTICE"},
        "trigger_id": trigger,
        "channel": {"id": "C0PRACTICE", "name": "incidents"},
        "response_url": "https://hooks.slack.com/actions/AABA1ABCD/1232321423432/D09sSasdasdAS9091209",
        "actions": [
            {
                "action_id": deed,
                "block_id": "=qXel",
                "text": {"type": "plain_text", "text": "Acknowledge"},
                "value": VALUE,
                "type": "button",
                "action_ts": "1548426417.840180",
            }
        ],
    }
    return json.dumps(payload | fields).encode()


def submitted(
    deed: str, fields: dict[str, Any], *, user: str = "U0ANA", view: str = "VNHU13V36", value: str = VALUE
) -> bytes:
    """A `view_submission` payload; a field that is a tuple is a choice."""
    values = {
        name: {
            name: {"type": "static_select", "selected_option": {"value": given[0]}}
            if isinstance(given, tuple)
            else {"type": "plain_text_input", "value": given}
        }
        for name, given in fields.items()
    }
    payload = {
        "type": "view_submission",
        "team": {"id": "T9TK3CUKW"},
        "user": {"id": user, "name": "ana"},
        "view": {
            "id": view,
            "type": "modal",
            "callback_id": deed,
            "private_metadata": value,
            "hash": "156663117.cd33ad1f",
            "state": {"values": values},
        },
    }
    return json.dumps(payload).encode()


def form(payload: bytes) -> bytes:
    """A payload as it comes over HTTP."""
    return urlencode({"payload": payload.decode()}).encode()


def command(text: str, *, user: str = "U0ANA", trigger: str = "13345224609.8") -> bytes:
    """The form of `/wardwatch`."""
    return urlencode(
        {
            "token": "gIkuvaNzQIHg97ATvDxqgjtO",
            "team_id": "T0001",
            "channel_id": "C2147483705",
            "user_id": user,
            "user_name": "ana",
            "command": "/wardwatch",
            "text": text,
            "response_url": "https://hooks.slack.com/commands/1234/5678",
            "trigger_id": trigger,
            "api_app_id": "A123456",
        }
    ).encode()


def answered(text: str, *, user: str = "U0ANA", event: str = "Ev0PV52K25", **fields: Any) -> bytes:
    """An `event_callback` of an answer in a thread."""
    message = {
        "type": "message",
        "channel": "C0PRACTICE",
        "user": user,
        "text": text,
        "ts": "1700000100.000200",
        "thread_ts": "1700000000.000001",
    }
    return json.dumps({"type": "event_callback", "event_id": event, "event": message | fields}).encode()
