"""The committed JSON Schemas are those of the structs, and they accept what the structs write."""

import json

import jsonschema

from detectors.events import TYPE_OF, AccessEvent
from detectors.events.access import Actor
from tests.detectors.schemas import FOLDER, schema_files
from tests.detectors.watch import at


def test_the_committed_schemas_are_current() -> None:
    committed = {path.name: path.read_text() for path in FOLDER.glob("*.json")}
    assert committed == schema_files(), "run: make golden"


def test_a_schema_accepts_an_event_and_refuses_another() -> None:
    schema = json.loads(schema_files()[f"{TYPE_OF[AccessEvent]}.json"])
    access = AccessEvent(action="read", occurred_at=at(1), actor=Actor(id="U1"))
    good = {"action": access.action, "occurred_at": access.occurred_at.isoformat(), "actor": {"id": "U1"}}
    validator = jsonschema.Draft202012Validator(schema)
    assert validator.is_valid({**good, "extra": 1})
    assert not validator.is_valid({**good, "action": "peek"})
