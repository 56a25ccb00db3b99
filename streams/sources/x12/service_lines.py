"""The service lines of a claim: loops 2400 to 2430 of the 837."""

from detectors.events.billing import Party
from streams.sources.x12.draft import ROLES, Draft
from streams.sources.x12.hierarchy import identify
from streams.sources.x12.values import BadElement, days, quantity, required, required_cents

_OF_LINES = frozenset({"ordering", "supervising", "referring"})
"""Roles that the transaction keeps once; what a line says counts where the claim says nothing."""


def professional_service(draft: Draft, elements: list[str]) -> None:
    """SV1: procedure, charge, units, place, pointers to diagnoses."""
    line = draft.line
    _procedure(draft, required(elements, 1))
    line.charge = required_cents(elements, 2)
    line.unit_basis = elements[3]
    line.units = quantity(elements, 4, 1.0)
    line.pos = elements[5] or draft.claim.pos
    line.dx_ptr = [_pointer(part) for part in draft.composite(elements[7]) if part] if elements[7] else []


def institutional_service(draft: Draft, elements: list[str]) -> None:
    """SV2: revenue code, procedure, charge, units."""
    line = draft.line
    line.revenue = elements[1]
    if elements[2]:
        _procedure(draft, elements[2])
    line.charge = required_cents(elements, 3)
    line.unit_basis = elements[4]
    line.units = quantity(elements, 5, 1.0)


def date(draft: Draft, elements: list[str]) -> None:
    """DTP of a line: date of service."""
    if elements[1] == "472":
        draft.line.dos_from, draft.line.dos_to = days(elements, 2)


def reference(draft: Draft, elements: list[str]) -> None:
    """REF of a line: its control number."""
    if elements[1] == "6R":
        draft.line.control = elements[2]


def drug(draft: Draft, elements: list[str]) -> None:
    """LIN: national drug code."""
    if elements[2] == "N4":
        draft.line.ndc = elements[3]


def name(draft: Draft, elements: list[str]) -> None:
    """NM1 of a line (2420): who rendered it; who ordered, supervised or referred."""
    role = ROLES.get(elements[1], "")
    if role == "rendering":
        draft.line.rendering_npi = elements[9] if elements[8] == "XX" else ""
    elif role in _OF_LINES and role not in draft.parties:
        draft.parties[role] = identify(Party(), elements)


def adjudication(draft: Draft, elements: list[str]) -> None:
    """SVD begins 2430: what other payers did is not this claim's."""
    draft.loop, draft.scope = "2430", "other"


def _procedure(draft: Draft, value: str) -> None:
    parts = draft.composite(value)
    line = draft.line
    line.code_system, line.code = parts[0], parts[1]
    line.modifiers = [modifier for modifier in parts[2:6] if modifier]


def _pointer(text: str) -> int:
    """Return a pointer to a diagnosis; some senders write it as an amount, 1.00."""
    whole, _, part = text.partition(".")
    if not (whole.isascii() and whole.isdigit() and len(whole) <= 2) or part.strip("0"):
        raise BadElement("bad_number", "SV107")
    return int(whole)
