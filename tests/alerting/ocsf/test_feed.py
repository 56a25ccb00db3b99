"""A reader gets everything once, in order, also what was withdrawn; what its sink refuses comes again."""

from typing import Any

import pytest

from alerting.commands import Acknowledge, Assign, RecordFindings, RetractFindings
from alerting.desk import Desk
from alerting.ocsf.events import Exporter
from alerting.ocsf.feed import SETTLE_SECONDS, OcsfFeed
from alerting.store import Store
from detectors.retraction import Retraction
from tests.alerting.building import Clock, a_desk, a_finding

HERE = Exporter(product_version="1", titles={})


class Kept(list[dict[str, Any]]):
    def __call__(self, events: Any) -> None:
        self.extend(events)

    @property
    def kinds(self) -> list[int]:
        return [event["type_uid"] for event in self]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def desk(store: Store, clock: Clock) -> Desk:
    return a_desk(store, clock)


def test_everything_comes_once(store: Store, desk: Desk, clock: Clock) -> None:
    feed, kept = OcsfFeed(store, "siem", HERE, clock), Kept()
    finding = a_finding()
    (case,) = desk.handle(RecordFindings([finding])).opened
    assert feed.run_all(kept) == 0  # too young
    clock.advance(SETTLE_SECONDS)
    assert feed.run_all(kept) == 2
    assert kept.kinds == [200401, 200501]
    desk.handle(Acknowledge(incident_id=case, actor="p.officer"))
    gone = Retraction(finding_id=finding.id, at=finding.at, entity=finding.entity, reason="an order came late")
    desk.handle(RetractFindings([gone]))
    clock.advance(SETTLE_SECONDS)
    assert feed.run_all(kept) == 2
    assert kept.kinds[2:] == [200403, 200503]
    assert feed.run_all(kept) == 0


def test_what_changes_before_it_is_read_is_new_all_the_same(store: Store, desk: Desk, clock: Clock) -> None:
    feed, kept = OcsfFeed(store, "siem", HERE, clock), Kept()
    (case,) = desk.handle(RecordFindings([a_finding()])).opened
    clock.advance(10)
    desk.handle(Acknowledge(incident_id=case, actor="p.officer"))
    clock.advance(SETTLE_SECONDS)
    feed.run_all(kept)
    assert kept.kinds == [200401, 200501]
    desk.handle(Assign(incident_id=case, actor="p.officer", assignee="ana"))
    clock.advance(SETTLE_SECONDS)
    feed.run_all(kept)
    assert kept.kinds[2:] == [200502]


def test_what_the_sink_refuses_comes_again(store: Store, desk: Desk, clock: Clock) -> None:
    desk.handle(RecordFindings([a_finding()]))
    clock.advance(SETTLE_SECONDS)
    feed, kept = OcsfFeed(store, "siem", HERE, clock), Kept()

    def refuse(_events: object) -> None:
        message = "the disk is full"
        raise OSError(message)

    with pytest.raises(OSError, match="the disk is full"):
        feed.run_once(refuse)
    assert feed.run_all(kept) == 2


def test_readers_do_not_know_of_each_other(store: Store, desk: Desk, clock: Clock) -> None:
    desk.handle(RecordFindings([a_finding(ref=f"u1:{n}") for n in range(3)]))
    clock.advance(SETTLE_SECONDS)
    one, other = Kept(), Kept()
    assert OcsfFeed(store, "one", HERE, clock).run_all(one) == 6
    assert OcsfFeed(store, "other", HERE, clock).run_all(other) == 6
    assert one == other


def test_more_than_fits_at_once(store: Store, desk: Desk, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("alerting.ocsf.feed.AT_ONCE", 2)
    desk.handle(RecordFindings([a_finding(ref=f"u1:{n}") for n in range(5)]))
    clock.advance(SETTLE_SECONDS)
    kept = Kept()
    assert OcsfFeed(store, "siem", HERE, clock).run_all(kept) == 10
    assert len({event["metadata"]["uid"] for event in kept}) == 10


def test_a_retraction_of_what_never_came_is_passed_over(store: Store, desk: Desk, clock: Clock) -> None:
    finding = a_finding()
    gone = Retraction(finding_id=finding.id, at=finding.at, entity=finding.entity, reason="an order came late")
    desk.handle(RetractFindings([gone]))
    clock.advance(SETTLE_SECONDS)
    assert OcsfFeed(store, "siem", HERE, clock).run_all(Kept()) == 0
