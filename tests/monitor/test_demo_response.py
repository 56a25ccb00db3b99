"""Who answers in the demo: a plan without mistakes and gaps, and an analyst who takes on one case."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from alerting.commands import Acknowledge, RecordFindings
from alerting.muting.waiting import count_waiting
from alerting.store import Store
from monitor.catalogue import read_rules
from monitor.demo.response import PAGER_NAMES, REACTION_SECONDS, Responder, write_plan
from monitor.response import build_desk, opened_store
from monitor.response_doubts import doubts
from monitor.response_plan import read_plan
from monitor.secret import Secret
from monitor.settings import Settings
from tests.alerting.building import Clock, a_finding


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    write_plan(tmp_path / "response.yml", "C0PRACTICE")
    return Settings(data_dir=tmp_path, response_file=tmp_path / "response.yml", token_key=Secret("ab" * 32))


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    with opened_store(settings) as store:
        yield store


def test_the_plan_reaches_everybody(settings: Settings) -> None:
    assert settings.response_file
    plan = read_plan(settings.response_file)
    assert list(doubts(plan, frozenset({"slack", "pagerduty"}), frozenset(PAGER_NAMES), time.time())) == []


def test_one_grave_case_is_taken_on_the_others_climb(settings: Settings, store: Store) -> None:
    clock = Clock()
    responder = Responder(settings, store, clock)
    desk = build_desk(settings, store, read_rules(settings), clock=clock)
    desk.handle(RecordFindings([a_finding(ref="u1:a"), a_finding(ref="u1:b"), a_finding(ref="u1:c", severity="low")]))
    assert responder.look(store.incidents()).climbs == {"climbing": 2}
    clock.advance(REACTION_SECONDS)
    for _ in range(2):
        assert responder.look(store.incidents()).climbs == {"climbing": 1}
    clock.advance(60.0)
    desk.pass_time()
    assert responder.look([]).climb_steps == 1
    assert sorted(one.status for one in store.incidents()) == ["new", "new", "triaged"]


def test_somebody_at_the_command_line_may_be_faster(settings: Settings, store: Store) -> None:
    clock = Clock()
    responder = Responder(settings, store, clock)
    desk = build_desk(settings, store, read_rules(settings), clock=clock)
    desk.handle(RecordFindings([a_finding()]))
    (seen,) = store.incidents()
    desk.handle(Acknowledge(incident_id=seen.id, actor="b.okafor"))
    clock.advance(REACTION_SECONDS)
    assert responder.look([seen]).climbs == {}


def test_what_one_model_finds_is_held_back(settings: Settings, store: Store) -> None:
    clock = Clock()
    Responder(settings, store, clock).begin()
    desk = build_desk(settings, store, read_rules(settings), clock=clock)
    desk.handle(RecordFindings([a_finding("trees_and_tails", ref="u1:a", kind="online"), a_finding(ref="u1:b")]))
    with store.reading() as connection:
        assert count_waiting(connection) == {"silence": 1}
