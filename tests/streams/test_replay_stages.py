"""Replay with the real stages and rules over a simulated hospital."""

import random
from collections.abc import Sequence

import pytest

from alerting.desk import Desk
from alerting.incident_ids import random_ids
from alerting.store import Store, create_schema, open_engine
from detectors.events.envelope import encode_structured
from detectors.finding import Finding
from detectors.notes import NOTE_NAMES
from detectors.retraction import Retraction
from detectors.sigma.ruleset import RuleSet, load_rules, shipped_rules
from detectors.stage import Score, Stage
from detectors.visit import STAGES
from streams.intake import Intake
from streams.replay import Replay, ReplayResult
from streams.simulator.simulation import stream
from tests.streams.samples import AT, access, line, tokeniser


class Found:
    """A sink that keeps the findings of rules, and how many scores there were."""

    def __init__(self) -> None:
        self.rules: list[Finding] = []
        self.scored = 0

    def findings(self, findings: Sequence[Finding]) -> None:
        self.rules += [finding for finding in findings if finding.kind == "rule"]

    def retractions(self, retractions: Sequence[Retraction]) -> None:
        pass

    def scores(self, scores: Sequence[Score], alerted: set[str]) -> None:
        self.scored += len(scores)


@pytest.fixture(scope="module")
def lines() -> list[bytes]:
    return [encode_structured(event) for event in stream(1, 1, 0.01)]


@pytest.fixture(scope="module")
def rules() -> RuleSet:
    return load_rules([shipped_rules()], NOTE_NAMES)


def replayed(lines: list[bytes], rules: RuleSet, partitions: int, batch: int) -> tuple[Found, ReplayResult]:
    engine = open_engine("sqlite://")
    create_schema(engine)
    store = Store(engine)
    desk = Desk(store, clock=lambda: AT, incident_ids=random_ids(random.Random(1)))
    found = Found()
    stages = {name: Stage(name, rules) for name in STAGES}
    result = Replay(Intake(tokeniser()), stages, desk, partitions, batch, sink=found).run(lines)
    assert result.ledger == store.ledger()
    assert result.ledger.is_balanced
    assert result.ledger.received == len(lines)
    assert result.ledger.scored == found.scored
    assert not result.failures
    return found, result


def test_the_size_of_batches_changes_no_finding_of_a_rule(rules: RuleSet) -> None:
    """A batch is seen by event time, so that only what comes late, in another batch, may change what is said."""
    in_order = [encode_structured(event) for event in sorted(stream(1, 1, 0.01), key=lambda event: event.time)]
    large, result = replayed(in_order, rules, 1, 500)
    small, _ = replayed(in_order, rules, 1, 77)
    assert result.ledger.duplicates > 0
    assert len(large.rules) > 20
    assert said(small) == said(large)


def test_the_number_of_partitions_changes_no_count(lines: list[bytes], rules: RuleSet) -> None:
    """Which event of a window speaks first may change with the partitions, and with it the words of its finding."""
    one, first = replayed(lines, rules, 1, 500)
    many, second = replayed(lines, rules, 5, 500)
    assert first.ledger.per_source == second.ledger.per_source
    assert one.scored == many.scored


def said(found: Found) -> set[tuple[str, str, float, str, tuple[str, ...]]]:
    """What was found, but for the desk's part: incident ids are random."""
    return {(one.id, one.event_id, one.risk, one.severity, tuple(one.reasons)) for one in found.rules}


def merged_records(pairs: int) -> list[bytes]:
    """Return a day on which records are merged, and opened by either number: by who has a tie, and by who has none."""
    lines = []
    for number in range(pairs):
        old, new = f"OLD{number}", f"NEW{number}"
        tied, other = (old, new) if number % 2 else (new, old)
        context = [
            ("care_team", {"patient_ref": tied, "user_ref": f"tied{number}", "from": "2026-03-01T00:00:00Z"}),
            ("patient", {"patient_ref": old, "merged_into": new}),
        ]
        lines += [
            line(data, type_name=f"org.wardwatch.context.{name}.v1", id=f"{name}{number}", time="2026-03-02T00:00:00Z")
            for name, data in context
        ]
        lines += [
            line(
                access(actor={"id": f"{user}{number}", "dept": "ICU"}, patient={"ref": patient}),
                id=f"{user}{number}{patient}",
            )
            for user in ("tied", "stranger")
            for patient in (tied, other)
        ]
    # All context first: within a batch, a merge reaches the survivor after what was addressed to it.
    return sorted(lines, key=lambda text: b"phi.access" in text)


def test_merged_records_come_to_the_same_in_any_number_of_partitions(rules: RuleSet) -> None:
    lines = merged_records(40)
    one, first = replayed(lines, rules, 1, 80)
    many, second = replayed(lines, rules, 4, 80)
    assert said(one) == said(many)
    assert first.ledger.per_source == second.ledger.per_source
    assert first.ledger.applied == 80
    # One finding for each stranger: the second number is the same patient, whom they have opened already.
    assert [finding.event_id[:8] for finding in one.rules if finding.detector == "A01"] == ["stranger"] * 40
