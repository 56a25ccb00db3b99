"""What an event must have before a rule or detector is asked about it at all: notes, and one of some deeds.

A rule's gate is read off its compiled condition, a detector states its own. A gate may be wider than what it stands
before, never narrower: an event that it turns away cannot match. So an installation may have many patterns, and an
event meets few of them.
"""

from collections.abc import Callable, Collection, Mapping
from operator import attrgetter
from typing import NamedTuple

from detectors.events import AccessEvent, BillingTransaction

DEEDS: Mapping[type, str] = {AccessEvent: "action", BillingTransaction: "kind"}
"""The field of an event that says what was done. Most patterns are about few deeds."""

READ_DEED: Mapping[type, Callable[[object], str]] = {kind: attrgetter(name) for kind, name in DEEDS.items()}


class Gate(NamedTuple):
    """Notes of which an event must have all, and deeds of which it must be one; None is any deed."""

    notes: frozenset[str] = frozenset()
    deeds: frozenset[str] | None = None

    def lets_in(self, notes: Collection[str], deed: str) -> bool:
        """Return whether an event with such notes, about such a deed, is to be asked about."""
        return self.notes.issubset(notes) and (self.deeds is None or deed in self.deeds)


OPEN = Gate()


def noted(*notes: str) -> Gate:
    """Return the gate of events that have all of some notes."""
    return Gate(frozenset(notes))


def both(gates: Collection[Gate]) -> Gate:
    """Return the gate of what has to pass all of some gates."""
    deeds = [gate.deeds for gate in gates if gate.deeds is not None]
    notes = frozenset[str]().union(*(gate.notes for gate in gates))
    return Gate(notes, frozenset.intersection(*deeds) if deeds else None)


def either(gates: Collection[Gate]) -> Gate:
    """Return the gate of what has to pass one of some gates."""
    deeds = [gate.deeds for gate in gates if gate.deeds is not None]
    notes = [gate.notes for gate in gates]
    return Gate(
        frozenset.intersection(*notes) if notes else frozenset(),
        frozenset[str]().union(*deeds) if len(deeds) == len(gates) else None,
    )
