"""What the claims of one transaction set have in common: where they stand, what they are from, how an event is made."""

import datetime

import msgspec
from msgspec import Struct

from detectors.events import BillingTransaction, Event, event_id, event_type
from detectors.events.access import Source
from streams.sources.api import Item, Origin, Refused
from streams.sources.x12.separators import Separators
from streams.sources.x12.values import BadElement

KEPT_BYTES = 65_536
"""Of a refused record this much is kept, as the intake does: enough to see what it was."""

_SURELY_SHORT = 110
"""Where no segment is longer, no text of the event is longer than its field allows (the least: 128)."""

LONGEST_REFERENCE = 128
MOST_LINES = 1_000


class Block(Struct):
    """Segments that belong together, the first of them named `tag`, and the number of the first in its set."""

    tag: str
    segments: list[str]
    first: int
    cut: bool = False

    def raw(self, separators: Separators) -> bytes:
        """Return the record as it was, up to `KEPT_BYTES`."""
        return joined(self.segments, separators)


class Placing(Struct):
    """One transaction set of a file."""

    origin: Origin
    separators: Separators
    zone: datetime.tzinfo
    sender: str
    isa13: str
    gs06: str
    st02: str
    implementation: str
    prefix: str
    grouped_at: datetime.datetime
    checks: list[str]
    balanced: bool
    lengthy: bool
    """Whether a segment above the records is longer than `_SURELY_SHORT`."""
    originator_id: str = ""

    def above(self, block: Block) -> None:
        """Take note of a block that the records after it stand under."""
        self.lengthy = self.lengthy or is_lengthy(block.segments)

    def event(self, transaction: BillingTransaction, kind: str, ordinal: int, block: Block) -> Item:
        """Return the event of a record, or its refusal where a text is longer than any identifier or code may be.

        The id is made of the control numbers, the ordinal and the record itself, so that a file that is sent again
        gives the same ids, and senders who never count their control numbers up do not collide.
        """
        transaction.src = Source(
            system=self.origin.source,
            format=kind,
            file_id=self.origin.file_id,
            isa13=self.isa13,
            gs06=self.gs06,
            st02=self.st02,
            originator_id=self.originator_id,
            ordinal=ordinal,
        )
        if self.lengthy or len(transaction.lines) > MOST_LINES or is_lengthy(block.segments):
            reason = _not_canonical(transaction)
            if reason:
                return self.refused(reason, block.tag, ordinal, block, 0)
        key = "\x1f".join((self.sender, self.isa13, self.gs06, self.st02, str(ordinal), *block.segments))
        return Event(
            id=event_id(self.origin.source, key),
            source=self.origin.source,
            type=event_type(transaction),
            time=transaction.occurred_at.timestamp(),
            data=transaction,
        )

    def refused(self, reason: str, where: str, ordinal: int, block: Block, index: int) -> Refused:
        """Return the refusal of a record; `index` is the place, in its block, of the segment that is at fault."""
        record = f", record {ordinal}" if ordinal else ""
        place = f"{self.prefix}{record}: {where} (segment {block.first + index})"
        return Refused(reason, place, block.raw(self.separators))


class Blame(Struct, frozen=True):
    """What is wrong with the header or with a hierarchy level, and so with every claim below it."""

    reason: str
    where: str

    @classmethod
    def of(cls, bad: BadElement, loop: str, block: Block, index: int) -> "Blame":
        """Return the blame for a bad element of a loop."""
        return cls(bad.reason, f"{loop} {bad.element} (segment {block.first + index}), which the record stands under")


def is_lengthy(texts: list[str]) -> bool:
    """Whether one of the texts is longer than what surely fits every field."""
    return max(map(len, texts)) > _SURELY_SHORT


def joined(segments: list[str], separators: Separators) -> bytes:
    """Return segments as they stood in the file, up to `KEPT_BYTES`."""
    text = "".join([segment + separators.terminator for segment in segments[:KEPT_BYTES]])
    return text.encode(errors="replace")[:KEPT_BYTES]


def composite(value: str, declared: str) -> str:
    """Return the character that parts a composite: the declared one, else `>` or `:` behind its first component.

    Clearing houses that put claims into an envelope of their own sometimes leave the separators inside as they were.
    All composites that this is asked of have two components at least.
    """
    if declared in value:
        return declared
    return next((mark for mark in ">:" if mark in value), declared)


def _not_canonical(transaction: BillingTransaction) -> str:
    if len(transaction.lines) > MOST_LINES:
        return "too_many_lines"
    try:
        msgspec.convert(msgspec.to_builtins(transaction), BillingTransaction)
    except msgspec.ValidationError:
        return "too_long"
    return ""
