"""From visits, findings and ledger entries to records: what goes to which partition, in which parcel. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

import msgspec
from msgspec import Raw, Struct

from alerting.feedback.teaching import TakeVerdict
from alerting.ledger import LedgerEntry
from detectors.finding import Finding
from detectors.retraction import Retraction
from detectors.visit import INTAKE, Batch, StageName, Visit
from streams.emit import Outgoing
from streams.partition import partition_of
from streams.records import DeadLetter
from streams.topics import DEADLETTERS, FINDINGS, LEDGER, TopicPlan

PARCEL_BYTES = 512 * 1024
"""A parcel is closed at this size: large enough to make the cost of a record vanish, small enough to stay in caches.

One batch is never split (its marks would take the second part for a redelivery), so a parcel may be larger by what one
upstream parcel of this size gains at a stop: notes and signals. `TopicPlan.maximum_bytes` leaves room for that.
"""

FINDINGS_PER_RECORD = 200
"""A finding has a few kilobytes at most, so a record of them stays below `TopicPlan.maximum_bytes`."""

_VISIT_OVERHEAD = 400
"""Bytes of a fresh visit beside its data: ids, stops and times. An estimate, for closing parcels only."""

_RECORD_OVERHEAD = 1024
"""Bytes that Kafka adds to one record and its batch, rounded up."""

_encoder = msgspec.msgpack.Encoder()


class _Words(Struct, omit_defaults=True):
    """A record of the findings topic about findings of earlier ones: a map, where findings are a list."""

    retractions: list[Retraction] = []
    verdicts: list[TakeVerdict] = []


_findings_decoder = msgspec.msgpack.Decoder(list[Finding] | _Words)
_entries_decoder = msgspec.msgpack.Decoder(list[LedgerEntry])

Address = tuple[StageName, int]


def from_intake(visits: Iterable[Visit], plan: TopicPlan) -> list[Outgoing]:
    """Return the parcels that take fresh visits to their first stop, in their order within each partition."""
    by_address: dict[Address, list[Visit]] = defaultdict(list)
    for visit in visits:
        by_address[_address(visit, plan)].append(visit)
    return [
        _parcel(address, [_encoder.encode(Batch(INTAKE, 0, part))], plan)
        for address, visiting in by_address.items()
        for part in _parts(visiting)
    ]


def onward(batches: Sequence[Batch], plan: TopicPlan) -> tuple[list[Outgoing], list[Batch]]:
    """Return the parcels that take visits from one stop to the next, and the batches too large for any record.

    Each destination partition gets one batch per origin and offset, whatever the steps that it came out of, so that
    after a crash the same batches come again and are recognised.
    """
    by_address: dict[Address, dict[tuple[int, int], Batch]] = defaultdict(dict)
    for batch in batches:
        for visit in batch.visits:
            bound = by_address[_address(visit, plan)]
            mark = batch.origin, batch.offset
            if mark not in bound:
                bound[mark] = Batch(batch.origin, batch.offset, [])
            bound[mark].visits.append(visit)
    records: list[Outgoing] = []
    too_large: list[Batch] = []
    for address, bound in by_address.items():
        parcel: list[bytes] = []
        for batch in bound.values():
            encoded = _encoder.encode(batch)
            if len(encoded) + _RECORD_OVERHEAD > plan.maximum_bytes:
                too_large.append(batch)
                continue
            if parcel and sum(map(len, parcel)) + len(encoded) > PARCEL_BYTES:
                records.append(_parcel(address, parcel, plan))
                parcel = []
            parcel.append(encoded)
        if parcel:
            records.append(_parcel(address, parcel, plan))
    return records, too_large


def of_findings(findings: Iterable[Finding], plan: TopicPlan) -> list[Outgoing]:
    """Return the records that take findings to the desk, those of one entity in their order."""
    by_partition: dict[int, list[Finding]] = defaultdict(list)
    for finding in findings:
        by_partition[partition_of(finding.entity.ref, plan.partitions)].append(finding)
    return [
        Outgoing(plan.name(FINDINGS), partition, None, _encoder.encode(found[start : start + FINDINGS_PER_RECORD]))
        for partition, found in by_partition.items()
        for start in range(0, len(found), FINDINGS_PER_RECORD)
    ]


def of_retractions(retractions: Iterable[Retraction], plan: TopicPlan) -> list[Outgoing]:
    """Return the records that take retractions to the desk, in the partitions of their findings and so after them."""
    by_partition: dict[int, list[Retraction]] = defaultdict(list)
    for retraction in retractions:
        by_partition[partition_of(retraction.entity.ref, plan.partitions)].append(retraction)
    return [
        Outgoing(
            plan.name(FINDINGS),
            partition,
            None,
            _encoder.encode(_Words(taken[start : start + FINDINGS_PER_RECORD])),
        )
        for partition, taken in by_partition.items()
        for start in range(0, len(taken), FINDINGS_PER_RECORD)
    ]


def of_verdicts(verdicts: Sequence[TakeVerdict], plan: TopicPlan) -> list[Outgoing]:
    """Return the record that takes verdicts of other systems to the desk, if there are any."""
    return [Outgoing(plan.name(FINDINGS), 0, None, _encoder.encode(_Words(verdicts=[*verdicts])))] if verdicts else []


def of_entries(entries: Iterable[LedgerEntry], plan: TopicPlan) -> list[Outgoing]:
    """Return the records of ledger entries; those of one partition stay in their order, as counting requires."""
    by_partition: dict[int, list[LedgerEntry]] = defaultdict(list)
    for entry in entries:
        if entry.rows:
            by_partition[entry.partition % plan.partitions].append(entry)
    return [
        Outgoing(plan.name(LEDGER), partition, None, _encoder.encode(counted))
        for partition, counted in by_partition.items()
    ]


def of_letters(letters: Iterable[DeadLetter], plan: TopicPlan) -> list[Outgoing]:
    """Return the records of dead letters, one each, so that one can be replayed alone."""
    topic = plan.name(DEADLETTERS)
    return [
        Outgoing(topic, partition_of(letter.id, plan.partitions), letter.key, letter.encode()) for letter in letters
    ]


def decode_findings(value: bytes) -> list[Finding]:
    """Decode the findings of a record of the findings topic; none where it withdraws some.

    Raises:
        msgspec.MsgspecError: where it holds neither.
    """
    return [item for item in decode_found(value) if isinstance(item, Finding)]


def decode_found(value: bytes) -> list[Finding | Retraction | TakeVerdict]:
    """Decode a record of the findings topic: findings, or retractions of earlier ones and verdicts on them.

    Raises:
        msgspec.MsgspecError: where it holds neither.
    """
    decoded = _findings_decoder.decode(value)
    return [*decoded.retractions, *decoded.verdicts] if isinstance(decoded, _Words) else [*decoded]


def decode_entries(value: bytes) -> list[LedgerEntry]:
    """Decode a record of the ledger topic.

    Raises:
        msgspec.MsgspecError: where it holds no entries.
    """
    return _entries_decoder.decode(value)


def _address(visit: Visit, plan: TopicPlan) -> Address:
    stop = visit.stop
    return stop.stage, partition_of(stop.ref, plan.partitions)


def _parts(visits: list[Visit]) -> Iterator[list[Visit]]:
    """Cut fresh visits into parts of about a parcel each; the intake marks none of them, so it may be cut anywhere."""
    part: list[Visit] = []
    size = 0
    for visit in visits:
        weight = len(visit.data) + _VISIT_OVERHEAD
        if part and size + weight > PARCEL_BYTES:
            yield part
            part, size = [], 0
        part.append(visit)
        size += weight
    if part:
        yield part


def _parcel(address: Address, batches: Sequence[bytes], plan: TopicPlan) -> Outgoing:
    """Return a parcel (`detectors.visit.encode_parcel`) of batches that are encoded already."""
    stage, partition = address
    return Outgoing(plan.stage(stage), partition, None, _encoder.encode([Raw(batch) for batch in batches]))
