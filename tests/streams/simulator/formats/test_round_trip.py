"""What is written reads back as the same events, in every field that the format carries."""

from collections import Counter
from pathlib import Path

import pytest

from detectors.events import AccessEvent, BillingTransaction
from streams.simulator import FORMATS, JSON_LINES, Simulated, simulate
from tests.streams.simulator.formats.hospitals import pairs, shown, written
from tests.streams.simulator.formats.law import expected

SEEDS = (1, 2, 3)
DAYS, SCALE = 3, 0.005

REAL = [name for name in FORMATS if name != JSON_LINES]


@pytest.fixture(scope="module", params=SEEDS)
def hospital(request: pytest.FixtureRequest) -> list[Simulated]:
    """All of the first; of the others a fifth of the ordinary accesses, which are alike, and all else."""
    whole = list(simulate(DAYS, request.param, SCALE))
    if request.param == SEEDS[0]:
        return whole
    return [
        item
        for place, item in enumerate(whole)
        if place % 5 == 0 or item.labels or not isinstance(item.event.data, AccessEvent)
    ]


@pytest.mark.parametrize("name", REAL)
def test_what_is_read_is_what_was_simulated(name: str, hospital: list[Simulated], tmp_path: Path) -> None:
    for file, (sheet, items) in written(name, hospital, tmp_path).items():
        seen: dict[str, str] = {}
        for event, read in pairs(sheet, items):
            wanted = expected(file, event, read)
            assert read.data == wanted, shown(read.data, wanted)
            moment = getattr(read.data, "occurred_at", None)
            assert read.time == (moment.timestamp() if moment else event.time)
            # Two events have two ids, one that comes twice has one.
            assert seen.setdefault(event.id, read.id) == read.id
        assert len(set(seen.values())) == len(seen)
        assert sheet.records == len(items)


def test_every_event_is_in_the_files_that_have_a_place_for_it(hospital: list[Simulated], tmp_path: Path) -> None:
    """X12 has claims and remittances, each once; FHIR these, accesses, write-offs; CSV all but claims.

    The audit formats have no code for a change of a user's attributes, and none has a payee's change of account or
    what its bank had.
    """
    claims, payments, accesses, unsaid, context = Counter[str](), Counter[str](), 0, 0, 0
    for item in hospital:
        data = item.event.data
        if isinstance(data, AccessEvent):
            accesses += 1
            unsaid += data.action == "user_attribute_change"
        elif not isinstance(data, BillingTransaction):
            context += 1
        elif data.claim is not None:
            claims[data.kind] += 1
            claims["once"] += not item.again
        else:
            payments[data.kind] += 1
    counts = {
        name: {file: len(items) for file, (_, items) in written(name, hospital, tmp_path / name).items()}
        for name in REAL
    }
    unwritten = payments["bank_account_change"] + payments["deposit"]
    assert sum(counts["x12"].values()) == claims.pop("once")
    assert sum(counts["fhir"].values()) == accesses - unsaid + claims.total() + payments["write_off"]
    assert counts["atna"] == {"atna/audit-messages.xml": accesses - unsaid}
    assert sum(counts["csv"].values()) == accesses + payments.total() - unwritten + context
    assert claims.total() > 300
    assert {"patient_payment", "refund"} <= payments.keys()
