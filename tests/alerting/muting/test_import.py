"""Silences of Alertmanager are taken over as they are written there."""

from datetime import UTC, datetime

import msgspec
import pytest

from alerting.muting.alertmanager import Imported, ImportRefused, read_silences

WRITTEN = {
    "id": "a1",
    "status": {"state": "active"},
    "updatedAt": "2026-03-02T09:00:00.000Z",
    "comment": "migration",
    "createdBy": "ana",
    "startsAt": "2026-03-02T09:00:00.000Z",
    "endsAt": "2026-03-02T12:00:00.000+01:00",
    "matchers": [
        {"name": "rule", "value": "A0.*", "isRegex": True, "isEqual": True},
        {"name": "entity_type", "value": "user", "isRegex": False, "isEqual": False},
        {"name": "severity", "value": "SEV1", "isRegex": True, "isEqual": False},
        {"name": "queue", "value": "", "isRegex": False},
    ],
}


def test_a_silence_is_read() -> None:
    expected = Imported(
        matchers=('rule=~"A0.*"', 'entity_type!="user"', 'severity!~"SEV1"', 'queue=""'),
        starts_at=datetime(2026, 3, 2, 9, tzinfo=UTC).timestamp(),
        ends_at=datetime(2026, 3, 2, 11, tzinfo=UTC).timestamp(),
        author="ana",
        reason="migration",
    )
    assert read_silences(msgspec.json.encode(WRITTEN)) == [expected]
    assert read_silences(msgspec.json.encode([WRITTEN, WRITTEN | {"status": {"state": "expired"}}])) == [expected]


@pytest.mark.parametrize(
    ("document", "said"),
    [
        (b"{", "truncated"),
        (b"[1]", "Expected `object`, got `int` - at `$[0]`"),
        (
            msgspec.json.encode([WRITTEN, WRITTEN | {"matchers": [{"name": "alertname", "value": "x"}]}]),
            "silence 2, matcher 1: there is no label 'alertname'",
        ),
        (
            msgspec.json.encode(WRITTEN | {"matchers": [{"name": "rule", "value": "(", "isRegex": True}]}),
            "silence 1, matcher 1: in the pattern of rule, at its character 1",
        ),
        (msgspec.json.encode(WRITTEN | {"endsAt": "2026-03-02T12:00:00"}), "silence 1: its times have no zone"),
        (msgspec.json.encode([WRITTEN] * 1001), "at most 1000 silences"),
    ],
)
def test_what_is_no_silence_is_told_with_its_place(document: bytes, said: str) -> None:
    with pytest.raises(ImportRefused) as caught:
        read_silences(document)
    assert said in str(caught.value)
