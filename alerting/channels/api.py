"""What a channel is: something that turns a notice into a message and takes it to people.

A channel knows `Notification` and nothing else of Wardwatch. It raises nothing: how a call ended is its result, and
no reason ever holds a secret, an address or what a provider wrote.
"""

from typing import Any, Protocol, TypeAlias, runtime_checkable

from msgspec import Struct

from alerting.notices import Notice

CONNECT_SECONDS = 3.0
READ_SECONDS = 10.0
"""Timeouts of every call (domain.md §4.8)."""


class Secret(Protocol):
    """A value that only `reveal` shows, such as `monitor.secret.Secret`."""

    def reveal(self) -> str:
        """Return the value."""
        ...


class Call(Struct, frozen=True):
    """One call of a provider's API.

    `body` is everything that tells of the incident, and what the tripwire scans; `address` is what the provider or
    the settings gave us (a channel, a thread, a key) and is added when it is sent. Neither holds a secret.
    """

    operation: str
    address: dict[str, str]
    body: dict[str, Any]


class Message(Struct, frozen=True):
    """The calls that take one notice to a channel, in their order; together they take so many turns of its pace."""

    calls: tuple[Call, ...]
    turns: int = 1


class Sent(Struct, frozen=True):
    """The provider took it; `receipt` is how it knows the message."""

    receipt: str = ""


class Retry(Struct, frozen=True):
    """Not now: the network, an overload. `after` is how many seconds the provider asked to be left alone."""

    reason: str
    after: float | None = None


class Failed(Struct, frozen=True):
    """Not ever: trying again would not help."""

    reason: str


Outcome: TypeAlias = Sent | Retry | Failed


class Channel(Protocol):
    """A way to people."""

    @property
    def pace(self) -> float:
        """Seconds to wait between two sends."""
        ...

    def compose(self, notice: Notice) -> Message:
        """Return the message for a notice, as it would leave."""
        ...

    def send(self, message: Message) -> Outcome:
        """Make the calls of a message. Sending it again must do no harm beyond showing it twice."""
        ...


@runtime_checkable
class PacedByRecipient(Protocol):
    """A channel whose provider limits what each recipient gets, beside the limit of all."""

    @property
    def recipient_pace(self) -> float:
        """Seconds to wait between two sends to one recipient."""
        ...
