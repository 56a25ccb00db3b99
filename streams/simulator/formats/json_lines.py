"""Canonical events as CloudEvents in JSON lines: nothing is lost, and ids are the simulator's own (design.md §8)."""

from pathlib import Path

from detectors.events import AccessEvent, BillingTransaction
from detectors.events.envelope import encode_structured
from streams.simulator.formats.sheet import Sheet
from streams.simulator.record import Simulated


class JsonLines:
    """Writes accesses and transactions into `events.jsonl`, context into `context.jsonl`."""

    def __init__(self, folder: Path) -> None:
        self._events = Sheet(folder / "events.jsonl")
        self._context = Sheet(folder / "context.jsonl")

    @property
    def sheets(self) -> list[Sheet]:
        """Return the files."""
        return [self._events, self._context]

    def write(self, item: Simulated) -> None:
        """Write an event."""
        is_event = isinstance(item.event.data, AccessEvent | BillingTransaction)
        sheet = self._events if is_event else self._context
        sheet.count(item)
        sheet.write(encode_structured(item.event) + b"\n")

    def close(self) -> None:
        """Close the files."""
        self._events.close()
        self._context.close()
