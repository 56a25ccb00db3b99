"""The main job on input that nobody here wrote, through Apache Kafka and a worker process.

Labels are ours: see `injected`. With `ACCEPTANCE=full` all years from 1914 and all 690,000 payments are sent.
"""

import datetime
import os
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec import Struct

from alerting.incidents import Incident
from detectors.finding import Finding
from tests.acceptance import handbook, injected, synthea
from tests.acceptance.site import Site
from tests.acceptance.world import World, lines_of, tokeniser
from tests.services.kafka import KafkaServer

FULL = os.environ.get("ACCEPTANCE") == "full"
SINCE = datetime.datetime(1900 if FULL else 2020, 1, 1, tzinfo=datetime.UTC)
PAYMENTS = None if FULL else 10_000
PATIENCE_SECONDS = 900.0 if FULL else 90.0

TOKEN = re.compile(rb"[a-z]\d+:[A-Za-z0-9_-]{22}")
"""What the tokeniser makes, of any letter and key."""


class Outcome(Struct, frozen=True):
    """What came of the whole input."""

    world: World
    site: Site
    findings: list[Finding]
    incidents: list[Incident]


@pytest.fixture(scope="module")
def world(reference_data: Path) -> World:
    """Both sets, with our cases among them."""
    clinic = injected.into_synthea(synthea.read(reference_data / "synthea-smart", SINCE))
    till = injected.into_handbook(handbook.read(reference_data / "fraud-handbook", PAYMENTS))
    return clinic.add(till)


@pytest.fixture(scope="module")
def outcome(
    world: World, kafka_broker: KafkaServer, database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Outcome]:
    with Site(kafka_broker.bootstrap, tmp_path_factory.mktemp("real"), database) as site:
        site.start()
        site.publish(lines_of(world.context))
        site.wait_until_balanced(len(world.context), PATIENCE_SECONDS)
        site.publish(lines_of(world.events))
        site.wait_until_idle(len(world.context) + len(world.events), PATIENCE_SECONDS)
        site.wait_until_told()
        assert site.stop() == 0
        yield Outcome(world, site, site.findings(), site.incidents())


def test_the_ledger_accounts_for_every_event(outcome: Outcome) -> None:
    """By source and to the event; what the mapping derives twice is a duplicate and nothing else is."""
    sent = [*outcome.world.context, *outcome.world.events]
    again = Counter(event.source for event in sent) - Counter({event.id: event.source for event in sent}.values())
    ledger = outcome.site.ledger()
    assert {source: totals.received for source, totals in ledger.per_source.items()} == Counter(
        event.source for event in sent
    )
    assert Counter({source: totals.duplicates for source, totals in ledger.per_source.items()}) == again
    assert ledger.applied == len({event.id for event in outcome.world.context})
    assert ledger.scored == len({event.id for event in outcome.world.events})
    assert (ledger.dead_letters, ledger.filtered) == ({}, {})


def test_every_case_is_an_incident_about_the_right_entity(outcome: Outcome) -> None:
    found = {(incident.entity, rule) for incident in outcome.incidents for rule in incident.rules}
    missed = [case.name for case in outcome.world.cases if (case.entity(tokeniser()), case.detector) not in found]
    assert len(outcome.world.cases) == 9
    assert not missed


def test_every_incident_is_told_in_slack(outcome: Outcome) -> None:
    in_slack = {
        message.metadata["event_payload"]["incident_id"] for message in outcome.site.slack.messages if message.metadata
    }
    untold = [incident for incident in outcome.incidents if incident.id not in in_slack]
    assert not untold, [(incident.kind, incident.rules, incident.opened_at) for incident in untold]
    assert in_slack == {incident.id for incident in outcome.incidents}


def test_grave_cases_are_paged_and_others_are_not(outcome: Outcome) -> None:
    paged = {alert.dedup_key for alert in outcome.site.pagerduty.alerts}
    assert paged == {incident.id for incident in outcome.incidents if incident.severity in ("SEV1", "SEV2")}


def test_no_identifier_and_no_token_leaves(outcome: Outcome) -> None:
    told = outcome.site.told()
    assert len(told) > 1_000
    assert [name for name in outcome.world.identifiers if name.encode() in told] == []
    assert TOKEN.findall(told) == []


def test_no_identifier_and_no_token_is_in_the_log(outcome: Outcome) -> None:
    log = outcome.site.log.read_bytes()
    assert log.count(b"\n") > 3
    assert [name for name in outcome.world.identifiers if name.encode() in log] == []
    assert TOKEN.findall(log) == []
