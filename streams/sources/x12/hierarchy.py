"""The levels above the claims of an 837: billing provider (2000A), subscriber (2000B), dependent patient (2000C)."""

import datetime
from collections.abc import Callable
from typing import Literal

from msgspec import Struct

from detectors.events.billing import BilledPatient, Member, Party
from streams.sources.x12.placing import LONGEST_REFERENCE, Blame, Block, Placing
from streams.sources.x12.values import PADDING, BadElement, day, required

SELF = "18"
"""SBR02, PAT01: the patient is the subscriber (X12 element 1069)."""

TAX_NUMBERS = frozenset({"24", "34", "FI", "SY", "EI"})
"""Qualifiers of NM108, N103 and REF01 of a tax number: employer's, social security, federal."""

Sex = Literal["", "F", "M", "U"]
_SEXES: dict[str, Sex] = {"": "", "F": "F", "M": "M"}


class Person(Struct):
    """A subscriber or a dependent, as far as the levels say."""

    member_id: str = ""
    given_name: str = ""
    relationship: str = ""
    birth: datetime.date | None = None
    death: datetime.date | None = None
    sex: Sex = ""
    zip: str = ""
    state: str = ""


class Levels:
    """What the claims that follow stand under; each HL segment replaces its level and empties those below."""

    def __init__(self) -> None:
        self.billing = Party()
        self.subscriber: Person | None = None
        self.dependent: Person | None = None
        self.filing_indicator = ""
        self.payer_id = ""
        self.blame: Blame | None = None
        self._blames: dict[str, Blame] = {}
        self._ids = {"20": "", "22": ""}
        self._person = Person()
        self._entity = ""

    def read(self, block: Block, placing: Placing) -> None:
        """Read the block of one HL segment."""
        element, index = placing.separators.element, -1
        header = block.segments[0].split(element) + PADDING
        level = header[3]
        try:
            self._enter(level, header)
            for segment in block.segments:
                index += 1
                elements = segment.split(element)
                step = _STEPS.get(elements[0])
                if step is not None:
                    step(self, elements + PADDING)
            if block.cut:
                raise BadElement("too_large", "HL01")
        except BadElement as bad:
            self._blames[level] = Blame.of(bad, _LOOPS.get(level, "HL"), block, max(index, 0))
        self.blame = next(iter(self._blames.values()), None)

    def _enter(self, level: str, header: list[str]) -> None:
        """Begin a level; those below it end."""
        for below in _BELOW.get(level, ("20", "22", "23")):
            self._blames.pop(below, None)
        self._entity = ""
        if level == "20":
            self.billing, self.subscriber, self.dependent = Party(), None, None
        elif level == "22":
            self._person = self.subscriber = Person()
            self.dependent = None
            self.filing_indicator = self.payer_id = ""
        elif level == "23":
            self._person = self.dependent = Person()
        else:
            raise BadElement("unknown_level", "HL03")
        if level in self._ids:
            self._ids[level] = required(header, 1)
        if level != "20" and header[2] != self._ids["20" if level == "22" else "22"]:
            raise BadElement("wrong_parent", "HL02")

    def member(self) -> Member | None:
        """Return the insured person."""
        subscriber = self.subscriber or Person()
        relationship = (self.dependent or subscriber).relationship
        if not (subscriber.member_id or self.payer_id or relationship):
            return None
        return Member(ref=subscriber.member_id, payer_id=self.payer_id, relationship=relationship)

    def patient(self, record_number: str, death: datetime.date | None) -> BilledPatient | None:
        """Return the patient: by medical record number where the claim has one, else by membership; else none.

        A dependent has no number of its own in 5010: the subscriber's, birth date, sex and given name stand for it.
        """
        person = self.dependent or self.subscriber or Person()
        ref = record_number or self._membership(person)
        if not ref:
            return None
        if len(ref) > LONGEST_REFERENCE:
            raise BadElement("too_long", "NM109")
        return BilledPatient(
            ref=ref,
            birth_date=person.birth,
            sex=person.sex,
            death_date=person.death or death,
            zip3=person.zip[:3],
            state=person.state,
        )

    def _membership(self, person: Person) -> str:
        if person.member_id:
            return f"member:{person.member_id}"
        if self.subscriber is None or not self.subscriber.member_id or person is self.subscriber:
            return ""
        birth = person.birth.isoformat() if person.birth else ""
        return ":".join(("member", self.subscriber.member_id, birth, person.sex, person.given_name.upper()))

    def _provider(self, elements: list[str]) -> None:
        if elements[1] == "BI":
            self.billing.taxonomy = elements[3]

    def _name(self, elements: list[str]) -> None:
        self._entity = elements[1]
        if self._entity == "85":
            identify(self.billing, elements)
        elif self._entity in ("IL", "QC"):
            self._person.member_id, self._person.given_name = elements[9], elements[4]
        elif self._entity == "PR":
            self.payer_id = elements[9]

    def _place(self, elements: list[str]) -> None:
        if self._entity == "85":
            self.billing.zip = elements[3]
        elif self._entity in ("IL", "QC"):
            self._person.zip, self._person.state = elements[3], elements[2]

    def _reference(self, elements: list[str]) -> None:
        if self._entity == "85" and elements[1] in TAX_NUMBERS:
            self.billing.tin_ref = elements[2]

    def _demographics(self, elements: list[str]) -> None:
        if self._entity in ("IL", "QC"):
            self._person.birth = day(elements, 2)
            self._person.sex = _SEXES.get(elements[3], "U")

    def _subscriber(self, elements: list[str]) -> None:
        self._person.relationship, self.filing_indicator = elements[2], elements[9]

    def _patient(self, elements: list[str]) -> None:
        self._person.relationship = elements[1] or self._person.relationship
        if elements[5] == "D8":
            self._person.death = day(elements, 6)


def identify(party: Party, elements: list[str]) -> Party:
    """Give a party what its NM1 segment says: kind, and NPI or tax number by the qualifier of the number."""
    party.entity = elements[2]
    if elements[8] == "XX":
        party.npi = elements[9]
    elif elements[8] in TAX_NUMBERS:
        party.tin_ref = elements[9]
    return party


_BELOW = {"20": ("20", "22", "23"), "22": ("22", "23"), "23": ("23",)}
_LOOPS = {"20": "2000A", "22": "2000B", "23": "2000C"}
_STEPS: dict[str, Callable[[Levels, list[str]], None]] = {
    "PRV": Levels._provider,
    "NM1": Levels._name,
    "N4": Levels._place,
    "REF": Levels._reference,
    "DMG": Levels._demographics,
    "SBR": Levels._subscriber,
    "PAT": Levels._patient,
}
