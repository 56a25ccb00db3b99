"""Webhooks as PagerDuty's documentation shows them."""

import json
from typing import Any

REFERENCE = {"self": "https://api.pagerduty.com/x", "html_url": "https://acme.pagerduty.com/x"}


def user(identity: str, name: str = "Tenex Engineer") -> dict[str, Any]:
    return REFERENCE | {"id": identity, "summary": name, "type": "user_reference"}


def webhook(kind: str, data: dict[str, Any], agent: dict[str, Any] | None) -> bytes:
    event = {
        "id": "5ac64822-4adc-4fda-ade0-410becf0de4f",
        "event_type": kind,
        "resource_type": "incident",
        "occurred_at": "2026-03-02T09:20:22.169Z",
        "agent": agent,
        "client": {"name": "PagerDuty"},
        "data": data,
    }
    return json.dumps({"event": event}).encode()


def incident(key: str, *, title: str = "A little bump in the road", assignees: tuple[str, ...] = ()) -> dict[str, Any]:
    return REFERENCE | {
        "id": "PGR0VU2",
        "type": "incident",
        "number": 2,
        "status": "triggered",
        "incident_key": key,
        "created_at": "2026-03-02T09:14:27Z",
        "title": title,
        "service": REFERENCE | {"id": "PF9KMXH", "summary": "API Service", "type": "service_reference"},
        "assignees": [user(one) for one in assignees],
        "urgency": "high",
        "conference_bridge": None,
        "resolve_reason": None,
    }


def note(text: str, *, title: str = "A little bump in the road") -> dict[str, Any]:
    within = REFERENCE | {"id": "PGR0VU2", "summary": title, "type": "incident_reference"}
    return {"incident": within, "id": "P2LA89X", "content": text, "trimmed": False, "type": "incident_note"}
