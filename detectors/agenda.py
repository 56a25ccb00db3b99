"""Which rules and detectors an event is shown to: those whose gate it passes, by what was done and what was noted.

There are few combinations of notes, so the answer is found once for each and then looked up. What is not on the agenda
costs nothing, however many patterns there are.
"""

from collections.abc import Callable, Collection, Sequence

from msgspec import Struct

from detectors.gate import READ_DEED, Gate
from detectors.judge import Speaker
from detectors.result import StageResult
from detectors.retraction import EXPLAINED
from detectors.scene import Scene

REMEMBERED = 4_096
"""Combinations of deed and notes that are remembered; a stage meets some hundreds."""


class Item(Struct, frozen=True):
    """One rule or detector.

    It is for events of one `kind` that pass the `gate`. It `may_rest` where the access is explained, if it speaks of
    unexplained accesses only.
    """

    speaker: Speaker
    kind: type
    gate: Gate
    may_rest: bool
    ask: Callable[[Scene, StageResult], None]


class Agenda:
    """The items of one stage, in their order."""

    def __init__(self, items: Sequence[Item]) -> None:
        self._items = tuple(items)
        self._known: dict[tuple[object, ...], tuple[Item, ...]] = {}

    def of(self, scene: Scene) -> tuple[Item, ...]:
        """Return the items that an event is shown to."""
        kind, notes = type(scene.data), scene.notes
        read = READ_DEED.get(kind)
        deed = read(scene.data) if read else ""
        is_explained = notes.get(EXPLAINED) is True
        key = (kind, deed, is_explained, *notes)
        found = self._known.get(key)
        if found is None:
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            found = self._known[key] = self._find(kind, deed, notes.keys(), is_explained=is_explained)
        return found

    def _find(self, kind: type, deed: str, notes: Collection[str], *, is_explained: bool) -> tuple[Item, ...]:
        return tuple(
            item
            for item in self._items
            if item.kind is kind
            and item.gate.lets_in(notes, deed)
            and not (is_explained and item.may_rest and item.speaker.rests)
        )
