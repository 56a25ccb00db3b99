"""Stories of the sender in virtual time. Each says everything that is told; anything else is a failure."""

import itertools

import pytest

from alerting.channels.api import Failed, Message, Outcome, Sent
from alerting.commands import Acknowledge, StartInvestigation
from alerting.policy import Policy
from alerting.routes import Route
from alerting.store import Store
from tests.alerting.building import CONSOLE, HOUR, MONDAY, Clock, ObedientChannel, a_desk, notification_of
from tests.alerting.sending import CHAT_THEN_LOG, DOWN, ONE, TWO, a_sender, run_until, see


def test_a_notice_is_sent_once(store: Store, clock: Clock) -> None:
    chat = ObedientChannel()
    desk = a_desk(store, clock, policy=CHAT_THEN_LOG)
    sender = a_sender(desk, {"chat": chat, "log": ObedientChannel()}, clock)
    see(desk)
    run_until(sender, clock, MONDAY + 100)
    assert chat.news == [(ONE, "opened", "new")]
    assert store.outbox() == {"chat": {"sent": 1}}
    notification = notification_of(chat.told[0])
    assert (notification.link, notification.findings) == (f"{CONSOLE}/incidents/{ONE}", "<11")


def test_nothing_is_sent_when_nothing_happens(store: Store, clock: Clock) -> None:
    chat = ObedientChannel()
    sender = a_sender(a_desk(store, clock), {"chat": chat}, clock)
    assert sender.run_once(MONDAY) == 0
    assert chat.told == []


def test_news_of_a_case_go_out_in_order_and_in_its_thread(store: Store, clock: Clock) -> None:
    chat = ObedientChannel(answers=iter([DOWN, DOWN, Sent("C0/1"), Sent("C0/2"), Sent("C0/3")]))
    desk = a_desk(store, clock, policy=CHAT_THEN_LOG)
    sender = a_sender(desk, {"chat": chat}, clock)
    see(desk)
    desk.handle(Acknowledge(incident_id=ONE, actor="ana"))
    desk.handle(StartInvestigation(incident_id=ONE, actor="ana"))
    run_until(sender, clock, MONDAY + 60)
    assert chat.news == [(ONE, "opened", "new")] * 3 + [
        (ONE, "status_changed", "triaged"), (ONE, "status_changed", "investigating"),
    ]  # fmt: skip
    assert [notice.thread for notice in chat.told] == ["", "", "", "C0/1", "C0/1"]
    assert [notice.attempts for notice in chat.told] == [0, 1, 2, 0, 0]


def test_a_crash_between_sending_and_marking_sends_again_after_the_lease(store: Store, clock: Clock) -> None:
    class Crash(BaseException):
        pass

    class CrashingChannel(ObedientChannel):
        def send(self, message: Message) -> Outcome:
            super().send(message)
            raise Crash

    desk = a_desk(store, clock, policy=CHAT_THEN_LOG)
    see(desk)
    first = CrashingChannel()
    with pytest.raises(Crash):
        a_sender(desk, {"chat": first}, clock).run_once(clock.now)
    second = ObedientChannel()
    restarted = a_sender(desk, {"chat": second}, clock)
    run_until(restarted, clock, MONDAY + 59)
    assert second.told == []  # the first might still be at it
    run_until(restarted, clock, MONDAY + 120)
    assert first.news == second.news == [(ONE, "opened", "new")]
    assert first.told[0].id == second.told[0].id  # by which a provider knows that it has it
    assert store.outbox() == {"chat": {"sent": 1}}


def test_a_short_outage_is_ridden_out_with_growing_waits(store: Store, clock: Clock) -> None:
    times: list[float] = []

    class Watched(ObedientChannel):
        def send(self, message: Message) -> Outcome:
            times.append(clock.now - MONDAY)
            return super().send(message)

    chat = Watched(answers=iter([DOWN] * 4))
    desk = a_desk(store, clock, policy=CHAT_THEN_LOG)
    see(desk)
    run_until(a_sender(desk, {"chat": chat}, clock), clock, MONDAY + 20, step=0.05)
    assert chat.news == [(ONE, "opened", "new")] * 5
    waits = [later - earlier for earlier, later in itertools.pairwise(times)]
    assert all(wait <= bound + 0.11 for wait, bound in zip(waits, (1, 2, 4, 8), strict=True))
    assert store.outbox() == {"chat": {"sent": 1}}


def test_slack_down_for_more_than_an_hour(store: Store, clock: Clock) -> None:
    """After an hour the log tells it, and an incident says that chat is down; the latter is told on the log too."""
    chat, log = ObedientChannel(usual=DOWN), ObedientChannel()
    desk = a_desk(store, clock, policy=CHAT_THEN_LOG)
    sender = a_sender(desk, {"chat": chat, "log": log}, clock)
    see(desk)
    run_until(sender, clock, MONDAY + HOUR - 5, step=5)
    assert log.told == []
    assert store.outbox() == {"chat": {"pending": 1}}
    run_until(sender, clock, MONDAY + HOUR + 120, step=5)
    assert sorted(log.news) == [(ONE, "opened", "new"), (TWO, "opened", "new")]
    assert store.outbox() == {"chat": {"failed": 1}, "log": {"sent": 2}}
    case = store.incident(TWO)
    assert case is not None
    assert (case.incident.kind, case.incident.severity, case.incident.key) == (
        "notice_failed", "SEV2", "notice_failed:chat",
    )  # fmt: skip
    detail = case.timeline[0].detail
    assert (detail["channel"], detail["incident"]) == ("chat", ONE)
    # The breaker lets one call through a minute, after the first five.
    assert 55 <= len(chat.told) <= 66
    told_before = len(chat.told)
    chat.usual = Sent("C0/1")
    see(desk, ref="u1:two")
    run_until(sender, clock, MONDAY + HOUR + 240, step=5)
    assert chat.news[told_before:] == [("INC-T0000003", "opened", "new")]


def test_many_notices_behind_a_dead_channel_all_reach_the_next(store: Store, clock: Clock) -> None:
    chat, log = ObedientChannel(usual=DOWN), ObedientChannel()
    desk = a_desk(store, clock, policy=CHAT_THEN_LOG)
    sender = a_sender(desk, {"chat": chat, "log": log}, clock)
    for number in range(12):
        see(desk, ref=f"u1:{number}")
    run_until(sender, clock, MONDAY + HOUR + 120, step=5)
    cases = [news for news in log.news if news[0] <= "INC-T0000012"]
    assert sorted(cases) == [(f"INC-T{number:07d}", "opened", "new") for number in range(1, 13)]
    (failure,) = [incident for incident in store.incidents() if incident.kind == "notice_failed"]
    assert failure.findings == 12
    # opened at 1, doubled at 2, 4, 8: nothing else
    own = [news for news in log.news if news[0] == failure.id]
    assert own == [(failure.id, "opened", "new")] + [(failure.id, "more_evidence", "new")] * 3
    assert store.outbox()["chat"] == {"failed": 12}


def test_a_failure_for_good_goes_to_the_next_channel_at_once(store: Store, clock: Clock) -> None:
    chat, log = ObedientChannel(usual=Failed("channel_not_found")), ObedientChannel()
    desk = a_desk(store, clock, policy=CHAT_THEN_LOG)
    see(desk)
    run_until(a_sender(desk, {"chat": chat, "log": log}, clock), clock, MONDAY + 10)
    assert chat.news == [(ONE, "opened", "new")]
    assert sorted(log.news) == [(ONE, "opened", "new"), (TWO, "opened", "new")]
    case = store.incident(TWO)
    assert case is not None
    assert case.timeline[0].detail["reason"] == "channel_not_found"


def test_the_next_channel_is_not_told_twice(store: Store, clock: Clock) -> None:
    policy = Policy(routes=(Route("SEV4", ("pager", "chat"), ("chat", "log")),), console_url=CONSOLE)
    pager, chat, log = ObedientChannel(usual=Failed("http 400")), ObedientChannel(), ObedientChannel()
    desk = a_desk(store, clock, policy=policy)
    see(desk)
    run_until(a_sender(desk, {"pager": pager, "chat": chat, "log": log}, clock), clock, MONDAY + 10)
    assert pager.news == [(ONE, "opened", "new")]
    assert sorted(chat.news) == [(ONE, "opened", "new"), (TWO, "opened", "new")]
    assert log.news == [(ONE, "opened", "new")]


def test_when_no_channel_works_it_ends(store: Store, clock: Clock) -> None:
    bad = {name: ObedientChannel(usual=Failed("http 400")) for name in ("chat", "log")}
    desk = a_desk(store, clock, policy=CHAT_THEN_LOG)
    see(desk)
    sender = a_sender(desk, bad, clock)
    run_until(sender, clock, MONDAY + 20)
    assert sender.run_once(clock.now) == 0
    assert {fate for fates in store.outbox().values() for fate in fates} == {"failed"}
    assert sorted(incident.key for incident in store.incidents()) == [
        "notice_failed:chat", "notice_failed:log", "user:u1:one",
    ]  # fmt: skip


def test_a_channel_that_a_route_names_but_nobody_configured(store: Store, clock: Clock) -> None:
    log = ObedientChannel()
    desk = a_desk(store, clock, policy=CHAT_THEN_LOG)
    see(desk)
    run_until(a_sender(desk, {"log": log}, clock), clock, MONDAY + 10)
    assert sorted(log.news) == [(ONE, "opened", "new"), (TWO, "opened", "new")]
    assert store.outbox()["chat"] == {"failed": 1}


def test_the_fallback_goes_on_hearing_of_the_case(store: Store, clock: Clock) -> None:
    pager, log = ObedientChannel(answers=iter([Failed("http 400")])), ObedientChannel()
    policy = Policy(routes=(Route("SEV4", ("pager",), ("log",)),), console_url=CONSOLE)
    desk = a_desk(store, clock, policy=policy)
    sender = a_sender(desk, {"pager": pager, "log": log}, clock)
    see(desk)
    run_until(sender, clock, MONDAY + 5)
    desk.handle(Acknowledge(incident_id=ONE, actor="ana"))
    run_until(sender, clock, MONDAY + 10)
    assert (ONE, "status_changed", "triaged") in log.news
    assert pager.news == [(ONE, "opened", "new")]  # it never took the first, so it hears nothing of the rest
