"""The first walk over a file: counts and numbers of every envelope, and the balance of every remittance.

A claim may be passed on only if the transaction set around it is whole, and that is known at its end. So the file is
walked twice: once for the control segments alone, once to map. What is kept between is what is wrong, nothing else.
"""

from collections.abc import Callable, Iterable

from msgspec import Struct

from streams.sources.x12.segments import Run, Stray, names_by_head
from streams.sources.x12.values import PADDING, BadElement, cents, number

MOST_FAULTS = 10_000
"""Faulty groups and sets that are kept apart within one interchange; beyond, the interchange as a whole is refused."""


class Fault(Struct, frozen=True):
    """Why an interchange, group or set is refused, and at which element or segment of it."""

    reason: str
    where: str


class Survey(Struct):
    """What is wrong with a file, by the number of the interchange, group or set in it, counted from 1."""

    interchanges: dict[int, Fault] = {}
    groups: dict[int, Fault] = {}
    sets: dict[int, Fault] = {}
    unbalanced: set[int] = set()


def survey(cut: Iterable[Run | Stray]) -> Survey:
    """Walk the control segments of a file."""
    surveyor = _Surveyor()
    for run in cut:
        if isinstance(run, Run):
            surveyor.walk(run)
    surveyor.end_interchange(Fault("interchange_not_closed", "IEA"))
    return surveyor.found


class _Surveyor:
    """Counts as the control segments go by. Counters run over the whole file, `*_in` over what encloses."""

    def __init__(self) -> None:
        self.found = Survey()
        self._interchange = self._group = self._set = 0
        self._open: list[str] = []
        self._isa13 = self._gs06 = self._st02 = ""
        self._groups_in = self._sets_in = self._segments_in = self._faults = 0
        self._payment: int | None = None
        self._steps: dict[str, Callable[[list[str]], None]] = {
            "ISA": self._isa, "GS": self._gs, "ST": self._st, "SE": self._se, "GE": self._ge, "IEA": self._iea,
            "BPR": self._bpr, "CLP": self._clp, "PLB": self._plb,
        }  # fmt: skip

    def walk(self, run: Run) -> None:
        element = run.separators.element
        named = names_by_head(self._steps, element).get
        count = 0
        for segment in run.segments:
            count += 1
            name = named(segment[:3])
            if name is not None and segment[len(name) : len(name) + 1] in (element, ""):
                self._segments_in += count
                count = 0
                self._steps[name](segment.split(element) + PADDING)
            elif self._open[-1:] != ["ST"] and not segment.startswith("TA1"):
                self._refuse_interchange(Fault("segment_outside_set", "a segment between the envelopes"))
        self._segments_in += count

    def end_interchange(self, fault: Fault) -> None:
        """Close what is open: with `fault` where its end is missing."""
        if self._open:
            self._end_group()
            self._refuse_interchange(fault)
            self._open = []

    def _isa(self, elements: list[str]) -> None:
        self.end_interchange(Fault("interchange_not_closed", "IEA"))
        self._interchange += 1
        self._isa13 = elements[13]
        self._groups_in = self._faults = 0
        self._open = ["ISA"]

    def _gs(self, elements: list[str]) -> None:
        if self._open != ["ISA"]:
            self._end_group()
        self._group += 1
        self._groups_in += 1
        self._gs06 = elements[6]
        self._sets_in = 0
        self._open.append("GS")

    def _st(self, elements: list[str]) -> None:
        if self._open[-1:] == ["ST"]:
            self._end_set()
        self._set += 1
        if self._open != ["ISA", "GS"]:
            self._refuse_interchange(Fault("set_outside_group", "ST"))
            return
        self._sets_in += 1
        self._st02 = elements[2]
        self._segments_in = 1
        self._payment = None
        self._open.append("ST")

    def _se(self, elements: list[str]) -> None:
        if self._open != ["ISA", "GS", "ST"]:
            self._refuse_interchange(Fault("set_outside_group", "SE"))
            return
        self._open.pop()
        if self._payment:
            self.found.unbalanced.add(self._set)
        if not _counts(elements, self._segments_in):
            self._refuse_set(Fault("segment_count_mismatch", "SE01"))
        elif elements[2].strip() != self._st02.strip():
            self._refuse_set(Fault("control_number_mismatch", "SE02"))

    def _ge(self, elements: list[str]) -> None:
        if self._open[-1:] == ["ST"]:
            self._end_set()
        if self._open != ["ISA", "GS"]:
            self._refuse_interchange(Fault("group_outside_interchange", "GE"))
            return
        self._open.pop()
        if not _counts(elements, self._sets_in):
            self._refuse_group(Fault("set_count_mismatch", "GE01"))
        elif elements[2].strip() != self._gs06.strip():
            self._refuse_group(Fault("control_number_mismatch", "GE02"))

    def _iea(self, elements: list[str]) -> None:
        self._end_group()
        if not _counts(elements, self._groups_in):
            self._refuse_interchange(Fault("group_count_mismatch", "IEA01"))
        elif elements[2].strip() != self._isa13.strip():
            self._refuse_interchange(Fault("control_number_mismatch", "IEA02"))
        self._open = []

    def _end_set(self) -> None:
        self._refuse_set(Fault("set_not_closed", "SE"))
        self._open.pop()

    def _end_group(self) -> None:
        if self._open[-1:] == ["ST"]:
            self._end_set()
        if self._open[-1:] == ["GS"]:
            self._refuse_group(Fault("group_not_closed", "GE"))
            self._open.pop()

    def _refuse_set(self, fault: Fault) -> None:
        if self._room():
            self.found.sets.setdefault(self._set, fault)

    def _refuse_group(self, fault: Fault) -> None:
        if self._room():
            self.found.groups.setdefault(self._group, fault)

    def _refuse_interchange(self, fault: Fault) -> None:
        if self._interchange:
            self.found.interchanges.setdefault(self._interchange, fault)

    def _room(self) -> bool:
        self._faults += 1
        if self._faults > MOST_FAULTS:
            self._refuse_interchange(Fault("too_many_faults", "interchange"))
        return self._faults <= MOST_FAULTS

    def _bpr(self, elements: list[str]) -> None:
        self._payment = 0
        self._pay(elements, (2,), 1 if elements[3] == "D" else -1)

    def _clp(self, elements: list[str]) -> None:
        self._pay(elements, (4,), 1)

    def _plb(self, elements: list[str]) -> None:
        self._pay(elements, range(4, 16, 2), -1)

    def _pay(self, elements: list[str], places: Iterable[int], sign: int) -> None:
        """Add to what the payment lacks: BPR02 = sum of CLP04 less sum of PLB amounts (domain.md §1.2)."""
        if self._payment is None:
            return
        try:
            self._payment += sign * sum(cents(elements, at) for at in places)
        except BadElement:
            self._payment = None


def _counts(elements: list[str], counted: int) -> bool:
    """Whether a trailer's count, its first element, is what was counted."""
    try:
        return bool(elements[1]) and number(elements, 1) == counted
    except BadElement:
        return False
