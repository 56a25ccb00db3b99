"""What a detector looks at: one event at one stop, the profile there, and the notes so far."""

from typing import Any

from msgspec import Struct

from detectors.finding import Entity, Queue, Severity
from detectors.gate import OPEN, Gate
from detectors.partition import PartitionState
from detectors.peers import PeerBook, PeerView
from detectors.profiles.entries import Entries
from detectors.references import References
from detectors.visit import Note, Visit


class Hit(Struct):
    """A detector's word: how grave, why in one sentence, for which window, and the numbers behind it.

    `window` makes the finding's identity the entity and the window instead of the event. `features` are numbers only.
    `ground` names what the finding rests on where that is not the event itself, such as a date of service. `about` is
    whom it concerns where that is not the entity at which it was seen.
    """

    severity: Severity
    reason: str
    window: str = ""
    features: dict[str, float] = {}
    ground: str = ""
    about: Entity | None = None


class Surroundings(Struct):
    """What is the same for all events of a step: tables of the site, clocks of the partition, and the peers.

    `peers` answers how others stand, `book` is where an entity of this partition is made to stand.
    """

    references: References
    clock: PartitionState
    peers: PeerView
    book: PeerBook


class Scene:
    """One event at one stop.

    `data` is its canonical event, `profile` the stage's profile struct, `days` its entries by date of service, `around`
    what is not its own.
    """

    __slots__ = ("around", "data", "days", "notes", "profile", "ref", "time", "visit")

    def __init__(
        self,
        visit: Visit,
        data: Any,  # noqa: ANN401 - the struct types are the stage's business
        profile: Any,  # noqa: ANN401 - so are the profiles
        days: Entries[Any] | None,
        around: Surroundings,
    ) -> None:
        self.visit = visit
        self.data = data
        self.ref = visit.stops[visit.at].ref
        self.profile = profile
        self.days = days
        self.around = around
        self.time = visit.time
        self.notes: dict[str, Note] = visit.notes

    def __repr__(self) -> str:
        return f"<Scene {self.visit.type}>"


class Pattern(Struct, frozen=True):
    """The metadata of a Python detector: the same header that a rule file has, so that people see one catalogue.

    `level` is the usual severity, `levels` are all that it can give, from least to most grave; empty where there is no
    other. `needs` are the notes, fields, tables and context without which it keeps silent. It is asked about events
    that pass its `gate`, and where it needs to know whether an access is explained, about those that are only if it
    `judges_explained`.
    """

    id: str
    title: str
    version: int
    level: Severity
    stage: str
    window: str
    needs: tuple[str, ...]
    false_positives: tuple[str, ...]
    references: tuple[str, ...]
    queue: Queue = ""
    gate: Gate = OPEN
    judges_explained: bool = False
    levels: tuple[Severity, ...] = ()

    @property
    def severities(self) -> tuple[Severity, ...]:
        """Every severity that it can give, from least to most grave."""
        return self.levels or (self.level,)
