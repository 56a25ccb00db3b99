"""835 remittance advice (005010X221 and 004010X091) to remittance transactions and provider adjustments."""

from collections.abc import Iterator

from detectors.events import BillingTransaction
from detectors.events.billing import AdjustmentReason, Amounts, Claim, Kind, Party
from streams.sources.api import Item
from streams.sources.x12.checks import npi_checks
from streams.sources.x12.paid_claim import REVERSAL, STEPS, PaidClaim
from streams.sources.x12.placing import Block, Placing, composite
from streams.sources.x12.remittance import Remittance
from streams.sources.x12.values import PADDING, BadElement, day, required, required_cents

_KINDS: dict[str, Kind] = {REVERSAL: "remit_reversed", "4": "remit_denied"}
"""Claim status, CLP02, to kind; every other status is paid, be it nothing."""

_FORMAT = "x12_835"
_PLB_PAIRS = range(3, 15, 2)


class RemitSet:
    """One 835 transaction set: yields a remittance for each CLP and an adjustment for each pair of a PLB."""

    starts: tuple[str, ...] = ("LX", "CLP", "PLB")

    def __init__(self, placing: Placing) -> None:
        self._placing = placing
        self._remittance = Remittance(placing)
        self._ordinal = 0
        self._checks = list(placing.checks) + ([] if placing.balanced else ["payment_out_of_balance"])

    def read(self, block: Block) -> list[Item]:
        """Return what one block holds."""
        if block.tag == "CLP":
            self._ordinal += 1
            return [self._remit(block)]
        if block.tag == "PLB":
            return list(self._adjustments(block))
        if block.tag == "ST":
            self._placing.above(block)
            self._remittance.read(block)
        return []

    def _remit(self, block: Block) -> Item:
        placing, ordinal = self._placing, self._ordinal
        blame = self._remittance.blame
        if blame is not None:
            return placing.refused(blame.reason, blame.where, ordinal, block, 0)
        if block.cut:
            return placing.refused("too_large", "2100 CLP", ordinal, block, 0)
        paid = PaidClaim(placing.separators.component)
        separator, index = placing.separators.element, -1
        try:
            for segment in block.segments:
                index += 1
                elements = segment.split(separator)
                step = STEPS.get(elements[0])
                if step is not None:
                    step(paid, elements + PADDING)
            paid.finish()
            transaction = self._transaction(paid)
        except BadElement as bad:
            return placing.refused(bad.reason, f"{paid.loop} {bad.element}", ordinal, block, index)
        return placing.event(transaction, _FORMAT, ordinal, block)

    def _transaction(self, paid: PaidClaim) -> BillingTransaction:
        remittance = self._remittance
        payee = remittance.payee()
        others = [line.rendering_npi for line in paid.lines]
        return BillingTransaction(
            kind=_KINDS.get(paid.claim.status, "remit_paid"),
            occurred_at=remittance.occurred_at(),
            recorded_at=self._placing.grouped_at,
            claim=paid.claim,
            patient=paid.patient(),
            member=paid.member(),
            billing=payee,
            rendering=paid.rendering,
            lines=paid.lines,
            amounts=paid.amounts,
            payment=remittance.payment(),
            checks=self._checks + paid.checks + npi_checks([payee, paid.rendering], others),
        )

    def _adjustments(self, block: Block) -> Iterator[Item]:
        """PLB: one provider, one fiscal period, up to six pairs of reason and amount; each pair is an event."""
        placing = self._placing
        blame = self._remittance.blame
        for index, segment in enumerate(block.segments):
            elements = segment.split(placing.separators.element) + PADDING
            for at in _PLB_PAIRS if elements[0] == "PLB" else ():
                if not (elements[at] or elements[at + 1]):
                    continue
                self._ordinal += 1
                if blame is not None:
                    yield placing.refused(blame.reason, blame.where, self._ordinal, block, index)
                    continue
                try:
                    transaction = self._adjustment(elements, at)
                except BadElement as bad:
                    yield placing.refused(bad.reason, f"summary {bad.element}", self._ordinal, block, index)
                    continue
                yield placing.event(transaction, _FORMAT, self._ordinal, block)

    def _adjustment(self, elements: list[str], at: int) -> BillingTransaction:
        """Return the event of one pair; a positive amount reduces the payment."""
        remittance, provider = self._remittance, required(elements, 1)
        value = required(elements, at)
        code, _, reference = value.partition(composite(value, self._placing.separators.component))
        amount, period = required_cents(elements, at + 1), day(elements, 2)
        payee = remittance.payee()
        if len(provider) == 10 and provider.isdigit():
            party = Party(npi=provider, tin_ref=payee.tin_ref if payee.npi == provider else "", entity="2")
        else:
            party = Party(npi=payee.npi, tin_ref=provider, entity="2")
        return BillingTransaction(
            kind="provider_adjustment",
            occurred_at=remittance.occurred_at(),
            recorded_at=self._placing.grouped_at,
            claim=Claim(payer_ccn=reference) if reference else None,
            billing=party,
            amounts=Amounts(adjustment=amount),
            payment=remittance.payment(),
            adjustment=AdjustmentReason(reason=code, plb_code=code, fiscal_period=period.isoformat() if period else ""),
            checks=self._checks + npi_checks([party]),
        )
