"""837 professional and institutional (005010X222, 005010X223, and the 4010 versions of both) to claim transactions."""

from collections.abc import Callable

from msgspec import structs

from detectors.events import BillingTransaction
from detectors.events.billing import Kind, Party
from streams.sources.api import Item
from streams.sources.x12 import service_lines
from streams.sources.x12.checks import npi_checks
from streams.sources.x12.draft import Draft
from streams.sources.x12.hierarchy import Levels
from streams.sources.x12.placing import Blame, Block, Placing
from streams.sources.x12.values import PADDING, BadElement, day, instant

_KINDS: dict[str, Kind] = {"7": "claim_replaced", "8": "claim_voided"}
"""Claim frequency, CLM05-3, to kind; every other frequency submits."""

Step = Callable[[Draft, list[str]], None]
_STEPS: dict[str, dict[str, Step]] = {
    "claim": {
        "CLM": Draft.begin,
        "DTP": Draft.date,
        "REF": Draft.reference,
        "AMT": Draft.amount,
        "CL1": Draft.institution,
        "HI": Draft.codes,
        "NM1": Draft.name,
        "PRV": Draft.provider,
        "N4": Draft.place,
        "SBR": Draft.other_insurance,
        "LX": Draft.begin_line,
    },
    "line": {
        "LX": Draft.begin_line,
        "SV1": service_lines.professional_service,
        "SV2": service_lines.institutional_service,
        "DTP": service_lines.date,
        "REF": service_lines.reference,
        "LIN": service_lines.drug,
        "NM1": service_lines.name,
        "SVD": service_lines.adjudication,
    },
    "other": {"LX": Draft.begin_line},
}
"""What a segment means in a claim, in one of its lines, and under another payer."""


class ClaimSet:
    """One 837 transaction set: reads its blocks in order, yields a claim for each CLM."""

    starts: tuple[str, ...] = ("HL", "CLM")

    def __init__(self, placing: Placing) -> None:
        self._placing = placing
        self._institutional = "X223" in placing.implementation or "X096" in placing.implementation
        self._format = "x12_837i" if self._institutional else "x12_837p"
        self._levels = Levels()
        self._blame: Blame | None = None
        self._ordinal = 0
        self._checks = list(placing.checks)
        self._created = placing.grouped_at

    def read(self, block: Block) -> list[Item]:
        """Return what one block holds."""
        if block.tag == "CLM":
            self._ordinal += 1
            return [self._claim(block)]
        self._placing.above(block)
        if block.tag == "HL":
            self._levels.read(block, self._placing)
        else:
            self._header(block)
        return []

    def _header(self, block: Block) -> None:
        placing = self._placing
        for index, segment in enumerate(block.segments):
            elements = segment.split(placing.separators.element) + PADDING
            if elements[0] != "BHT":
                continue
            placing.originator_id = elements[3]
            self._checks += ["reissued"] if elements[2] == "18" else []
            self._checks += ["reporting_only"] if elements[6] == "RP" else []
            try:
                created = day(elements, 4)
                if created is not None:
                    self._created = instant(created, elements, 5, placing.zone)
            except BadElement as bad:
                self._blame = Blame.of(bad, "header", block, index)

    def _claim(self, block: Block) -> Item:
        placing, ordinal = self._placing, self._ordinal
        blame = self._blame or self._levels.blame
        if blame is not None:
            return placing.refused(blame.reason, blame.where, ordinal, block, 0)
        if self._levels.subscriber is None:
            return placing.refused("claim_without_subscriber", "2300 CLM", ordinal, block, 0)
        if block.cut:
            return placing.refused("too_large", "2300 CLM", ordinal, block, 0)
        draft = Draft(placing.separators.component, placing.zone)
        draft.claim.type = "institutional" if self._institutional else "professional"
        separator, index = placing.separators.element, -1
        try:
            for segment in block.segments:
                index += 1
                elements = segment.split(separator)
                step = _STEPS[draft.scope].get(elements[0])
                if step is not None:
                    step(draft, elements + PADDING)
            draft.finish()
            draft.loop = "2010"
            transaction = self._transaction(draft)
        except BadElement as bad:
            return placing.refused(bad.reason, f"{draft.loop} {bad.element}", ordinal, block, index)
        return placing.event(transaction, self._format, ordinal, block)

    def _transaction(self, draft: Draft) -> BillingTransaction:
        levels, parties, claim = self._levels, draft.parties, draft.claim
        claim.filing_indicator = levels.filing_indicator
        billing = levels.billing
        rendering = parties.get("rendering")
        if rendering is None and claim.type == "professional" and billing.entity == "1":
            rendering = billing
        others = [line.rendering_npi for line in draft.lines]
        return BillingTransaction(
            kind=_KINDS.get(claim.frequency, "claim_submitted"),
            occurred_at=self._created,
            recorded_at=self._created,
            claim=claim,
            patient=levels.patient(draft.record_number, draft.death),
            member=levels.member(),
            billing=_copy(billing),
            rendering=_copy(rendering),
            referring=parties.get("referring"),
            ordering=parties.get("ordering"),
            supervising=parties.get("supervising"),
            attending=parties.get("attending"),
            operating=parties.get("operating"),
            service_facility=parties.get("service_facility"),
            lines=draft.lines,
            amounts=draft.amounts,
            checks=self._checks + draft.checks + npi_checks([billing, *parties.values()], others),
        )


def _copy(party: Party | None) -> Party | None:
    """Return a party of the claim's own: the intake replaces identifiers in place."""
    return structs.replace(party) if party is not None else None
