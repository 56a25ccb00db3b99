"""Reads FHIR R4: single resources, Bundles and NDJSON become events, everything else is refused with a reason."""

import re
import zlib
from collections.abc import Callable, Iterator
from hashlib import sha256
from itertools import chain
from typing import BinaryIO, Literal, TypeVar

import msgspec
from msgspec import Raw

from detectors.events import AccessEvent, BadRecord, Data, Event, event_id, event_type
from detectors.events.nesting import nests_deeper
from streams.sources.api import Item, Origin
from streams.sources.atna.values import refused
from streams.sources.fhir.audit_event import AuditEvent, accesses
from streams.sources.fhir.benefit import (
    ClaimResponse,
    ExplanationOfBenefit,
    transaction_of_benefit,
    transaction_of_response,
)
from streams.sources.fhir.bundle import entries
from streams.sources.fhir.claim import ClaimResource, transaction_of_claim
from streams.sources.fhir.directory import Directory
from streams.sources.fhir.elements import Resource
from streams.sources.fhir.names import RESOURCE_TYPES
from streams.sources.fhir.payments import Invoice, PaymentReconciliation, invoice_transactions, settlements
from streams.sources.fhir.refusal import reason_of
from streams.sources.fhir.stream import Document, decompressed, documents
from streams.sources.fhir.visits import Appointment, Encounter, appointment_contexts, encounter_context
from streams.sources.limits import SourceLimits

Keyed = Iterator[tuple[Data, str | None]]
"""Data and their natural keys; None where a record has no id of its own."""

Mapper = Callable[[Raw, Directory, Origin, int], Keyed]


class _Head(msgspec.Struct, rename="camel"):
    resource_type: str = ""


class _Entry(msgspec.Struct, rename="camel"):
    full_url: str = ""
    resource: Raw = Raw()


class _Bundle(msgspec.Struct):
    type: Literal[
        "document", "message", "transaction", "transaction-response", "batch", "batch-response", "history",
        "searchset", "collection",
    ]  # fmt: skip
    entry: tuple[_Entry, ...] = ()


_head = msgspec.json.Decoder(_Head)
_bundle = msgspec.json.Decoder(_Bundle)
_entry = msgspec.json.Decoder(_Entry)
_NOTHING = (b"", b"null")

R = TypeVar("R", bound=Resource)


def _one(resource_type: type[R], map_one: Callable[[R, Directory, Origin, int], Data]) -> Mapper:
    """Return the mapper of a resource that becomes one event."""
    return _many(resource_type, lambda *arguments: iter((map_one(*arguments),)))


def _many(resource_type: type[R], map_all: Callable[[R, Directory, Origin, int], Iterator[Data]]) -> Mapper:
    """Return the mapper of a resource that becomes several events."""
    decoder = msgspec.json.Decoder(resource_type)

    def mapped(payload: Raw, directory: Directory, origin: Origin, ordinal: int) -> Keyed:
        resource = decoder.decode(payload)
        # A claim or a visit changes: another version is another event, the same content again is not.
        version = resource.meta.version_id if resource.id and resource.meta.version_id else canonical_digest(payload)
        name = f"{resource.resource_type}/{resource.id}\x1f{version}"
        for number, data in enumerate(map_all(resource, directory, origin, ordinal)):
            yield data, f"{name}\x1f{number}" if number else name

    return mapped


def _audit_event() -> Mapper:
    decoder = msgspec.json.Decoder(AuditEvent)

    def mapped(payload: Raw, _: Directory, origin: Origin, ordinal: int) -> Keyed:
        yield from accesses(decoder.decode(payload), origin, ordinal)

    return mapped


MAPPERS: dict[str, Mapper] = {
    "Appointment": _many(Appointment, lambda resource, *_: appointment_contexts(resource)),
    "AuditEvent": _audit_event(),
    "Claim": _one(ClaimResource, transaction_of_claim),
    "ClaimResponse": _one(ClaimResponse, transaction_of_response),
    "Encounter": _one(Encounter, lambda resource, *_: encounter_context(resource)),
    "ExplanationOfBenefit": _one(ExplanationOfBenefit, transaction_of_benefit),
    "Invoice": _many(Invoice, invoice_transactions),
    "PaymentReconciliation": _many(PaymentReconciliation, settlements),
}
"""Resource type to what makes events of it."""


_USUAL = SourceLimits()

MOST_DESCRIBED = 20_000
"""Patients, providers and coverages of a Bundle that is read entry by entry: they are held while it is read."""


def read_fhir(
    stream: BinaryIO, origin: Origin, limits: SourceLimits = _USUAL, providers: Directory | None = None
) -> Iterator[Item]:
    """Yield the events of a file of FHIR R4 JSON: a resource, a Bundle, or NDJSON; gzip is recognised.

    Never raises for what is in the stream. What carries nothing for us is refused as `unsupported_resource`. Of the
    limits only the depth counts, that of each resource; how large a document may be is `LARGEST_DOCUMENT`. A Bundle
    may be larger where the stream can be read twice. `providers` are known from other files (`learn_providers`).
    """
    beside = _EMPTY if providers is None else providers
    start = stream.tell() if stream.seekable() else None
    found = documents(stream)
    first = next(found, None)
    if first is not None and start is not None and _may_be_large_bundle(first):
        stream.seek(start)
        directory = _directory_of(stream, beside)
        stream.seek(start)
        if directory is not None:
            yield from _large_bundle(stream, directory, origin, limits)
            return
        found = documents(stream)
        first = next(found, None)
    ordinal = 0
    for document in chain([first] if first else [], found):
        if document.refusal:
            yield refused(document.refusal, document.place, document.payload)
            continue
        try:
            resources = _resources(document.payload, document.place, beside)
        except _UNREADABLE as error:
            yield refused(reason_of(error), document.place, document.payload)
            continue
        for payload, place, directory in resources:
            ordinal += 1
            if nests_deeper(bytes(payload), limits.depth):
                yield refused(BadRecord("too_deep"), place, bytes(payload))
            else:
                yield from _mapped(payload, place, directory, origin, ordinal)


def _may_be_large_bundle(document: Document) -> bool:
    is_too_large = document.refusal is not None and document.refusal.reason == "too_large"
    return is_too_large and _BUNDLE.search(document.payload) is not None


def _directory_of(stream: BinaryIO, beside: Directory) -> Directory | None:
    """Return who is described in a Bundle, None where it cannot be read to its end or describes too many."""
    directory, described = beside.extended(), 0
    try:
        for written in entries(decompressed(stream)):
            entry, known = _entry.decode(written), len(directory)
            directory.learn(entry.resource, entry.full_url)
            described += len(directory) > known  # each by its id, and by its URL
            if described > MOST_DESCRIBED:
                return None
    except _UNREADABLE:
        return None
    return directory


def _large_bundle(stream: BinaryIO, directory: Directory, origin: Origin, limits: SourceLimits) -> Iterator[Item]:
    """Yield what a Bundle holds that was read to its end before."""
    ordinal = 0
    for number, written in enumerate(entries(decompressed(stream)), 1):
        payload, place = _entry.decode(written).resource, f"file, entry {number}"
        if bytes(payload) in _NOTHING:
            continue
        ordinal += 1
        if nests_deeper(bytes(payload), limits.depth):
            yield refused(BadRecord("too_deep"), place, bytes(payload))
        else:
            yield from _mapped(payload, place, directory, origin, ordinal)


def looks_like_fhir(head: bytes) -> bool:
    """Whether a file that begins so is FHIR JSON; gzip is looked into."""
    if head.startswith(b"\x1f\x8b"):
        try:
            head = zlib.decompressobj(16 + zlib.MAX_WBITS).decompress(head, 65_536)
        except zlib.error:
            return False
    head = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    return head.startswith(b"{") and _RESOURCE_TYPE.search(head) is not None


_BUNDLE = re.compile(rb'"resourceType"\s*:\s*"Bundle"')
_EMPTY = Directory()
_UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, BadRecord)
_RESOURCE_TYPE = re.compile(rb'"resourceType"\s*:\s*"[A-Z][A-Za-z]+"')


def canonical_digest(payload: Raw) -> str:
    """Return a hash of JSON that spacing and the order of members do not change."""
    return sha256(msgspec.json.encode(msgspec.json.decode(payload), order="deterministic")).hexdigest()


def _resources(payload: bytes, place: str, beside: Directory) -> list[tuple[Raw, str, Directory]]:
    """Return a resource, or those of a Bundle, each with where it stood and what stands beside it."""
    whole = Raw(payload)
    if not _BUNDLE.search(payload) or _type_of(whole) != "Bundle":
        return [(whole, place, beside)]
    directory = beside.extended()
    entries = [
        (number, entry)
        for number, entry in enumerate(_bundle.decode(whole).entry, 1)
        # Answers and deletions are entries without a resource.
        if bytes(entry.resource) not in _NOTHING
    ]
    for _, entry in entries:
        directory.learn(entry.resource, entry.full_url)
    return [(entry.resource, f"{place}, entry {number}", directory) for number, entry in entries]


def _mapped(payload: Raw, place: str, directory: Directory, origin: Origin, ordinal: int) -> Iterator[Item]:
    try:
        if b"\\u0000" in bytes(payload):
            raise BadRecord("control_character", "NUL")
        name = _type_of(payload)
        mapper = MAPPERS.get(name)
        if mapper is None:
            raise BadRecord(*_why_not(name))
        # All of a record or nothing of it: a record is refused before an event of it has left.
        keyed = list(mapper(payload, directory, origin, ordinal))
        # Once for the record, which may name thousands of patients.
        digest = canonical_digest(payload) if any(key is None for _, key in keyed) else ""
        events = [_event(data, _by_content(data, digest) if key is None else key, origin) for data, key in keyed]
    except _UNREADABLE as error:
        yield refused(reason_of(error), place, bytes(payload))
        return
    yield from events


def _type_of(payload: Raw) -> str:
    return _head.decode(payload).resource_type


def _why_not(name: str) -> tuple[str, str]:
    if name == "Bundle":
        return "nested_bundle", name
    if name in RESOURCE_TYPES:
        return "unsupported_resource", name
    return ("unknown_resource", "resourceType") if name else ("not_fhir", "resourceType")


def _by_content(data: Data, digest: str) -> str:
    key = f"digest\x1f{digest}"
    return f"{key}\x1f{data.patient.ref}" if isinstance(data, AccessEvent) and data.patient else key


def _event(data: Data, key: str, origin: Origin) -> Event:
    # Client and server report one request from two sources.
    system = "" if key.startswith("x-request-id\x1f") else origin.source
    return Event(id=event_id(system, key), source=origin.source, type=event_type(data), time=_time_of(data), data=data)


def _time_of(data: Data) -> float:
    moment = getattr(data, "occurred_at", None) or getattr(data, "admit_at", None) or getattr(data, "start", None)
    return moment.timestamp() if moment else 0.0
