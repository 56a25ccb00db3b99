"""What is written is valid to others: pyx12 with the maps of the guides, x12sdk, and fhir.resources."""

import io
import itertools
import json
import logging
from pathlib import Path

import pytest
from fhir.resources.R4B import get_fhir_model_class
from pyx12.params import ParamsBase  # type: ignore[import-untyped]
from pyx12.x12n_document import x12n_document  # type: ignore[import-untyped]

from detectors.events import BillingTransaction
from streams.simulator import Simulated, simulate
from tests.streams.simulator.formats.hospitals import read, written
from tests.streams.sources.x12.oracle import facts_of, facts_of_x12sdk


@pytest.fixture(scope="module")
def claims() -> list[Simulated]:
    """The transactions of enough days for all kinds of claims and remittances."""
    return [item for item in simulate(14, 4, 0.01) if isinstance(item.event.data, BillingTransaction)]


def test_x12_is_valid_to_the_maps_of_the_guides(
    claims: list[Simulated], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    files = written("x12", claims, tmp_path)
    assert len(files) == 3
    for sheet, _ in files.values():
        with caplog.at_level(logging.ERROR):
            assert x12n_document(ParamsBase(), io.StringIO(sheet.path.read_text()), None, None)
        assert [record.message for record in caplog.records] == []


def test_x12sdk_reads_the_same_claims(claims: list[Simulated], tmp_path: Path) -> None:
    for sheet, _ in written("x12", claims, tmp_path).values():
        ours = []
        for found in read(sheet):
            assert isinstance(found.data, BillingTransaction)
            ours.append(facts_of(found.data))
            if found.data.kind.startswith("remit"):
                # x12sdk leaves a revenue code where it stands in an SVC, in the place of the procedure.
                ours[-1].lines = [
                    (line.code or line.revenue, line.charge, line.paid, line.dos_from) for line in found.data.lines
                ]
        assert facts_of_x12sdk(sheet.path) == ours
        assert len(ours) == sheet.records


def test_what_is_not_valid_is_seen(claims: list[Simulated], tmp_path: Path) -> None:
    """The oracle tells: a claim without its charge is refused."""
    sheet, _ = next(iter(written("x12", claims[:50], tmp_path).values()))
    text = sheet.path.read_text().replace("DTP*472*D8*", "DTP*472*XX*", 1)
    assert not x12n_document(ParamsBase(), io.StringIO(text), None, None)


def test_fhir_is_valid_to_fhir_resources(claims: list[Simulated], tmp_path: Path) -> None:
    accesses = itertools.islice(simulate(1, 1, 0.005), 6000)
    files = written("fhir", [*claims, *accesses], tmp_path)
    assert len(files) == 4
    for sheet, _ in files.values():
        lines = sheet.path.read_text().splitlines()
        for line in lines[:: max(1, len(lines) // 150)]:
            resource = json.loads(line)
            get_fhir_model_class(resource["resourceType"]).model_validate_json(line)
