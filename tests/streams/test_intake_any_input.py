"""Whatever comes in, the intake raises nothing and its ledger balances."""

import json
import math
from collections import Counter
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from streams.intake import Intake, IntakeResult
from streams.records import CUT_HEADER, PAN_HEADER, SourceRecord
from tests.streams.samples import (
    ACCESS,
    AT,
    BILLING,
    access,
    event,
    payment,
    tokeniser,
)

PAN = "4111111111111111"


def admit(*records: SourceRecord) -> IntakeResult:
    return Intake(tokeniser()).admit(records)


def balances(records: list[SourceRecord], result: IntakeResult) -> bool:
    """Whether every record is counted once as received and once as what became of it."""
    counted: Counter[str] = Counter()
    for entry in result.entries:
        for row in entry.rows:
            assert row.n == row.last - row.first + 1
            counted[row.outcome.split(":")[0]] += row.n
    return (
        counted["received"] == len(records)
        and counted["dead_letter"] == len(result.dead_letters)
        and counted["received"] == len(result.visits) + counted["dead_letter"] + counted["filtered"]
    )


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=10,
)


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A valid event with one value replaced, or its bytes damaged."""
    whole: Any = event(*draw(st.sampled_from([(access(),), (payment(),)])))
    if draw(st.booleans()):
        whole["type"] = draw(st.sampled_from([ACCESS, BILLING]))
    here = whole
    for _ in range(draw(st.integers(0, 3))):
        inner = [value for value in here.values() if isinstance(value, dict)]
        here = draw(st.sampled_from(inner)) if inner else here
    here[draw(st.sampled_from(sorted(here)))] = draw(json_values)
    payload = bytearray(json.dumps(whole).encode())
    for _ in range(draw(st.integers(0, 2))):
        payload[draw(st.integers(0, len(payload) - 1))] = draw(st.integers(0, 255))
    return bytes(payload)


attribute_names = st.sampled_from(
    [
        "ce_id",
        "ce_source",
        "ce_type",
        "ce_time",
        "ce_subject",
        "ce_specversion",
        "content-type",
        CUT_HEADER,
        PAN_HEADER,
        "other",
    ]
)
attribute_values = st.binary(max_size=20) | st.sampled_from(
    [
        b"1.0",
        ACCESS.encode(),
        BILLING.encode(),
        b"2026-03-02T09:14:03Z",
        b"2026-03-02",
        b"application/cloudevents",
        b"12",
    ]
)


@st.composite
def records(draw: st.DrawFn) -> list[SourceRecord]:
    values = st.none() | st.binary(max_size=60) | mutated() | json_values.map(lambda value: json.dumps(value).encode())
    stamps = st.floats() | st.just(AT)
    return [
        SourceRecord("t", draw(st.integers(0, 1)), offset, draw(stamps), draw(values), headers)
        for offset, headers in enumerate(
            draw(st.lists(st.dictionaries(attribute_names, attribute_values, max_size=7), max_size=6))
        )
    ]


@settings(max_examples=300, deadline=None)  # other processes share the machine
@given(records())
def test_no_input_raises_and_the_ledger_balances(batch: list[SourceRecord]) -> None:
    result = admit(*batch)
    assert balances(batch, result)
    assert not any(letter.reason == "intake_error" for letter in result.dead_letters)
    assert all(math.isfinite(visit.time) and visit.stops for visit in result.visits)
