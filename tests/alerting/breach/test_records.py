"""Records are chained: whatever is changed, removed or put between is found."""

from collections.abc import Callable
from datetime import date

import pytest
from msgspec import structs

from alerting.breach.affected import Affected
from alerting.breach.file import file_of
from alerting.breach.records import Begun, Counted, Line, Record, Voided, first_break, following
from tests.alerting.breach.building import a_notice


def a_chain() -> list[Line]:
    records: list[Record] = [
        Begun(first_alert_on=date(2026, 3, 2)),
        Counted(affected=Affected(states={"NY": 12})),
        a_notice(count=12),
        Voided(number=1, reason="wrong case"),
    ]
    lines: list[Line] = []
    for record in records:
        last = lines[-1] if lines else None
        lines.append(following(last, record, incident_id="INC-A", actor="ana", at=10.0 - len(lines)))
    return lines


def test_a_chain_is_whole_and_time_does_not_run_backwards() -> None:
    lines = a_chain()
    assert first_break(lines) is None
    assert [line.at for line in lines] == [10.0] * 4
    assert first_break([]) is None


def fewer_affected(line: Line) -> Line:
    return structs.replace(line, record=Counted(affected=Affected(states={"NY": 2})))


@pytest.mark.parametrize(
    ("damage", "place"),
    [
        (lambda lines: [lines[0], fewer_affected(lines[1]), *lines[2:]], 2),
        (lambda lines: [*lines[:2], structs.replace(lines[2], actor="bo"), lines[3]], 3),
        (lambda lines: [*lines[:2], structs.replace(lines[2], at=11.0), lines[3]], 3),
        (lambda lines: [*lines[:1], *lines[2:]], 2),
        (lambda lines: [*lines, lines[3]], 5),
        (lambda lines: [structs.replace(line, incident_id="INC-B") for line in lines], 1),
    ],
)
def test_every_damage_is_found(damage: Callable[[list[Line]], list[Line]], place: int) -> None:
    assert first_break(damage(a_chain())) == place


def test_a_file_begins_with_its_beginning() -> None:
    assert file_of([]) is None
    assert file_of(a_chain()[1:]) is None
