"""The pace of a recipient, beside that of the channel."""

from dataclasses import dataclass

from alerting.channels.api import Message
from alerting.notices import Notice
from alerting.plan import Plan
from alerting.policy import Policy
from alerting.routing.receivers import Receiver
from alerting.routing.tree import Match, RouteNode
from alerting.store import Store
from tests.alerting.building import CONSOLE, MONDAY, Clock, ObedientChannel, a_desk
from tests.alerting.sending import a_sender, see

TWO_PLACES = Plan(
    routes=(
        RouteNode(match=Match(rules=("A09",)), receivers=(Receiver(channel="chat", to="C1"),)),
        RouteNode(receivers=(Receiver(channel="chat", to="C2"),)),
    )
)


@dataclass
class PacedChat(ObedientChannel):
    """A channel in which every recipient has a pace of its own."""

    recipient_pace: float = 1.0


def test_one_recipient_does_not_wait_for_another(store: Store, clock: Clock) -> None:
    chat = PacedChat()
    desk = a_desk(store, clock, policy=Policy(plan=TWO_PLACES, console_url=CONSOLE))
    sender = a_sender(desk, {"chat": chat}, clock)
    for number in range(3):
        see(desk, ref=f"u1:{number}", detector="A09")
        see(desk, ref=f"u1:{number}", detector="A13", at=MONDAY + 10 * 86_400)
    sent = []
    for _ in range(6):
        sender.run_once(clock.now)
        sent.append(sorted(notice.to for notice in chat.told))
        clock.advance(0.5)
    assert sent == [
        ["C1", "C2"],
        ["C1", "C2"],
        ["C1", "C1", "C2", "C2"],
        ["C1", "C1", "C2", "C2"],
        ["C1", "C1", "C1", "C2", "C2", "C2"],
        ["C1", "C1", "C1", "C2", "C2", "C2"],
    ]


class ThreeCalls(ObedientChannel):
    """A channel that makes three calls for one notice."""

    def compose(self, notice: Notice) -> Message:
        """Say that they take three turns."""
        return Message(super().compose(notice).calls * 3, turns=3)


def test_a_message_of_several_calls_takes_as_many_turns(store: Store, clock: Clock) -> None:
    chat = ThreeCalls(pace=2.0)
    desk = a_desk(store, clock, policy=Policy(plan=TWO_PLACES, console_url=CONSOLE))
    sender = a_sender(desk, {"chat": chat}, clock)
    for number in range(2):
        see(desk, ref=f"u1:{number}")
    sent = []
    for _ in range(8):
        sender.run_once(clock.now)
        sent.append(len(chat.told))
        clock.advance(1)
    assert sent == [1, 1, 1, 1, 1, 1, 2, 2]
