"""What the channels share that wake people up: a notice becomes a call for each alert that it is about."""

from abc import ABC, abstractmethod

from alerting.channels.api import Call, Failed, Message, Outcome, Sent
from alerting.channels.paging import Action, action_of, keys_of
from alerting.notices import Notice
from alerting.notification import Notification


class Pager(ABC):
    """A provider of alerts, each of which has a key of ours. `pace` is how many seconds lie between two calls."""

    def __init__(self, pace: float) -> None:
        self._pace = pace

    @property
    def pace(self) -> float:
        """Seconds between two calls."""
        return self._pace

    def compose(self, notice: Notice) -> Message:
        """Return the calls for a notice; none for a digest or a question, which nobody is paged for."""
        told = notice.body
        if not isinstance(told, Notification):
            return Message(())
        action = action_of(told)
        calls = tuple(self._call(told, action, key, notice.to) for key in keys_of(told, action))
        return Message(calls, turns=len(calls))

    def send(self, message: Message) -> Outcome:
        """Make the calls, until one is not taken."""
        outcome: Outcome = Failed("nothing to page for")
        for call in message.calls:
            outcome = self._made(call)
            if not isinstance(outcome, Sent):
                break
        return outcome

    @abstractmethod
    def _call(self, told: Notification, action: Action, key: str, to: str) -> Call:
        """Return the call that does this with the alert of a key."""

    @abstractmethod
    def _made(self, call: Call) -> Outcome:
        """Make a call."""
