"""What the simulator yields, and how its records get their ids."""

from msgspec import Struct

from detectors.events import Data, Event, event_id, event_type

ACCESS_SOURCE = "urn:wardwatch:src:simulated-ehr"
BILLING_SOURCE = "urn:wardwatch:src:simulated-billing"
CONTEXT_SOURCE = "urn:wardwatch:src:simulated-context"


class Label(Struct, frozen=True):
    """The truth about an event: the scenario (`A09`) and the incident of it (`A09-002`) that it belongs to.

    It `completes` the incident where what came before is by definition no case yet (domain.md §2.2, §3.3).
    """

    scenario: str
    incident: str
    completes: bool = False


class Simulated(Struct):
    """One event and its labels; ordinary events, decoys and context have none. `again`: it came before.

    `prompt` records arrive on time, so that the truth stays exact. `decoy` names the decoy that an event is part of:
    ordinary work that looks suspicious.
    """

    event: Event
    labels: tuple[Label, ...] = ()
    again: bool = False
    decoy: str = ""
    prompt: bool = False

    @property
    def time(self) -> float:
        """Business time in seconds since the epoch."""
        return self.event.time


def time_of(item: Simulated) -> float:
    """Return the business time of an item: the key that streams are merged by."""
    return item.event.time


class Recorder:
    """Makes the events of one source; their ids follow from source, seed and natural key alone."""

    def __init__(self, source: str, seed: int) -> None:
        self._source = source
        self._system = f"{source}:{seed}"

    def id(self, key: str) -> str:
        """Return the id of the record with this natural key."""
        return event_id(self._system, key)

    def __call__(self, key: str, time: float, data: Data, labels: tuple[Label, ...] = ()) -> Simulated:
        """Return the event of a record."""
        return Simulated(
            Event(id=self.id(key), source=self._source, type=event_type(data), time=time, data=data), labels
        )
