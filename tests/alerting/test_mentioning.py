"""Who hears that a case has somebody responsible, or a comment."""

import pytest

from alerting.commands import Assign, Comment, IncidentCommand
from alerting.desk import Desk
from alerting.routing.receivers import Receiver
from alerting.routing.tree import RouteNode
from alerting.store import Store
from alerting.store.outbox_rows import claim_notice
from alerting.work.commands import WatchIncident
from tests.acceptance.response.hospital import policy
from tests.alerting.building import Clock, a_desk
from tests.alerting.sending import ONE, see

PAGER = RouteNode(receivers=(Receiver(channel="pagerduty"),))


@pytest.fixture
def desk(store: Store, clock: Clock) -> Desk:
    """A desk with a case about ana, of which the pager alone was told.

    Eva and ana follow it; that it is about ana was known only after she had begun to.
    """
    before = a_desk(store, clock, policy=policy(PAGER))
    see(before)
    for name in ("ana", "eva"):
        before.handle(WatchIncident(actor=name, incident_id=ONE))
    return a_desk(store, clock, policy=policy(PAGER, subjects={"u1:one": "ana"}))


def told(desk: Desk, channel: str, now: float) -> list[tuple[str, str]]:
    """Take what is in the outbox for a channel: to whom, and why."""
    found = []
    with desk.store.writing() as connection:
        while notice := claim_notice(connection, channel, "test", now=now, until=now + 60):
            found.append((notice.to, getattr(notice.body, "told", "")))
    return sorted(found)


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (Assign(incident_id=ONE, actor="sam", assignee="ben"), [("UBEN", "assigned"), ("UEVA", "assigned")]),
        (Assign(incident_id=ONE, actor="eva", assignee="ben"), [("UBEN", "assigned")]),
        (Assign(incident_id=ONE, actor="ben", assignee="ben"), [("UEVA", "assigned")]),
        (Assign(incident_id=ONE, actor="ben", assignee="stranger"), [("UEVA", "assigned")]),
        (Comment(incident_id=ONE, actor="sam", note="called"), [("UEVA", "commented")]),
        (Comment(incident_id=ONE, actor="eva", note="called"), []),
    ],
)
def test_followers_and_who_is_responsible_hear_of_it_but_not_who_did_it_nor_the_subject(
    desk: Desk, clock: Clock, command: IncidentCommand, expected: list[tuple[str, str]]
) -> None:
    desk.handle(command)
    assert told(desk, "slack", clock.now) == expected
    assert told(desk, "pagerduty", clock.now) == [("", "opened")]
