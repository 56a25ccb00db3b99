"""What goes wrong on our side holds no other news back, and does not vanish."""

from dataclasses import dataclass

import pytest
from sqlalchemy import update

from alerting.channels.api import Message, Outcome
from alerting.notices import Notice
from alerting.store import Store
from alerting.store.schema import OUTBOX
from tests.alerting.building import HOUR, MONDAY, Clock, ObedientChannel, a_desk, notification_of
from tests.alerting.sending import CHAT_THEN_LOG, ONE, TWO, a_sender, run_until, see

THREE = "INC-T0000003"


@dataclass
class Stumbling(ObedientChannel):
    """A channel with a fault: it raises for one incident, when it composes or when it sends."""

    at: str = "compose"

    def compose(self, notice: Notice) -> Message:
        self._stumble(notice, "compose")
        return super().compose(notice)

    def send(self, message: Message) -> Outcome:
        assert self.composed is not None
        self._stumble(self.composed, "send")
        return super().send(message)

    def _stumble(self, notice: Notice, at: str) -> None:
        if at == self.at and notification_of(notice).incident_id == ONE:
            raise ValueError(at)


@pytest.mark.parametrize("at", ["compose", "send"])
def test_what_a_channel_stumbles_over_is_given_up_in_time(sqlite_store: Store, clock: Clock, at: str) -> None:
    chat, log = Stumbling(at=at), ObedientChannel()
    desk = a_desk(sqlite_store, clock, policy=CHAT_THEN_LOG)
    see(desk, severity="critical")
    sender = a_sender(desk, {"chat": chat, "log": log}, clock)
    run_until(sender, clock, MONDAY + HOUR - 100, step=5)
    see(desk, ref="u1:two", severity="low")
    sender.run_once(clock.now)
    assert chat.news == [(TWO, "opened", "new")]  # the fault opened no breaker
    assert log.told == []
    run_until(sender, clock, MONDAY + HOUR + 120, step=5)
    assert log.news == [(ONE, "opened", "new"), (THREE, "opened", "new")]
    case = sqlite_store.incident(THREE)
    assert case is not None
    assert (case.incident.kind, case.timeline[0].detail["reason"]) == ("notice_failed", "own error")


@pytest.mark.parametrize("broken", [{"body": b"{"}, {"body": b'{"type":"fax"}'}, {"fallbacks": b"1"}])
def test_a_notice_that_cannot_be_read_is_given_up_and_told(
    store: Store, clock: Clock, broken: dict[str, bytes]
) -> None:
    chat, log = ObedientChannel(), ObedientChannel()
    desk = a_desk(store, clock, policy=CHAT_THEN_LOG)
    see(desk, severity="critical")
    see(desk, ref="u1:two", severity="low")
    with store.writing() as connection:
        connection.execute(update(OUTBOX).where(OUTBOX.c.about == ONE).values(broken))
    run_until(a_sender(desk, {"chat": chat, "log": log}, clock), clock, MONDAY + 5)
    assert chat.news == [(TWO, "opened", "new")]
    assert log.news == [(THREE, "opened", "new")]
    case = store.incident(THREE)
    assert case is not None
    assert (case.incident.kind, case.incident.severity) == ("notice_failed", "SEV2")
    detail = case.timeline[0].detail
    assert (detail["reason"], detail["channel"], detail["incident"]) == ("cannot be read", "chat", ONE)
    assert store.outbox() == {"chat": {"failed": 1, "sent": 1}, "log": {"sent": 1}}
