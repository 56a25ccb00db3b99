"""What the claims of an 835 have in common: payment, payer, payee, dates (BPR to loop 1000B)."""

import datetime
from collections.abc import Callable

from msgspec import structs

from detectors.events.billing import Party, Payment
from streams.sources.x12.hierarchy import TAX_NUMBERS
from streams.sources.x12.placing import Blame, Block, Placing
from streams.sources.x12.values import PADDING, BadElement, at_time, day, required, required_cents

_PAYEE_TAX_NUMBERS = TAX_NUMBERS | {"TJ"}


class Remittance:
    """The header of one 835 transaction set."""

    def __init__(self, placing: Placing) -> None:
        self.blame: Blame | None = None
        self._placing = placing
        self._payment = Payment()
        self._payee = Party(entity="2")
        self._produced: datetime.date | None = None
        self._at_payee = False
        self._occurred_at: datetime.datetime | None = None

    def read(self, block: Block) -> None:
        """Read the segments before the first claim."""
        separator, index = self._placing.separators.element, -1
        try:
            for segment in block.segments:
                index += 1
                elements = segment.split(separator)
                step = _STEPS.get(elements[0])
                if step is not None:
                    step(self, elements + PADDING)
        except BadElement as bad:
            self.blame = Blame.of(bad, "header", block, index)

    def payment(self) -> Payment:
        """Return the payment, a copy for each event."""
        return structs.replace(self._payment)

    def payee(self) -> Party:
        """Return the payee, a copy for each event."""
        return structs.replace(self._payee)

    def occurred_at(self) -> datetime.datetime:
        """Return when the remittance was made: DTM*405, else the payment's date (BPR16), else the group's."""
        if self._occurred_at is None:
            made = self._produced or self._payment.effective
            self._occurred_at = at_time(made, "", self._placing.zone) if made else self._placing.grouped_at
        return self._occurred_at

    def _payment_order(self, elements: list[str]) -> None:
        required_cents(elements, 2)
        payment = self._payment
        payment.direction, payment.method = elements[3], elements[4]
        if elements[13] and elements[15]:
            payment.bank_fp = f"{elements[13]}|{elements[15]}"
        payment.effective = day(elements, 16)

    def _trace(self, elements: list[str]) -> None:
        self._payment.trace = required(elements, 2)
        self._payment.payer_id = elements[3]

    def _date(self, elements: list[str]) -> None:
        if elements[1] == "405":
            self._produced = day(elements, 2)

    def _name(self, elements: list[str]) -> None:
        self._at_payee = elements[1] == "PE"
        if self._at_payee and elements[3] == "XX":
            self._payee.npi = self._payment.payee_npi = elements[4]
        elif self._at_payee and elements[3] in _PAYEE_TAX_NUMBERS:
            self._payee.tin_ref = elements[4]

    def _place(self, elements: list[str]) -> None:
        if self._at_payee:
            self._payee.zip = elements[3]

    def _reference(self, elements: list[str]) -> None:
        if self._at_payee and elements[1] in _PAYEE_TAX_NUMBERS:
            self._payee.tin_ref = elements[2]


_STEPS: dict[str, Callable[[Remittance, list[str]], None]] = {
    "BPR": Remittance._payment_order,
    "TRN": Remittance._trace,
    "DTM": Remittance._date,
    "N1": Remittance._name,
    "N4": Remittance._place,
    "REF": Remittance._reference,
}
