"""What both ways in, TLS and UDP, do with a message."""

from collections.abc import Awaitable, Callable

from msgspec import Struct

from detectors.events import BadRecord
from streams.sources.api import Item, Origin
from streams.sources.atna.reader import parse_syslog
from streams.sources.atna.values import refused
from streams.sources.limits import Rate, SourceLimits
from streams.sources.listening import Observer

OnRecord = Callable[[list[Item]], Awaitable[None]]
"""Takes the items of one message. While it runs nothing more is read from that sender: TCP then slows it down."""


class Reception(Struct, frozen=True):
    """Where messages go, and within which limits."""

    origin: Origin
    on_record: OnRecord
    limits: SourceLimits
    rate: Rate
    observer: Observer

    async def take(self, message: bytes) -> None:
        """Hand over what a message holds."""
        await self.on_record(parse_syslog(message, self.origin, self.limits))

    async def refuse(self, reason: str, place: str, payload: bytes = b"") -> None:
        """Hand over that something was refused."""
        await self.on_record([refused(BadRecord(reason), place, payload)])
