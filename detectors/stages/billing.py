"""What patient and provider stage both need to know of a transaction: its keys, dates and instruments."""

import datetime
from collections.abc import Iterator

from detectors.events import BillingTransaction
from detectors.events.billing import Line
from detectors.profiles.applied import fingerprint

EPOCH = datetime.date(1970, 1, 1).toordinal()

APPROVED = frozenset({"", "00", "000", "08", "10", "11"})
"""ISO 8583 response codes that approve (in full, in part, with identification)."""

TECHNICAL = frozenset({"91", "96"})
"""ISO 8583: issuer not available, system malfunction. An outage, not a decline (B25, false positives)."""


def day_number(date: datetime.date) -> int:
    """Return days since the epoch."""
    return date.toordinal() - EPOCH


def day_text(day: int) -> str:
    """Return the ISO date of `day_number`."""
    return datetime.date.fromordinal(day + EPOCH).isoformat()


def claim_key(event_id: str, transaction: BillingTransaction) -> int:
    """Return the hash under which a claim's contributions are kept: its control number, else the event."""
    claim = transaction.claim
    return fingerprint((claim.pcn or claim.payer_ccn if claim else "") or event_id)


def replaced_keys(event_id: str, transaction: BillingTransaction) -> set[int]:
    """Return the hashes under which a void or replacement finds what it takes back."""
    keys = {claim_key(event_id, transaction)}
    keys.update(fingerprint(link.id) for link in transaction.links if link.rel in ("replaces", "reverses"))
    if transaction.claim and transaction.claim.original_ref:
        keys.add(fingerprint(transaction.claim.original_ref))
    return keys


def line_dates(transaction: BillingTransaction) -> Iterator[tuple[Line, int]]:
    """Yield each line with its date of service (days since the epoch): the line's own, else the claim's."""
    claim = transaction.claim
    fallback = (claim.from_ or claim.through if claim else None) or transaction.occurred_at.date()
    for line in transaction.lines:
        yield line, day_number(line.dos_from or fallback)


def dates_of(transaction: BillingTransaction) -> set[int]:
    """Return the dates of service of a transaction."""
    return {day for _, day in line_dates(transaction)}


def payment_token(transaction: BillingTransaction) -> str:
    """Return the card or bank account that money moved through; empty for cash."""
    payment = transaction.payment
    if payment is None:
        return ""
    return (payment.card.token if payment.card else "") or payment.bank_fp


def is_declined(transaction: BillingTransaction) -> bool:
    """Whether the card network refused the payment; an outage is no refusal."""
    card = transaction.payment.card if transaction.payment else None
    return card is not None and card.response not in APPROVED and card.response not in TECHNICAL
