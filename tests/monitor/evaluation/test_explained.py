"""The explained share of ordinary accesses, counted beside a stage."""

from collections.abc import Mapping, Sequence

import msgspec
from msgspec import Raw

from detectors.peers import PeerView
from detectors.scoring import StageModels
from detectors.stage import StageResult
from detectors.visit import Arrival, Batch, Note, Stop, Visit
from monitor.evaluation import ExplainedCounter


class Concluding:
    """A stage that concludes what it was told for each event."""

    def __init__(self, conclusions: Mapping[str, Note]) -> None:
        self.peers = PeerView()
        self._conclusions = conclusions

    def new_models(self) -> StageModels:
        return StageModels("user", 0, 1)

    def step(
        self, profiles: Mapping[str, bytes], models: StageModels, arrivals: Sequence[Arrival], now: float
    ) -> StageResult:
        for arrival in arrivals:
            for visit in arrival.batch.visits:
                if visit.id in self._conclusions:
                    visit.notes = {"rel.explained": self._conclusions[visit.id]}
        return StageResult()


def access_of(name: str) -> Raw:
    """An access by a person; the type is left out where it is the default."""
    actor = {"id": "u"} | ({"type": "service"} if name == "interface" else {})
    return Raw(msgspec.msgpack.encode({"action": "read", "actor": actor}))


def test_of_peoples_ordinary_accesses_that_were_judged_the_explained_are_counted() -> None:
    conclusions: dict[str, Note] = {"a": True, "b": True, "c": False, "snooped": False, "interface": False}
    counter = ExplainedCounter(Concluding(conclusions), {"snooped"})
    visits = [
        Visit(name, "urn:test", "test", 1.0, 1.0, access_of(name), [Stop("user", "u")])
        for name in (*conclusions, "not judged")
    ]
    counter.step({}, counter.new_models(), [Arrival(0, 0, Batch(0, 0, visits))], 1.0)
    assert (counter.judged, counter.explained, counter.share) == (3, 2, 2 / 3)
