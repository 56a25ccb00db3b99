"""ISA to IEA: interchanges of one group, their control numbers and counts (X12.5)."""

import datetime
from collections.abc import Callable

from msgspec import Struct

from streams.simulator.formats.x12.elements import day, moment, segment

HOSPITAL, PAYER = "WARDWATCHSIM", "WARDWATCHPAYER"
"""Sender and receiver: of claims the hospital and the payer, of remittances the other way round."""


class Kind(Struct, frozen=True):
    """A transaction set: ST01, functional group (GS01), implementation guide, and whether ST03 repeats the guide."""

    code: str
    group: str
    guide: str
    sender: str
    receiver: str
    guide_in_st: bool


PROFESSIONAL = Kind("837", "HC", "005010X222A1", HOSPITAL, PAYER, guide_in_st=True)
INSTITUTIONAL = Kind("837", "HC", "005010X223A2", HOSPITAL, PAYER, guide_in_st=True)
REMITTANCE = Kind("835", "HP", "005010X221A1", PAYER, HOSPITAL, guide_in_st=False)

_MOST_SETS = 5_000
"""Sets of an interchange before the next one begins."""


class Envelope:
    """Writes transaction sets, each in the interchange of its batch."""

    def __init__(self, kind: Kind, write: Callable[[bytes], None]) -> None:
        self._kind = kind
        self._write = write
        self._interchange = 0
        self._sets = 0
        self._batch: str | None = None

    def add(self, batch: str, at: datetime.datetime, body: list[str]) -> None:
        """Write one transaction set.

        Args:
            batch: names the file that the set leaves in; another batch begins another interchange.
            at: when the interchange is made, if one begins.
            body: the segments between ST and SE.
        """
        if batch != self._batch or self._sets == _MOST_SETS:
            self.close()
            self._begin(batch, at)
        self._sets += 1
        number = f"{self._sets:04d}"
        kind = self._kind
        head = segment("ST", kind.code, number, kind.guide if kind.guide_in_st else "")
        tail = segment("SE", str(len(body) + 2), number)
        self._write("".join((head, *body, tail)).encode())

    def close(self) -> None:
        """End the interchange that is open, if one is."""
        if self._batch is None:
            return
        number = str(self._interchange)
        self._write((segment("GE", str(self._sets), number) + segment("IEA", "1", number.zfill(9))).encode())
        self._batch = None

    def _begin(self, batch: str, at: datetime.datetime) -> None:
        self._interchange += 1
        self._sets, self._batch = 0, batch
        kind, number = self._kind, str(self._interchange)
        date, time = moment(at)
        # ISA15 is P: T would make the reader note on each claim that it is a test.
        isa = segment(
            "ISA", "00", " " * 10, "00", " " * 10, "ZZ", kind.sender.ljust(15), "ZZ", kind.receiver.ljust(15),
            day(at)[2:], time[:4], "^", "00501", number.zfill(9), "0", "P", ":",
        )  # fmt: skip
        group = segment("GS", kind.group, kind.sender, kind.receiver, date, time, number, "X", kind.guide)
        self._write((isa + group).encode())
