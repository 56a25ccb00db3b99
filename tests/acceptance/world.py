"""What acceptance tests feed to a deployment: context, events, and the cases that we put among them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from detectors.events import Event
from detectors.events.envelope import Data, encode_structured, event_id, event_type
from detectors.finding import Entity, EntityType
from streams.tokens import Tokeniser

DATA = Path(__file__).parents[3] / "shared" / "data"
"""Reference data beside the project; absent on most machines."""

TOKEN_KEY = bytes(range(32))
LETTERS: dict[str, str] = {"user": "u", "patient": "p"}


@dataclass(frozen=True)
class Case:
    """Something wrong that we put in: which catalogue pattern must find it, and about whom.

    `ref` is the identifier as the source writes it; for an instrument with its kind, such as `ip:203.0.113.7`.
    """

    name: str
    detector: str
    entity_type: EntityType
    ref: str

    def entity(self, tokeniser: Tokeniser) -> Entity:
        """Return the entity as findings name it: by its token, unless it is public (NPI) or a terminal."""
        kind, colon, rest = self.ref.partition(":")
        if colon:
            return Entity(self.entity_type, f"ip:{tokeniser.token('i', rest)}" if kind == "ip" else self.ref)
        letter = LETTERS.get(self.entity_type)
        return Entity(self.entity_type, tokeniser.token(letter, self.ref) if letter else self.ref)


@dataclass
class World:
    """Input in the order in which it is sent: all `context`, then `events` by time."""

    context: list[Event] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    cases: list[Case] = field(default_factory=list)
    identifiers: set[str] = field(default_factory=set)
    """Everything that names somebody in the source, for looking whether any of it got out."""

    def add(self, other: "World") -> "World":
        """Return both together, events in the order of time."""
        return World(
            self.context + other.context,
            sorted(self.events + other.events, key=lambda event: event.time),
            self.cases + other.cases,
            self.identifiers | other.identifiers,
        )


def event_of(source: str, key: str, data: Data, at: float) -> Event:
    """Return an event whose id follows from its source and its key there."""
    return Event(id=event_id(source, key), source=source, type=event_type(data), time=at, data=data)


def lines_of(events: Iterable[Event]) -> Iterator[bytes]:
    """Yield events as lines of CloudEvents in structured mode."""
    return map(encode_structured, events)


def tokeniser() -> Tokeniser:
    """Return the tokeniser of all deployments here."""
    return Tokeniser({1: TOKEN_KEY}, 1)
