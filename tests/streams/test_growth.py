"""What an event costs does not grow with the number of events, patients or users; counted in calls, not in seconds."""

import pytest

from tests.bench.growth import TIMES_ENTITIES, TIMES_EVENTS, Calls, replay
from tests.bench.pipeline_parts.corpus import Corpus, make_corpus

EVENTS, SCALE = 2_000, 0.02
LEEWAY = 1.25
"""The mix of events, of users new to the day and of unexplained accesses differs a little between two hospitals."""


def calls_an_event(corpus: Corpus) -> float:
    calls = Calls()
    return replay(corpus, calls.begin, calls.end) / len(corpus.events)


@pytest.fixture(scope="module")
def usual() -> float:
    return calls_an_event(make_corpus(EVENTS, scale=SCALE, before=0))


def test_calls_an_event_stay_the_same_with_twice_the_events(usual: float) -> None:
    more = calls_an_event(make_corpus(TIMES_EVENTS * EVENTS, scale=SCALE, before=0))
    assert 1 / LEEWAY < more / usual < LEEWAY


def test_calls_an_event_stay_the_same_with_four_times_the_patients_and_users(usual: float) -> None:
    larger = calls_an_event(make_corpus(EVENTS, scale=SCALE * TIMES_ENTITIES, before=0))
    assert 1 / LEEWAY < larger / usual < LEEWAY
