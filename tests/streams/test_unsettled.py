"""What a replay writes late: each finding and score once, with the alert that it came to."""

from detectors.finding import Entity, Finding
from detectors.result import Score
from streams.unsettled import Unsettled


def finding(name: str, *, alert: bool = False) -> Finding:
    return Finding(
        id=name, event_id=name[0], at=1.0, kind="rule", detector="A01", version=1, severity="low", risk=20.0,
        entity=Entity("user", "u"), alert=alert,
    )  # fmt: skip


def score(event_id: str) -> Score:
    return Score(event_id, 1.0, "access", Entity("user", "u"), 20.0, "A01")


def test_a_finding_that_waits_comes_when_it_is_released_and_its_score_with_it() -> None:
    unsettled = Unsettled()
    waiting, other = finding("e1"), finding("f1", alert=True)
    assert unsettled.settle([waiting, other], {}, {"e1"}) == [other]
    assert unsettled.scored([score("e"), score("f"), score("g")], {"f"}) == ([score("f"), score("g")], {"f"})
    assert unsettled.settle([], {}, None) == []
    assert unsettled.scored([], set()) == ([], set())
    released = finding("e1", alert=True)
    assert unsettled.settle([], {"e1": released}, set()) == [released]
    assert unsettled.scored([], {"e"}) == ([score("e")], {"e"})


def test_one_that_is_not_released_comes_as_it_was() -> None:
    unsettled = Unsettled()
    assert unsettled.settle([finding("e1"), finding("e2", alert=True)], {}, {"e1"}) == [finding("e2", alert=True)]
    # The event alerts by its other finding, which is remembered until its score is written.
    assert unsettled.scored([score("e")], {"e"}) == ([], set())
    assert unsettled.settle([], {}, set()) == [finding("e1")]
    assert unsettled.scored([], set()) == ([score("e")], {"e"})
