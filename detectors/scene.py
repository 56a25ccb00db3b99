"""What a detector looks at: one event at one stop, the profile there, and the notes so far."""

from typing import Any

from msgspec import Struct

from detectors.finding import Severity
from detectors.profiles.entries import Entries
from detectors.visit import Note, Visit


class Hit(Struct):
    """A detector's word: how grave, why in one sentence, for which window, and the numbers behind it.

    `window` makes the finding's identity the entity and the window instead of the event. `features` are numbers only.
    """

    severity: Severity
    reason: str
    window: str = ""
    features: dict[str, float] = {}


class Scene:
    """One event at one stop.

    `data` is its canonical event, `profile` the stage's profile struct, `days` its entries by date of service.
    """

    __slots__ = ("data", "days", "notes", "profile", "ref", "time", "visit")

    def __init__(self, visit: Visit, data: Any, ref: str, profile: Any, days: Entries[Any] | None) -> None:  # noqa: ANN401 - the struct types are the stage's business
        self.visit = visit
        self.data = data
        self.ref = ref
        self.profile = profile
        self.days = days
        self.time = visit.time
        self.notes: dict[str, Note] = visit.notes

    def __repr__(self) -> str:
        return f"<Scene {self.visit.type}>"


class Pattern(Struct, frozen=True):
    """The metadata of a Python detector: the same header that a rule file has, so that people see one catalogue."""

    id: str
    title: str
    version: int
    level: Severity
    stage: str
    window: str
    needs: tuple[str, ...]
    false_positives: tuple[str, ...]
    references: tuple[str, ...]
