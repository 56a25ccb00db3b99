"""The separators of an interchange, read from its ISA segment of 106 characters (X12.5, domain.md §1.4)."""

import re

from msgspec import Struct

ISA_LENGTH = 106
_ELEMENT_AT, _REPETITION_AT, _COMPONENT_AT, _TERMINATOR_AT = 3, 82, 104, 105
_ISA_ELEMENTS = 17
"""The segment's name and ISA01 to ISA16."""

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
LINE_ENDS = "\r\n"
BLANKS = " \t\r\n\0\x1a"
"""What may stand between interchanges: white space, NULs of a padded record, the end mark of a DOS file."""


class Separators(Struct, frozen=True):
    """The characters that end or part segments, elements, components and repetitions."""

    element: str
    repetition: str
    component: str
    terminator: str


def read_separators(isa: str) -> Separators | None:
    """Return the separators of an ISA segment of 106 characters; None where it is not one."""
    if len(isa) < ISA_LENGTH or not isa.startswith("ISA"):
        return None
    separators = Separators(isa[_ELEMENT_AT], isa[_REPETITION_AT], isa[_COMPONENT_AT], isa[_TERMINATOR_AT])
    apart = (separators.element, separators.component, separators.terminator)
    if len(set(apart)) != len(apart) or any(mark.isalnum() or mark == " " for mark in apart):
        return None
    if separators.element in LINE_ENDS or separators.component in LINE_ENDS:
        return None
    whole = isa[:_TERMINATOR_AT].split(separators.element)
    return separators if len(whole) == _ISA_ELEMENTS and separators.terminator not in isa[:_TERMINATOR_AT] else None


def looks_like_x12(head: bytes) -> bool:
    """Whether a file that begins with `head` is X12: its first word is ISA, then a mark that parts 16 elements.

    A head that is too short to hold the whole segment is judged by what there is of it.
    """
    text = head.removeprefix(BYTE_ORDER_MARK).lstrip(BLANKS.encode())[: ISA_LENGTH + 8].decode("latin-1")
    if re.match(r"ISA[^A-Za-z0-9\s]", text) is None:
        return False
    isa, _ = isa_of(text, 0)
    return len(isa) < ISA_LENGTH or read_separators(isa) is not None


def isa_of(text: str, at: int) -> tuple[str, int]:
    """Return the 106 characters of the ISA segment at `at`, and where the next segment begins.

    A file cut into lines of fixed length has line ends within the segment; they are taken out. A line end at its last
    place is its terminator.
    """
    plain = text[at : at + ISA_LENGTH]
    if not any(end in plain[:_TERMINATOR_AT] for end in LINE_ENDS):
        return plain, at + len(plain)
    kept: list[str] = []
    position = at
    while position < len(text) and len(kept) < ISA_LENGTH:
        if text[position] not in LINE_ENDS:
            kept.append(text[position])
        position += 1
    return "".join(kept), position
