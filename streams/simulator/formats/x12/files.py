"""The X12 files of a simulated hospital: professional claims, institutional claims, remittances."""

from pathlib import Path

from detectors.events import BillingTransaction
from streams.simulator.formats.sheet import Sheet
from streams.simulator.formats.x12 import claims, remits
from streams.simulator.formats.x12.envelope import INSTITUTIONAL, PROFESSIONAL, REMITTANCE, Envelope, Kind
from streams.simulator.record import Simulated

_CLAIMS = frozenset({"claim_submitted", "claim_replaced", "claim_voided"})
_REMITS = frozenset({"remit_paid", "remit_denied", "remit_reversed"})

MOST_CLAIMS = 200
"""Claims of a set, held back until it is complete; the guides allow 5,000 (837) and 10,000 (835)."""


class X12Files:
    """Writes claims and remittances, a batch after the other; a record that comes twice is written once.

    An interchange has no place for one record sent again: what is sent again is the whole interchange.
    """

    def __init__(self, folder: Path) -> None:
        self._professional = _ClaimFile(folder / "claims-professional.x12", PROFESSIONAL)
        self._institutional = _ClaimFile(folder / "claims-institutional.x12", INSTITUTIONAL)
        self._remits = _RemitFile(folder / "remittances.x12")

    @property
    def sheets(self) -> list[Sheet]:
        """Return the files."""
        return [self._professional.sheet, self._institutional.sheet, self._remits.sheet]

    def write(self, item: Simulated) -> None:
        """Write a claim, a remittance or a provider adjustment."""
        data = item.event.data
        if item.again or not isinstance(data, BillingTransaction):
            return
        if data.kind in _CLAIMS:
            institutional = data.claim is not None and data.claim.type == "institutional"
            (self._institutional if institutional else self._professional).write(item, data)
        elif data.kind in _REMITS or data.kind == "provider_adjustment":
            self._remits.write(item, data)

    def close(self) -> None:
        """Finish the sets and interchanges that are open."""
        for file in (self._professional, self._institutional, self._remits):
            file.close()


class _ClaimFile:
    """Claims of one moment and one billing provider share a transaction set: its header tells both."""

    def __init__(self, path: Path, kind: Kind) -> None:
        self.sheet = Sheet(path)
        self._envelope = Envelope(kind, self.sheet.write)
        self._first: BillingTransaction | None = None
        self._body: list[str] = []
        self._claims = 0

    def write(self, item: Simulated, transaction: BillingTransaction) -> None:
        first = self._first
        together = first is not None and (first.occurred_at, first.billing) == (
            transaction.occurred_at,
            transaction.billing,
        )
        if not together or self._claims == MOST_CLAIMS:
            self._finish()
            self._first = transaction
            self._body = claims.header(transaction, item.event.id[:30])
        self._claims += 1
        self.sheet.count(item)
        self._body += filter(None, claims.claim(transaction, self._claims + 1))

    def close(self) -> None:
        self._finish()
        self._envelope.close()
        self.sheet.close()

    def _finish(self) -> None:
        if self._first is not None:
            self._envelope.add(_batch(self._first), self._first.occurred_at, self._body)
        self._first, self._body, self._claims = None, [], 0


class _RemitFile:
    """Remittances of one payment share a transaction set: its header tells the total."""

    def __init__(self, path: Path) -> None:
        self.sheet = Sheet(path)
        self._envelope = Envelope(REMITTANCE, self.sheet.write)
        self._first: BillingTransaction | None = None
        self._payment: tuple[str, ...] = ()
        self._claims: list[str] = []
        self._adjustments: list[str] = []
        self._total = self._held = 0

    def write(self, item: Simulated, transaction: BillingTransaction) -> None:
        payment = remits.payment_of(transaction)
        is_adjustment = transaction.kind == "provider_adjustment"
        # Adjustments stand at the end of a set.
        late = bool(self._adjustments) and not is_adjustment
        if payment != self._payment or late or self._held == MOST_CLAIMS:
            self._finish()
            self._first, self._payment = transaction, payment
        amounts = transaction.amounts
        self._held += 1
        self.sheet.count(item)
        if is_adjustment:
            self._total -= amounts.adjustment if amounts else 0
            self._adjustments.append(remits.provider_adjustment(transaction))
        else:
            self._total += amounts.paid if amounts else 0
            self._claims += remits.claim_payment(transaction)

    def close(self) -> None:
        self._finish()
        self._envelope.close()
        self.sheet.close()

    def _finish(self) -> None:
        if self._first is not None:
            header = remits.header(self._payment, self._total)
            level = ["LX*1~\n"] if self._claims else []
            body = [*filter(None, header), *level, *self._claims, *self._adjustments]
            self._envelope.add(_batch(self._first), self._first.occurred_at, body)
        self._first, self._payment = None, ()
        self._claims, self._adjustments = [], []
        self._total = self._held = 0


def _batch(transaction: BillingTransaction) -> str:
    return transaction.src.file_id if transaction.src else ""
