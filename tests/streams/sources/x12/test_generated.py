"""Files that x12sdk generates, any seed: ours equals what x12sdk reads; pyx12 counts the same segments."""

import io
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from pyx12.x12file import X12Reader  # type: ignore[import-untyped]  # pyx12 ships no types
from x12sdk.generate import generate_835, generate_837i, generate_837p

from tests.streams.sources.x12.oracle import facts_of, facts_of_x12sdk
from tests.streams.sources.x12.samples import transactions

GENERATORS: dict[str, Callable[..., str]] = {"837p": generate_837p, "837i": generate_837i, "835": generate_835}
STAMPS = [("005010X222A2", "005010X222A1"), ("005010X223A3", "005010X223A2"), ("005010X223A3", "005010X223A1")]


@pytest.mark.parametrize("kind", GENERATORS)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10**6), claims=st.integers(1, 12))
def test_generated_files_equal_x12sdk(kind: str, seed: int, claims: int, tmp_path: Path) -> None:
    try:
        text = GENERATORS[kind](seed=seed, claims=claims)
    except ValidationError:  # of some seeds x12sdk makes adjustments that x12sdk itself refuses (seed 800, 11 claims)
        reject()
    path = tmp_path / "generated.edi"
    path.write_text(text)
    read = transactions(text.encode())
    ours = [facts_of(entry) for entry in read if entry.kind != "provider_adjustment"]
    assert ours == facts_of_x12sdk(path)
    assert len(ours) == claims
    # x12sdk balances what it generates; the tests of its samples mark are its own.
    assert {check for entry in read for check in entry.checks} <= {"test_interchange", "npi_invalid"}


@pytest.mark.parametrize("kind", GENERATORS)
def test_pyx12_sees_the_same_claims(kind: str) -> None:
    text = GENERATORS[kind](seed=7, claims=20)
    reader = X12Reader(io.StringIO(text))
    seen: list[tuple[str, str]] = []
    for segment in reader:
        if segment.get_seg_id() in ("CLM", "CLP"):
            at = "02" if segment.get_seg_id() == "CLM" else "03"
            seen.append((segment.get_value(segment.get_seg_id() + "01"), segment.get_value(segment.get_seg_id() + at)))
    assert [error for error in reader.pop_errors() if error[0] != "isa"] == []
    ours = [entry for entry in transactions(text.encode()) if entry.kind != "provider_adjustment"]
    assert Counter(seen) == Counter(
        (entry.claim.pcn, f"{entry.amounts.charge / 100:.2f}") for entry in ours if entry.claim and entry.amounts
    )


@pytest.mark.parametrize(("stamp", "other"), STAMPS)
def test_the_stamp_of_the_addenda_changes_nothing(stamp: str, other: str) -> None:
    text = (generate_837p if "X222" in stamp else generate_837i)(seed=3, claims=5)
    assert transactions(text.encode()) == transactions(text.replace(stamp, other).encode())
