"""How the sender keeps to what providers bear, to its lease and to what may leave."""

import random
import threading
import time
from collections.abc import Callable

import pytest
from sqlalchemy import select

from alerting.channels.api import Failed, Message, Retry, Sent
from alerting.commands import Acknowledge, BlockNotice, GiveUpNotice, RecordFindings, Resolve
from alerting.desk import NoticeEnded
from alerting.notices import Notice
from alerting.policy import Policy
from alerting.routes import Route
from alerting.sender import Sender
from alerting.store import Store
from alerting.store.outbox_rows import claim_notice
from alerting.store.schema import HELD
from alerting.tripwire import Tripwire
from tests.alerting.building import CONSOLE, HOUR, MONDAY, Clock, ObedientChannel, a_desk, a_finding, notification_of
from tests.alerting.sending import CHAT_THEN_LOG, DOWN, ONE, TWO, a_sender, run_until, see


def test_retry_after_is_honoured_for_the_whole_channel(store: Store, clock: Clock) -> None:
    chat = ObedientChannel(answers=iter([Retry("http 429", 30.0)]))
    desk = a_desk(store, clock, policy=CHAT_THEN_LOG)
    sender = a_sender(desk, {"chat": chat}, clock)
    see(desk)
    see(desk, ref="u1:two")
    run_until(sender, clock, MONDAY + 29.5)
    assert len(chat.told) == 1
    run_until(sender, clock, MONDAY + 40)
    assert sorted(chat.news) == [(ONE, "opened", "new")] * 2 + [(TWO, "opened", "new")]


def test_rate_limits_alone_never_open_the_breaker(store: Store, clock: Clock) -> None:
    chat = ObedientChannel(answers=iter([Retry("http 429", 1.0)] * 7))
    desk = a_desk(store, clock, policy=CHAT_THEN_LOG)
    see(desk)
    run_until(a_sender(desk, {"chat": chat}, clock), clock, MONDAY + 400)
    assert len(chat.told) == 8
    assert store.outbox() == {"chat": {"sent": 1}}


def test_a_channel_that_always_asks_for_a_pause_holds_nothing_for_more_than_an_hour(store: Store, clock: Clock) -> None:
    chat, log = ObedientChannel(usual=Retry("http 429", 600.0)), ObedientChannel()
    desk = a_desk(store, clock, policy=CHAT_THEN_LOG)
    for number in range(5):
        see(desk, ref=f"u1:{number}")
    sender = a_sender(desk, {"chat": chat, "log": log}, clock)
    run_until(sender, clock, MONDAY + HOUR - 60, step=60)
    assert log.told == []
    run_until(sender, clock, MONDAY + HOUR + 120, step=60)
    assert len({notification_of(notice).incident_id for notice in log.told} - {"INC-T0000006"}) == 5


def test_an_absurd_retry_after_does_not_silence_a_channel_for_ever(store: Store, clock: Clock) -> None:
    chat, log = ObedientChannel(answers=iter([Retry("http 503", 1e12)])), ObedientChannel()
    desk = a_desk(store, clock, policy=CHAT_THEN_LOG)
    see(desk)
    run_until(a_sender(desk, {"chat": chat, "log": log}, clock), clock, MONDAY + HOUR + 10, step=10)
    assert chat.news == [(ONE, "opened", "new")] * 2
    assert log.told == []


def test_the_breaker_spares_a_dead_channel(store: Store, clock: Clock) -> None:
    chat = ObedientChannel(usual=DOWN)
    desk = a_desk(store, clock, policy=CHAT_THEN_LOG)
    sender = a_sender(desk, {"chat": chat, "log": ObedientChannel()}, clock)
    for number in range(10):
        see(desk, ref=f"u1:{number}")
    sender.run_once(clock.now)
    assert len(chat.told) == 5
    clock.advance(59)
    sender.run_once(clock.now)
    assert len(chat.told) == 5
    clock.advance(1)
    sender.run_once(clock.now)
    assert len(chat.told) == 6  # one to see if it lives
    chat.usual = Sent()
    clock.advance(60)
    run_until(sender, clock, clock.now + 61)
    assert store.outbox() == {"chat": {"sent": 10}}


def test_pace(store: Store, clock: Clock) -> None:
    chat, log = ObedientChannel(pace=1.0), ObedientChannel()
    policy = Policy(routes=(Route("SEV4", ("chat", "log")),), console_url=CONSOLE)
    desk = a_desk(store, clock, policy=policy)
    sender = a_sender(desk, {"chat": chat, "log": log}, clock)
    for number in range(4):
        see(desk, ref=f"u1:{number}")
    sent = []
    for _ in range(8):
        sender.run_once(clock.now)
        sent.append((len(chat.told), len(log.told)))
        clock.advance(0.5)
    assert sent == [(1, 4), (1, 4), (2, 4), (2, 4), (3, 4), (3, 4), (4, 4), (4, 4)]


def test_the_gravest_go_first(store: Store, clock: Clock) -> None:
    chat = ObedientChannel(pace=1.0)
    desk = a_desk(store, clock, policy=CHAT_THEN_LOG)
    for number, severity in enumerate(("low", "medium", "critical", "high", "critical")):
        see(desk, ref=f"u1:{number}", severity=severity)
        clock.advance(1)
    run_until(a_sender(desk, {"chat": chat}, clock), clock, MONDAY + 60)
    assert [notification_of(notice).severity for notice in chat.told] == ["SEV1", "SEV1", "SEV2", "SEV3", "SEV4"]
    assert [notification_of(notice).incident_id[-1] for notice in chat.told] == ["3", "5", "4", "2", "1"]


def test_two_senders_at_once_send_everything_once(store: Store, clock: Clock) -> None:
    desk = a_desk(store, clock, policy=CHAT_THEN_LOG)
    desk.handle(RecordFindings([a_finding(ref=f"u1:{number}") for number in range(20)]))
    chats = [ObedientChannel(), ObedientChannel()]
    senders = [
        Sender(desk, {"chat": chat}, clock=clock, source=random.Random(number), tripwire=Tripwire())
        for number, chat in enumerate(chats)
    ]
    start = threading.Barrier(2)

    def work(sender: Sender) -> None:
        start.wait()
        sender.run_once(MONDAY)

    threads = [threading.Thread(target=work, args=(sender,)) for sender in senders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for sender in senders:
        sender.run_once(MONDAY)
    told = [notification_of(notice).incident_id for chat in chats for notice in chat.told]
    assert sorted(told) == [f"INC-T{number:07d}" for number in range(1, 21)]


def test_a_claim_holds_as_long_as_its_lease(store: Store, clock: Clock) -> None:
    desk = a_desk(store, clock)
    see(desk)

    def claim(now: float) -> Notice | None:
        with store.writing() as connection:
            return claim_notice(connection, "log", "me", now=now, until=now + 60)

    assert [claim(MONDAY + at) is not None for at in (-1, 0, 0, 59, 60, 61)] == [
        False, True, False, False, True, False,
    ]  # fmt: skip


def test_the_tripwire_stops_a_message_and_says_so_without_repeating_it(store: Store, clock: Clock) -> None:
    chat = ObedientChannel(body={"slip": "Jane Doe, SSN 078-05-1120"})
    log = ObedientChannel()
    policy = Policy(routes=(Route("SEV2", ("chat",)), Route("SEV4", ("log",))), console_url=CONSOLE)
    desk = a_desk(store, clock, policy=policy)
    see(desk)
    run_until(a_sender(desk, {"chat": chat, "log": log}, clock), clock, MONDAY + 10)
    assert chat.told == []
    assert log.news == [(TWO, "opened", "new")]
    assert store.outbox() == {"chat": {"blocked": 1}, "log": {"sent": 1}}
    assert store.held() == {("tripwire", "chat"): 1}
    case = store.incident(TWO)
    assert case is not None
    assert (case.incident.kind, case.incident.severity) == ("tripwire", "SEV3")
    assert case.timeline[0].detail["patterns"] == "ssn"
    with store.reading() as connection:
        (held,) = connection.execute(select(HELD)).all()
    assert (held.detail, held.incident_id) == ("ssn", ONE)
    assert "078" not in repr((case.timeline, held, store.incidents()))


def test_a_notice_ends_once(store: Store, clock: Clock) -> None:
    desk = a_desk(store, clock)
    see(desk)
    notice = _claimed(store, clock.now)
    assert desk.handle(BlockNotice(notice.id, ("ssn",))).raised == TWO
    for again in (BlockNotice(notice.id, ("ssn",)), GiveUpNotice(notice.id, "http 400"), BlockNotice("none", ())):
        assert desk.handle(again) == NoticeEnded(was_pending=False)
    assert len(store.incidents()) == 2


def _claimed(store: Store, now: float) -> Notice:
    with store.writing() as connection:
        notice = claim_notice(connection, "log", "me", now=now, until=now)
    assert notice is not None
    return notice


def test_a_channel_that_always_slips_breeds_no_incidents(store: Store, clock: Clock) -> None:
    slip = ObedientChannel(body={"slip": "jane@example.org"})
    desk = a_desk(store, clock)
    see(desk)
    sender = a_sender(desk, {"log": slip}, clock)
    run_until(sender, clock, MONDAY + 20)
    assert [incident.kind for incident in store.incidents()].count("tripwire") == 1
    assert len(store.incidents()) == 2
    assert store.outbox() == {"log": {"blocked": 2}}


def test_attempts_are_observed(store: Store, clock: Clock) -> None:
    seen: list[tuple[str, str]] = []

    class Watching:
        def finding(self, rule: str, severity: str, *, alert: bool) -> None: ...
        def held(self, reason: str) -> None: ...
        def incident(self, kind: str, severity: str, change: str) -> None: ...
        def notice(self, channel: str, outcome: str) -> None:
            seen.append((channel, outcome))

    chat = ObedientChannel(answers=iter([DOWN, Failed("http 400")]))
    desk = a_desk(store, clock, policy=CHAT_THEN_LOG)
    see(desk)
    run_until(a_sender(desk, {"chat": chat, "log": ObedientChannel()}, clock, observer=Watching()), clock, MONDAY + 9)
    assert seen == [("chat", "retry"), ("chat", "failed"), ("log", "sent"), ("log", "sent")]


def test_the_end_of_a_case_is_told_where_the_case_was(store: Store, clock: Clock) -> None:
    pager, chat = ObedientChannel(), ObedientChannel()
    policy = Policy(routes=(Route("SEV2", ("pager", "chat")), Route("SEV3", ("chat",))), console_url=CONSOLE)
    desk = a_desk(store, clock, policy=policy)
    see(desk, detector="A01", severity="medium")
    desk.handle(Acknowledge(incident_id=ONE, actor="ana"))
    desk.handle(Resolve(incident_id=ONE, actor="ana", verdict="benign_explained", reason="on call"))
    run_until(a_sender(desk, {"pager": pager, "chat": chat}, clock), clock, MONDAY + 10)
    assert pager.told == []
    assert chat.news == [
        (ONE, "opened", "new"), (ONE, "status_changed", "triaged"), (ONE, "status_changed", "resolved"),
    ]  # fmt: skip


class Broken(ObedientChannel):
    """A channel with a bug: it raises once."""

    def compose(self, notice: Notice) -> Message:
        if self.usual == DOWN:
            self.usual = Sent()
            message = "Jane Doe"
            raise RuntimeError(message)
        return super().compose(notice)


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.02)


def test_running_survives_a_bug_and_stops_when_told(
    sqlite_store: Store, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    chat, broken = ObedientChannel(), Broken(usual=DOWN)
    policy = Policy(routes=(Route("SEV4", ("chat", "broken")),), console_url=CONSOLE)
    desk = a_desk(sqlite_store, clock, policy=policy)
    stop = threading.Event()
    runner = threading.Thread(target=a_sender(desk, {"chat": chat, "broken": broken}, clock).run, args=(stop,))
    runner.start()
    see(desk)
    wait_for(lambda: bool(chat.told) and "tried again: RuntimeError" in caplog.text)
    clock.advance(61)  # the lease of the attempt that raised
    wait_for(lambda: bool(broken.told))
    stop.set()
    runner.join(timeout=10)
    assert not runner.is_alive()
    assert "Jane" not in caplog.text
    assert chat.news == broken.news == [(ONE, "opened", "new")]
