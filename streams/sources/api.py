"""The contract of a source adapter."""

from collections.abc import Iterator
from typing import BinaryIO, Protocol

from msgspec import Struct

from detectors.events import Event


class Origin(Struct, frozen=True):
    """Where bytes come from: `source` is the CloudEvents source, `file_id` names the file or feed in event ids."""

    source: str
    file_id: str


class Refused(Struct, frozen=True):
    """A record that could not be mapped: a stable reason, where it stood, and what it was.

    `reason` and `place` never quote a value of the record; `payload` is the record itself, for the dead-letter topic
    only.
    """

    reason: str
    place: str
    payload: bytes

    def __repr__(self) -> str:
        return f"<Refused {self.reason}>"


Item = Event | Refused
"""What an adapter yields, in the order of the file."""


class Reader(Protocol):
    """Reads one file or feed."""

    def __call__(self, stream: BinaryIO, origin: Origin) -> Iterator[Item]:
        """Yield what the stream holds. Never raises for what is in it; closes nothing."""
        ...
