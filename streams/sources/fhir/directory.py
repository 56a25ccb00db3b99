"""What a claim refers to: patients, providers and coverages that stand in the same resource or the same Bundle."""

from collections import ChainMap
from collections.abc import Iterable, MutableMapping
from hashlib import sha256

import msgspec
from msgspec import Raw

from detectors.events.billing import BilledPatient, Member, Party
from streams.sources.atna.values import short
from streams.sources.fhir.elements import (
    Code,
    Concept,
    Element,
    Identifier,
    Reference,
    Resource,
    day,
    identity,
    split_reference,
)

NPI = "http://hl7.org/fhir/sid/us-npi"
NPI_DIGITS = 10
_TAX_SYSTEMS = frozenset({"urn:oid:2.16.840.1.113883.4.4", "http://hl7.org/fhir/sid/us-ein"})
_TAX_TYPES = frozenset({"TAX", "EN"})
"""Identifier types of v2-0203: tax id number, employer number."""

_DESCRIBED = frozenset({"Patient", "Practitioner", "PractitionerRole", "Organization", "Coverage"})
_PATIENT_NUMBERS = ("MR", "PI")
_SEXES = {"male": "M", "female": "F", "other": "U", "unknown": "U"}


class Address(Element, kw_only=True, frozen=True):
    """A postal address."""

    state: Code = ""
    postal_code: str = ""


class HumanName(Element, kw_only=True, frozen=True):
    """A person's name."""

    family: str = ""
    given: tuple[str, ...] = ()


class Described(Resource, kw_only=True, frozen=True):
    """What is read of a Patient, Practitioner, Organization or Coverage."""

    identifier: tuple[Identifier, ...] = ()
    practitioner: Reference = Reference()
    birth_date: str = ""
    gender: str = ""
    deceased_date_time: str = ""
    address: tuple[Address, ...] = ()
    subscriber_id: Code = ""
    payor: tuple[Reference, ...] = ()
    relationship: Concept = Concept()


class _Person(Element, kw_only=True, frozen=True):
    name: tuple[HumanName, ...] = ()
    birth_date: str = ""
    gender: str = ""


class _Head(Element, kw_only=True, frozen=True):
    resource_type: str = ""
    id: str = ""


_head = msgspec.json.Decoder(_Head)
_described = msgspec.json.Decoder(Described)
_person = msgspec.json.Decoder(_Person)


class Directory:
    """Resources that describe others, found by reference.

    What cannot be read is not learnt: a claim is not refused for the sake of a resource beside it.
    """

    def __init__(self) -> None:
        self._known: MutableMapping[str, Described] = {}
        self._people: dict[str, str] = {}

    def __len__(self) -> int:
        """How many keys it has learnt itself."""
        return len(self._known.maps[0] if isinstance(self._known, ChainMap) else self._known)

    def extended(self) -> "Directory":
        """Return a directory that finds what is here too, and learns for itself only."""
        inner = Directory()
        inner._known = ChainMap({}, self._known)
        return inner

    def with_contained(self, contained: Iterable[Raw]) -> "Directory":
        """Return this directory with the resources that a resource contains, whose references begin with `#`."""
        contained = tuple(contained)
        if not contained:
            return self
        inner = Directory()
        # Looked through, not copied: a Bundle may have as many claims as resources beside them.
        inner._known = ChainMap({}, self._known)
        for resource in contained:
            inner.learn(resource, local=True)
        return inner

    def learn(self, resource: Raw, full_url: str = "", *, local: bool = False) -> None:
        """Remember a resource if it is one that others refer to."""
        try:
            head = _head.decode(resource)
            if head.resource_type not in _DESCRIBED:
                return
            found = _described.decode(resource)
            if local:
                self._known[f"#{head.id}"] = found
                if head.resource_type == "Patient":
                    self._people[f"#{head.id}"] = _fingerprint(_person.decode(resource))
                return
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return
        if head.id:
            self._known[f"{head.resource_type}/{head.id}"] = found
        if full_url:
            self._known[full_url] = found

    def find(self, reference: Reference) -> Described | None:
        """Return the resource that a reference names, if it is here."""
        literal = reference.reference
        if not literal:
            return None
        return self._known.get(literal) or self._known.get("/".join(split_reference(literal)))

    def ref_of_patient(self, reference: Reference, place: str) -> str:
        """Return who the patient is; a contained patient by number, else by a hash of name, birth date and sex.

        Raises:
            BadRecord: `too_long`.
        """
        literal = reference.reference
        if literal.startswith("#"):
            known = self._known.get(literal)
            numbers = known.identifier if known else ()
            chosen = next((one for one in numbers if one.type.code in _PATIENT_NUMBERS), None)
            value = (chosen or numbers[0]).value if numbers else ""
            if value or literal in self._people:
                return short(value or self._people[literal], place)
        return identity(reference, place)

    def patient(self, reference: Reference) -> BilledPatient | None:
        """Return the patient of a claim, None where nothing names one.

        Raises:
            BadRecord: `too_long`, `impossible_date`.
        """
        ref = self.ref_of_patient(reference, "patient")
        if not ref:
            return None
        patient = BilledPatient(ref=ref)
        known = self.find(reference)
        if known:
            patient.birth_date = day(known.birth_date, "Patient.birthDate")
            patient.sex = _SEXES.get(known.gender, "")  # type: ignore[assignment]  # of these literals
            patient.death_date = day(known.deceased_date_time, "Patient.deceasedDateTime")
            if known.address:
                zip3 = known.address[0].postal_code[:3]
                patient.zip3 = zip3 if zip3.isascii() and zip3.isdigit() else ""
                patient.state = known.address[0].state
        return patient

    def member(self, coverage: Reference | None, insurer: Reference) -> Member | None:
        """Return the insured: by the coverage's own number if it is here, else by the reference to it.

        Raises:
            BadRecord: `too_long`.
        """
        known = self.find(coverage) if coverage else None
        payer = identity(insurer, "insurer")
        if known is None:
            ref = identity(coverage, "insurance.coverage") if coverage else ""
            return Member(ref=ref, payer_id=payer) if ref or payer else None
        number = known.subscriber_id or (known.identifier[0].value if known.identifier else "")
        payor = identity(known.payor[0], "Coverage.payor") if known.payor else ""
        return Member(ref=number, payer_id=payer or payor, relationship=known.relationship.code)

    def party(self, reference: Reference, taxonomy: str = "") -> Party | None:
        """Return a provider or organisation: by NPI where one is known, None where nothing is said of it."""
        known = self.find(reference)
        if known and known.resource_type == "PractitionerRole" and not self._numbers(reference, known)[0]:
            return self.party(known.practitioner, taxonomy) if known.practitioner.reference else None
        npi, tax = self._numbers(reference, known)
        type_ = (known.resource_type if known else "") or reference.type or split_reference(reference.reference)[0]
        entity = {"Practitioner": "1", "PractitionerRole": "1", "Organization": "2"}.get(type_, "")
        address = known.address[0].postal_code[:10] if known and known.address else ""
        if not (npi or tax or entity or address or taxonomy):
            return None
        return Party(npi=npi, taxonomy=taxonomy, tin_ref=tax, entity=entity, zip=address)

    def npi(self, reference: Reference) -> str:
        """Return the NPI of a provider, "" where it is not known."""
        party = self.party(reference)
        return party.npi if party else ""

    @staticmethod
    def _numbers(reference: Reference, known: Described | None) -> tuple[str, str]:
        npi = tax = ""
        for identifier in (reference.identifier, *(known.identifier if known else ())):
            if identifier.system == NPI and len(identifier.value) == NPI_DIGITS and identifier.value.isdigit():
                npi = npi or identifier.value
            elif identifier.system in _TAX_SYSTEMS or identifier.type.code in _TAX_TYPES:
                tax = tax or identifier.value
        return npi, tax


def _fingerprint(person: _Person) -> str:
    """Return a stable name for a patient without a number; "" for one of whom nothing is said."""
    names = [part for name in person.name[:1] for part in (name.family, *name.given)]
    parts = [part.casefold().strip() for part in (*names, person.birth_date, person.gender)]
    return sha256("\x1f".join(parts).encode()).hexdigest() if any(parts) else ""
