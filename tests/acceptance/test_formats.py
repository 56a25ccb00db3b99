"""The findings do not depend on the format: a hospital in X12, FHIR or ATNA, and CSV is judged as its JSON lines are.

Events have other ids and other times of recording in each format, and fields that it has no words for are gone
(docs/simulator.md); of the detectors that need none of these, the findings are the same, about the same entities.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest

from alerting.store import Ledger
from detectors.events import AccessEvent, Event
from detectors.finding import Entity, Finding
from detectors.retraction import Retraction
from detectors.stage import Score
from monitor.backtest import backtest
from monitor.settings import Settings, load
from streams.simulator import Simulated, simulate
from streams.simulator.service_minutes import as_csv
from tests.acceptance.world import lines_of
from tests.streams.simulator.formats.hospitals import pairs, written

DAYS, SEED, SCALE = 1, 1, 0.003

SAME = frozenset({"A01", "A02", "A05", "A06", "A09", "A13", "A17", "B01", "B05", "B06", "B14", "B22", "B25"})
"""Detectors whose fields every one of these formats carries, with something to find in this hospital.

Not so A07 (when the emergency access ends), A16 (the place on the globe), A19 (the rank of the record's number), A22
(the category of the resource).
"""

FOR_ACCESSES = {"fhir": "fhir/AuditEvent.ndjson", "atna": "atna/audit-messages.xml"}
CLAIMS, OTHERS = "x12", "csv"
TWICE = {"csv/plain_access.csv"}
"""Accesses, which come in another format here."""

Found = set[tuple[str, Entity]]
"""Detectors and whom they found: other reasons of the same finding, and so its severity, may need what is lost."""


class _Sink:
    def __init__(self) -> None:
        self.found: dict[str, Finding] = {}

    def findings(self, findings: Sequence[Finding]) -> None:
        self.found.update((finding.id, finding) for finding in findings if finding.detector in SAME)

    def retractions(self, retractions: Sequence[Retraction]) -> None:
        pass

    def scores(self, scores: Sequence[Score], alerted: set[str]) -> None:
        pass


@pytest.fixture(scope="module")
def hospital() -> list[Simulated]:
    """Each event once: interchanges of X12 are only sent again whole.

    Without vendors and patients, whom these formats, or one of them, take for staff (docs/simulator.md).
    """
    return [item for item in simulate(DAYS, SEED, SCALE) if not item.again and not _is_outsider(item)]


def _is_outsider(item: Simulated) -> bool:
    return isinstance(item.event.data, AccessEvent) and item.event.data.actor.type not in ("human", "service")


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("formats")
    (folder / "minutes.csv").write_text(as_csv())
    return load(
        None, {"WARDWATCH_SERVICE_MINUTES": str(folder / "minutes.csv"), "WARDWATCH_DATA_DIR": str(folder / "data")}
    )


@pytest.fixture(scope="module")
def wanted(hospital: list[Simulated], settings: Settings) -> Found:
    """What is found in the JSON lines."""
    found, ledger = judged(settings, (item.event for item in hospital))
    assert ledger.received == len(hospital)
    assert {detector for detector, _ in found} == SAME
    return found


@pytest.fixture(scope="module")
def claims_and_context(hospital: list[Simulated], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Event]:
    """What is read of claims in X12, and of payments and context in CSV, by the id of the event that was simulated."""
    folder = tmp_path_factory.mktemp("files")
    return {
        event.id: read
        for name in (CLAIMS, OTHERS)
        for file, (sheet, items) in written(name, hospital, folder).items()
        if file not in TWICE
        for event, read in pairs(sheet, items)
    }


@pytest.fixture(params=FOR_ACCESSES)
def read(
    request: pytest.FixtureRequest, hospital: list[Simulated], claims_and_context: dict[str, Event], tmp_path: Path
) -> list[Event]:
    """What is read of all files, in the order of the events that were simulated."""
    sheet, items = written(request.param, hospital, tmp_path)[FOR_ACCESSES[request.param]]
    found = claims_and_context | {event.id: read for event, read in pairs(sheet, items)}
    return [found[item.event.id] for item in hospital if item.event.id in found]


def test_what_is_read_from_files_is_judged_as_what_was_simulated(
    hospital: list[Simulated], read: list[Event], settings: Settings, wanted: Found
) -> None:
    assert len(read) >= 0.999 * len(hospital)
    found, ledger = judged(settings, read)
    assert ledger.received == len(read)
    assert found == wanted


def judged(settings: Settings, events: Iterable[Event]) -> tuple[Found, Ledger]:
    """Replay events; return what the detectors found, and the ledger."""
    sink = _Sink()
    ledger = backtest(settings, lines_of(events), partitions=1, sink=sink).ledger
    assert ledger.scored + ledger.applied == ledger.received
    return {(one.detector, one.entity) for one in sink.found.values()}, ledger
