"""Several senders keep one pace: a provider counts the calls of all workers together."""

import pytest

from alerting.channels.api import Retry, Sent
from alerting.policy import Policy
from alerting.practice.limits import RateLimit
from alerting.routes import Route
from alerting.store import Store
from alerting.store.pace_rows import WHOLE, locked_paces, rest_until
from tests.alerting.building import CONSOLE, HOUR, MONDAY, Clock, ObedientChannel, a_desk
from tests.alerting.sending import CHAT_THEN_LOG, a_sender, see


class Limited(ObedientChannel):
    """A provider that takes one call in two seconds, from whomever."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(pace=2.0)
        self.limit = RateLimit(1, 2.0, clock)
        self.answers = iter(self._take, None)

    def _take(self) -> Sent | Retry:
        wait = self.limit.seconds_to_wait()
        return Retry("http 429", wait) if wait else Sent("C/1")


def test_two_workers_keep_the_limit_of_one(store: Store, clock: Clock) -> None:
    desk = a_desk(store, clock, policy=Policy(routes=(Route("SEV4", ("chat",)),), console_url=CONSOLE))
    for number in range(6):
        see(desk, ref=f"u1:{number}")
    chat = Limited(clock)
    workers = [a_sender(desk, {"chat": chat}, clock) for _ in range(2)]
    while clock.now < MONDAY + 12:
        for worker in workers:
            worker.run_once(clock.now)
        clock.advance(0.5)
    assert store.outbox() == {"chat": {"sent": 6}}
    assert chat.limit.refused == 0


def test_who_asks_one_worker_to_wait_is_left_alone_by_all(store: Store, clock: Clock) -> None:
    chat = ObedientChannel(answers=iter([Retry("http 429", 300.0)]))
    desk = a_desk(store, clock, policy=CHAT_THEN_LOG)
    see(desk)
    a_sender(desk, {"chat": chat}, clock).run_once(clock.now)
    see(desk, ref="u1:two")
    for seconds in (1, 299):
        a_sender(desk, {"chat": chat}, clock).run_once(MONDAY + seconds)  # each is a worker that has just started
    assert len(chat.told) == 1
    a_sender(desk, {"chat": chat}, clock).run_once(MONDAY + 301)
    assert store.outbox() == {"chat": {"sent": 2}}


def test_a_clock_that_was_wrong_for_a_while_stops_no_page(store: Store, clock: Clock) -> None:
    with store.writing() as connection:
        locked_paces(connection, "chat")
        rest_until(connection, "chat", WHOLE, MONDAY + 2 * HOUR)
    chat = ObedientChannel()
    desk = a_desk(store, clock, policy=CHAT_THEN_LOG)
    see(desk)
    a_sender(desk, {"chat": chat}, clock).run_once(clock.now)
    assert len(chat.told) == 1


@pytest.mark.parametrize("earlier", [5.0, 10.0])
def test_a_rest_is_never_shortened(store: Store, earlier: float) -> None:
    with store.writing() as connection:
        assert locked_paces(connection, "chat") == {WHOLE: 0.0}
        rest_until(connection, "chat", WHOLE, 10.0)
        rest_until(connection, "chat", "U1", 3.0)
        rest_until(connection, "chat", WHOLE, earlier)
    with store.writing() as connection:
        assert locked_paces(connection, "chat") == {WHOLE: 10.0, "U1": 3.0}
        assert locked_paces(connection, "pager") == {WHOLE: 0.0}
