"""What the intake reads and what it refuses: source records and dead letters, free of any Kafka client."""

import msgspec
from msgspec import Struct

CUT_HEADER = "wardwatch_cut_from"
"""Header of a record that stands for one too large to send: the size of the original in bytes."""

PAN_HEADER = "wardwatch_pan_masked"
"""Header of a record in which payment card numbers were masked before it was sent."""

REFUSED_HEADER = "wardwatch_refused"
"""Header of a record that a source adapter could not map: the reason, a stable code."""

PLACE_HEADER = "wardwatch_place"
"""Header beside `REFUSED_HEADER`: where in its file or feed the record stood, never what it held."""

MASKED_HEADER = "wardwatch_texts_masked"
"""Header of an event in whose free text something was masked before it was sent: in how many texts."""


class SourceRecord(Struct):
    """One record of a source topic, or one line of a file in replay.

    `timestamp` is the broker's, in seconds since the epoch; `value` is None for a tombstone.
    """

    topic: str
    partition: int
    offset: int
    timestamp: float
    value: bytes | None
    headers: dict[str, bytes] = {}

    def __repr__(self) -> str:
        return f"<SourceRecord {self.topic}:{self.partition}:{self.offset}>"


class DeadLetter(Struct):
    """A record, or one detector's work on one event, that could not be done, kept until a person decides.

    `id` is deterministic, so that a redelivery makes the same letter again: `topic:partition:offset` of a record,
    or event id and detector. `reason` is a stable code, `detail` says where, never which value. `topic`,
    `partition`, `offset` and `timestamp` are those of the record. `payload` and `headers` are the record's own,
    with the digits of payment card numbers masked. `cut_from` is the record's size in bytes where the payload
    is only its beginning, else 0.
    """

    id: str
    reason: str
    detail: str
    topic: str
    partition: int
    offset: int
    timestamp: float
    payload: bytes
    headers: dict[str, bytes] = {}
    cut_from: int = 0

    @property
    def key(self) -> bytes:
        """The key of its record on the dead-letter topic."""
        return self.id.encode()

    def encode(self) -> bytes:
        """Encode the value of its record on the dead-letter topic (MessagePack)."""
        return _encoder.encode(self)

    @staticmethod
    def decode(value: bytes) -> "DeadLetter":
        """Decode the value of a record of the dead-letter topic.

        Raises:
            msgspec.MsgspecError: where the value is not a dead letter.
        """
        try:
            return _decoder.decode(value)
        except (UnicodeDecodeError, RecursionError):
            raise msgspec.DecodeError("a text is not UTF-8, or maps without end") from None

    def __repr__(self) -> str:
        return f"<DeadLetter {self.reason}>"


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(DeadLetter)
