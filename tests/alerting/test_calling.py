"""The number of the call that news belong to: who did not wake up is called anew, and nobody twice for one thing."""

from typing import Any

import pytest

from alerting.calling import Page, call_of, numbered
from alerting.notification import Told
from alerting.places import Place
from alerting.store import Store
from alerting.store.outbox_rows import insert_notices, mark_ended
from tests.alerting.building import a_notice, a_notification

PAGER = Place("pagerduty", "")


def told(at: float, told: Told, *, call: int = 1, status: str = "new") -> Page:
    return Page(at, a_notification(told=told, call=call, status=status))


@pytest.mark.parametrize(
    ("before", "news", "now", "call"),
    [
        ([], "escalation_step", 0.0, 1),
        ([told(0.0, "opened")], "escalation_step", 119.0, 1),  # one call with the opening
        ([told(0.0, "opened")], "escalation_step", 120.0, 2),
        ([told(0.0, "opened")], "nobody_reached", 900.0, 2),
        ([told(0.0, "opened")], "overdue", 900.0, 2),
        ([told(0.0, "opened")], "breach_due", 900.0, 2),
        ([told(0.0, "opened")], "more_evidence", 900.0, 1),
        ([told(0.0, "opened"), told(890.0, "more_evidence")], "escalation_step", 900.0, 2),  # which woke nobody up
        ([told(0.0, "opened"), told(900.0, "escalation_step", call=2)], "escalation_step", 901.0, 2),
        ([told(0.0, "opened"), told(900.0, "escalation_step", call=2)], "escalation_step", 1800.0, 3),
        ([told(0.0, "opened"), told(900.0, "escalation_step", call=2)], "status_changed", 1800.0, 2),
        ([told(0.0, "opened"), told(60.0, "status_changed", status="triaged")], "escalation_step", 7200.0, 2),
        ([told(0.0, "opened"), told(60.0, "status_changed", status="resolved")], "escalation_step", 7200.0, 1),
        ([told(0.0, "status_changed", status="triaged")], "escalation_step", 900.0, 1),  # no alert is open
    ],
)
def test_the_number_of_a_call(before: list[Page], news: Told, now: float, call: int) -> None:
    assert call_of(before, news, now) == call


def numbered_at(store: Store, place: Place, now: float, **fields: Any) -> int:
    with store.writing() as connection:
        return numbered(connection, a_notification(told="escalation_step", **fields), place, now).call


def test_what_could_not_be_sent_may_have_arrived_and_counts(store: Store) -> None:
    notice = a_notice(channel="pagerduty")
    with store.writing() as connection:
        insert_notices(connection, [notice])
        mark_ended(connection, notice.id, "failed", "no connection")
    at = notice.created_at + 900.0
    assert numbered_at(store, PAGER, at) == 2
    assert numbered_at(store, Place("pagerduty", "PANA"), at) == 1
    assert numbered_at(store, PAGER, at, incident_id="INC-OTHER") == 1


def test_only_pagers_are_called(store: Store) -> None:
    notice = a_notice(channel="slack")
    with store.writing() as connection:
        insert_notices(connection, [notice])
    assert numbered_at(store, notice.place, notice.created_at + 900.0) == 1
