"""Legal holds: what may not be deleted though its time is over, because a court or an inquiry may ask for it."""

from collections.abc import Iterable
from typing import Literal, TypeAlias, get_args

from msgspec import Struct

About: TypeAlias = Literal["everything", "incident", "entity"]
ABOUTS: tuple[About, ...] = get_args(About)


class LegalHold(Struct, frozen=True, kw_only=True):
    """One hold: on everything, on an incident by its id, or on all about a patient, user or provider by token."""

    id: str
    about: About
    ref: str
    author: str
    reason: str
    placed_at: float
    released_at: float | None = None
    released_by: str = ""

    def __repr__(self) -> str:
        return f"<LegalHold {self.id}>"


class Kept(Struct, frozen=True):
    """What the holds that are in force keep."""

    everything: bool = False
    incidents: frozenset[str] = frozenset()
    entities: frozenset[str] = frozenset()


def kept_by(holds: Iterable[LegalHold]) -> Kept:
    """Return what holds keep, of those that were not released."""
    active = [hold for hold in holds if hold.released_at is None]
    return Kept(
        everything=any(hold.about == "everything" for hold in active),
        incidents=frozenset(hold.ref for hold in active if hold.about == "incident"),
        entities=frozenset(hold.ref for hold in active if hold.about == "entity"),
    )
