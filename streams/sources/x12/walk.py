"""The second walk over a file: gathers segments into blocks and hands each to the reader of its transaction set."""

import datetime
import re
from collections.abc import Iterator
from typing import Protocol

from streams.sources.api import Item, Origin, Refused
from streams.sources.x12.claims import ClaimSet
from streams.sources.x12.placing import KEPT_BYTES, Block, Placing, is_lengthy
from streams.sources.x12.remits import RemitSet
from streams.sources.x12.segments import Run, Stray, names_by_head
from streams.sources.x12.separators import Separators
from streams.sources.x12.survey import Fault, Survey
from streams.sources.x12.values import PADDING, at_time, date_of

LARGEST_RECORD = 8 * 1024 * 1024
"""Bytes of memory that the segments of one record may take; a claim of a thousand lines stays below."""

_PER_SEGMENT = 64
"""Bytes that a string takes beside its characters, about."""


class TransactionSet(Protocol):
    """Reads the blocks of one transaction set. A segment named in `starts` begins a block; the first begins at ST."""

    starts: tuple[str, ...]

    def read(self, block: Block) -> list[Item]:
        """Return what a block holds."""
        ...


SETS: dict[tuple[str, str], type[ClaimSet] | type[RemitSet]] = {
    ("837", "005010X222"): ClaimSet,
    ("837", "005010X223"): ClaimSet,
    ("835", "005010X221"): RemitSet,
    ("837", "004010X098"): ClaimSet,
    ("837", "004010X096"): ClaimSet,
    ("835", "004010X091"): RemitSet,
}
"""ST01 and implementation guide, without its addenda (A1, A2, A3), to what reads the set."""

_GUIDE = len("005010X222")
_TEST = "T"
_ENVELOPE = ("ISA", "GS", "ST", "SE", "GE", "IEA")


class Walk:
    """Where the second walk stands."""

    def __init__(self, origin: Origin, zone: datetime.tzinfo, found: Survey) -> None:
        self._origin, self._zone, self._found = origin, zone, found
        self._interchange = self._group = self._set = self._stretch = 0
        self._group_in = self._set_in = 0
        self._isa: list[str] = list(PADDING)
        self._gs: list[str] = list(PADDING)
        self._separators = Separators("*", "^", ":", "~")
        self._reader: TransactionSet | None = None
        self._placing: Placing | None = None
        self._refusing: tuple[str, Refused] | None = None
        self._block = Block("", [], 1)
        self._size = self._number = 0

    def stray(self, stray: Stray) -> Iterator[Item]:
        """Refuse what belongs to no interchange."""
        yield from self.end()
        self._stretch += 1
        yield Refused(stray.reason, f"after interchange {self._interchange}, stretch {self._stretch}", stray.payload)

    def end(self) -> Iterator[Item]:
        """Close whatever is open."""
        yield from self._close("set")
        yield from self._close("group")
        yield from self._close("interchange")

    def walk(self, run: Run) -> Iterator[Item]:
        """Read the segments of one run."""
        self._separators = run.separators
        element = run.separators.element
        names = self._names(element)
        for segment in run.segments:
            self._number += 1
            name = names.get(segment[:3])
            if name is None or segment[len(name) : len(name) + 1] not in (element, ""):
                self._add(segment)
            elif name in _ENVELOPE:
                yield from self._envelope(name, segment, segment.split(element) + PADDING)
                names = self._names(element)
            else:
                yield from self._flush()
                self._begin(name, segment)

    def _names(self, element: str) -> dict[str, str]:
        return names_by_head((*_ENVELOPE, *(self._reader.starts if self._reader else ())), element)

    def _add(self, segment: str) -> None:
        self._size += len(segment) + _PER_SEGMENT
        if self._size <= (LARGEST_RECORD if self._reader else KEPT_BYTES):
            self._block.segments.append(segment)
        else:
            self._block.cut = True

    def _begin(self, name: str, segment: str) -> None:
        self._block = Block(name, [segment], self._number)
        self._size = len(segment)

    def _flush(self) -> Iterator[Item]:
        """Read the block that is complete."""
        if self._reader is not None and self._placing is not None and self._block.segments:
            yield from _guarded(self._reader, self._placing, self._block)
        self._block = Block("", [], 1)

    def _envelope(self, name: str, segment: str, elements: list[str]) -> Iterator[Item]:
        """Open or close an interchange, a group or a set; a trailer belongs to what it closes."""
        if name in ("SE", "GE", "IEA"):
            if self._reader is None:
                self._add(segment)
            yield from self._close("set")
            if name != "SE":
                yield from self._close("group")
            if name == "IEA":
                yield from self._close("interchange")
            return
        yield from self._close("set")
        if name != "ST":
            yield from self._close("group")
        if name == "ISA":
            yield from self._close("interchange")
        self._open(name, elements)
        if self._reader is not None or (self._refusing and not self._block.segments):
            self._begin(name, segment)
        elif self._refusing:
            self._add(segment)

    def _open(self, name: str, elements: list[str]) -> None:
        if name == "ISA":
            self._interchange += 1
            self._group_in, self._set_in = 0, 0
            self._isa, self._gs = elements, list(PADDING)
            self._refuse("interchange", self._found.interchanges.get(self._interchange))
        elif name == "GS":
            self._group += 1
            self._group_in += 1
            self._set_in = 0
            self._gs = elements
            self._refuse("group", self._found.groups.get(self._group))
        else:
            self._set += 1
            self._set_in += 1
            self._refuse("set", self._found.sets.get(self._set))
            if self._refusing is None:
                self._open_set(elements)

    def _open_set(self, elements: list[str]) -> None:
        guide = elements[3] or self._gs[8]
        kind = SETS.get((elements[1], guide[:_GUIDE]))
        grouped_at = self._grouped_at()
        if kind is None:
            self._refuse("set", Fault("unsupported_transaction_set", _named(elements[1], guide)))
        elif grouped_at is None:
            self._refuse("set", Fault("impossible_date", "GS04"))
        else:
            isa, gs = self._isa, self._gs
            self._number = 1
            self._placing = Placing(
                origin=self._origin,
                separators=self._separators,
                zone=self._zone,
                sender="\x1f".join((isa[6].strip(), isa[8].strip(), isa[9], isa[10])),
                isa13=isa[13].strip(),
                gs06=gs[6].strip(),
                st02=elements[2].strip(),
                implementation=guide,
                prefix=self._prefix("set"),
                grouped_at=grouped_at,
                checks=["test_interchange"] if isa[15] == _TEST else [],
                lengthy=is_lengthy(gs) or is_lengthy(elements),
                balanced=self._set not in self._found.unbalanced,
            )
            self._reader = kind(self._placing)

    def _refuse(self, scope: str, fault: Fault | None) -> None:
        """Refuse a scope, unless one around it is refused already."""
        if fault is not None and self._refusing is None:
            refused = Refused(fault.reason, f"{self._prefix(scope)}: {fault.where}", b"")
            self._refusing = (scope, refused)
            self._block, self._size = Block("", [], 1), 0

    def _close(self, scope: str) -> Iterator[Item]:
        """Close a scope: read its last block, or yield its refusal."""
        if self._reader is not None and scope == "set":
            yield from self._flush()
            self._reader = self._placing = None
        if self._refusing is not None and self._refusing[0] == scope:
            _, refused = self._refusing
            yield Refused(refused.reason, refused.place, self._block.raw(self._separators))
            self._refusing = None
            self._block = Block("", [], 1)

    def _prefix(self, scope: str) -> str:
        place = f"interchange {self._interchange}"
        if scope != "interchange":
            place += f", group {self._group_in}"
        return place + f", set {self._set_in}" if scope == "set" else place

    def _grouped_at(self) -> datetime.datetime | None:
        """Return when the group was made, GS04 and GS05, else the interchange, ISA09 and ISA10."""
        for date, time in ((self._gs[4], self._gs[5]), ("20" + self._isa[9], self._isa[10])):
            try:
                return at_time(date_of(date), time, self._zone)
            except ValueError:
                continue
        return None


def _guarded(reader: TransactionSet, placing: Placing, block: Block) -> list[Item]:
    """Read a block; a fault of ours on one record must not stop the file."""
    try:
        return reader.read(block)
    except Exception as fault:  # noqa: BLE001 - the guard of this adapter
        return [placing.refused("reader_error", f"{block.tag} {type(fault).__name__}", 0, block, 0)]


def _named(code: str, guide: str) -> str:
    """Name a transaction set by code and guide, as far as they look like ones."""
    kind = code if re.fullmatch(r"[0-9]{3}", code) else "unreadable"
    known = re.fullmatch(r"[0-9]{6}X[0-9]{3}([A-Z][0-9])?", guide) is not None
    return f"ST01 {kind}, guide {guide}" if known else f"ST01 {kind}, guide unreadable"
