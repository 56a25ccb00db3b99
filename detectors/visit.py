"""Events on their way: the stops of an itinerary, and what each visit adds for the next.

A stage topic carries *parcels*: lists of batches, each batch being what one upstream record (or the intake) sent
to one partition. `(origin, offset)` of a batch only ever grows per origin, which is what lets a profile tell a
redelivery from news (design.md §3).
"""

from collections.abc import Sequence
from typing import Literal

import msgspec
from msgspec import Raw, Struct

from detectors.finding import Kind, Severity

StageName = Literal["patient", "user", "provider", "instrument"]
STAGES: tuple[StageName, ...] = ("patient", "user", "provider", "instrument")

Note = bool | int | float | str | list[str] | None

INTAKE = -1
"""Origin of a batch that comes straight from intake; redelivery is then told by the record's own offset."""


def origin(stage: StageName, partition: int) -> int:
    """Return the number that names one partition of one stage topic as the origin of a batch."""
    return STAGES.index(stage) << 16 | partition


class Stop(Struct, array_like=True, frozen=True):
    """One entity that an event visits. `ref` is the entity's token and the key of its partition."""

    stage: StageName
    ref: str


class Signal(Struct, array_like=True):
    """What one detector or model said at one stop: the ground of fusion and of the reasons.

    Rules carry their severity; models carry `p`, the upper-tail probability of the score (1.0 = ordinary). A signal is
    not `fresh` where its window has been reported before: it still weighs, but needs no finding of its own. It `rests`
    on the access being unexplained where it would not have spoken otherwise. Its weight counts for `share` of it.
    """

    detector: str
    kind: Kind
    severity: Severity
    p: float
    reason: str
    fresh: bool = True
    rests: bool = False
    share: float = 1.0


class Visit(Struct, array_like=True):
    """One event at one stop of its itinerary.

    `data` is the canonical event in MessagePack; `received` is the broker's timestamp of the source record in
    seconds since the epoch, `time` the business time. `place` is a hash of the source record's topic, partition and
    offset: the same record sent again by intake has the same place, another record of the same event has not.
    `carried` is what one record of a patient hands over to another (`detectors.stages.merges`).
    """

    id: str
    source: str
    type: str
    time: float
    received: float
    data: Raw
    stops: list[Stop]
    at: int = 0
    notes: dict[str, Note] = {}
    signals: list[Signal] = []
    place: int = 0
    carried: bytes = b""

    @property
    def stop(self) -> Stop:
        """Where the event is now."""
        return self.stops[self.at]

    @property
    def is_last(self) -> bool:
        """Whether the itinerary ends here."""
        return self.at + 1 == len(self.stops)

    def __repr__(self) -> str:
        return f"<Visit {self.type}>"


class Batch(Struct, array_like=True):
    """The visits that one upstream record sent to one partition."""

    origin: int
    offset: int
    visits: list[Visit]


class Arrival(Struct):
    """A batch with its own place on the stage topic."""

    partition: int
    offset: int
    batch: Batch


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(list[Batch])


def encode_parcel(batches: Sequence[Batch]) -> bytes:
    """Encode the value of one record of a stage topic."""
    return _encoder.encode(batches)


def decode_parcel(value: bytes) -> list[Batch]:
    """Decode the value of one record of a stage topic.

    Raises:
        msgspec.MsgspecError: where the value is not a parcel.
    """
    return _decoder.decode(value)
