"""Two workers whose clocks differ collect for the same digest: every case is told of once."""

import msgspec
from sqlalchemy import select

from alerting.commands import RecordFindings
from alerting.notification import Body, Digest
from alerting.plan import Plan
from alerting.policy import Policy
from alerting.routing.receivers import Receiver
from alerting.routing.tree import RouteNode
from alerting.store import Store
from alerting.store.schema import OUTBOX
from tests.alerting.building import CONSOLE, HOUR, Clock, a_desk, a_finding, numbered_ids

TEN = 1_772_445_600.0
"""2026-03-02T10:00:00Z."""


def told_in_digests(store: Store) -> list[list[str]]:
    """The incidents that each digest names."""
    with store.reading() as connection:
        bodies = [msgspec.json.decode(body, type=Body) for body in connection.scalars(select(OUTBOX.c.body))]
    return [[line.incident_id for line in body.lines] for body in bodies if isinstance(body, Digest)]


def test_what_is_collected_after_the_digest_was_sent_is_told_in_another(store: Store) -> None:
    route = RouteNode(name="all", receivers=(Receiver(channel="slack", to="C1"),), digest="hourly")
    policy = Policy(console_url=CONSOLE, plan=Plan(routes=(route,)))
    ahead, behind, ids = Clock(), Clock(), numbered_ids()
    one, two = (a_desk(store, clock, policy=policy, incident_ids=ids) for clock in (ahead, behind))
    one.handle(RecordFindings([a_finding(ref="u1:x", severity="medium")]))
    ahead.now = TEN + 0.05
    one.pass_time()
    behind.now = TEN - 0.15
    two.handle(RecordFindings([a_finding(ref="u1:y", severity="medium")]))
    for clock, desk in ((behind, two), (ahead, one)):
        clock.advance(HOUR / 2)
        desk.pass_time()
    assert sorted(told_in_digests(store)) == [["INC-T0000001"], ["INC-T0000002"]]
