"""From the stages' topics into the archive: rows first, offsets afterwards, so that nothing is missed and all is once.

Parcels for the patients' stage hold every access to a record, by token and before any rule looks at it; those for the
users' stage hold it again, together with what explains it.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol

import aiokafka  # type: ignore[import-untyped]  # has no py.typed
import msgspec
from aiokafka.errors import CommitFailedError, KafkaError  # type: ignore[import-untyped]  # has no py.typed
from msgspec import UNSET, Struct, UnsetType
from sqlalchemy.exc import SQLAlchemyError

from alerting.archive import Access, Gap, Merge
from detectors.visit import Visit, decode_parcel
from streams.security import KafkaSecurity
from streams.topics import TopicPlan

_log = logging.getLogger(__name__)

ACCESS = "org.wardwatch.phi.access.v1"
PATIENT_CONTEXT = "org.wardwatch.context.patient.v1"

GROUP = "wardwatch-archive"
BATCH_RECORDS = 50
"""Parcels of half a megabyte at most, a few thousand accesses each at the very most."""
POLL_SECONDS = 1.0
SESSION_MILLISECONDS = 6_000
"""After a kill the others go on this much later; the least that brokers allow (`group.min.session.timeout.ms`)."""
FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30.0

DISCLOSING = frozenset({"disclose", "transmit"})
"""Actions with which something leaves the organisation (domain.md §1.3)."""


class _Actor(Struct):
    id: str
    type: str = "human"
    dept: str = ""
    roles: list[str] = []


class _Patient(Struct):
    ref: str


class _Resource(Struct):
    type: str = ""


class _Purpose(Struct):
    code: str = ""


class _Access(Struct):
    """The part of an access event that is archived."""

    action: str
    actor: _Actor
    outcome: str = "success"
    patient: _Patient | None = None
    resource: _Resource | None = None
    purpose: _Purpose | None = None


class _Context(Struct):
    patient_ref: str
    merged_into: str | UnsetType | None = UNSET


_accesses = msgspec.msgpack.Decoder(_Access)
_contexts = msgspec.msgpack.Decoder(_Context)


class Archive(Protocol):
    """What this needs of `alerting.archive.Archive`."""

    def add(self, accesses: Sequence[Access], merges: Sequence[Merge] = ()) -> None:
        """Add what is not there yet."""

    def note_gap(self, gap: Gap) -> None:
        """Write down what can never be read."""


class Observer(Protocol):
    """Is told what the archive does, once a batch."""

    def archived(self, accesses: int) -> None:
        """So many accesses are in the archive, new or known."""

    def undecodable(self, n: int) -> None:
        """So many records or events are none of ours."""

    def failed(self, kind: str) -> None:
        """A batch could not be written or committed; it is tried again."""

    def gap(self, records: int) -> None:
        """So many records were deleted before they could be read."""

    def waiting(self, records: int) -> None:
        """So many records wait to be read."""

    def alive(self) -> None:
        """The archive has looked for records."""


class Taken(Struct):
    """What a batch of records held."""

    accesses: list[Access] = []
    merges: list[Merge] = []
    strange: int = 0


def taken_from(values: Iterable[bytes | None]) -> Taken:
    """Return what is to be archived of records of the stages' topics; what cannot be read is counted."""
    taken = Taken([], [], 0)
    for value in values:
        try:
            batches = decode_parcel(value or b"")
        except msgspec.MsgspecError:
            taken.strange += 1
            continue
        for visit in (visit for batch in batches for visit in batch.visits):
            _take(visit, taken)
    return taken


def _take(visit: Visit, taken: Taken) -> None:
    try:
        if visit.type == ACCESS:
            access = _accesses.decode(visit.data)
            if access.patient is not None:
                taken.accesses.append(_row(visit, access, access.patient.ref))
        elif visit.type == PATIENT_CONTEXT:
            context = _contexts.decode(visit.data)
            if context.merged_into is not UNSET:
                merge = Merge(patient=context.patient_ref, into=context.merged_into or "", at=visit.time)
                taken.merges.append(merge)
    except msgspec.MsgspecError:
        taken.strange += 1


def _row(visit: Visit, access: _Access, patient: str) -> Access:
    explained = visit.notes.get("rel.explained")
    has_passed = visit.stop.stage != "patient"
    return Access(
        event_id=visit.id,
        patient=patient,
        actor=access.actor.id,
        actor_type=access.actor.type,
        at=visit.time,
        action=access.action,
        department=access.actor.dept,
        role=access.actor.roles[0] if access.actor.roles else "",
        outcome=access.outcome,
        purpose=access.purpose.code if access.purpose else "",
        resource=access.resource.type if access.resource else "",
        source=visit.source,
        disclosed=access.action in DISCLOSING,
        explained=bool(explained) if has_passed and visit.notes.get("rel.context_ok") else None,
    )


class Archivist:
    """Reads the stages' topics and fills the archive, until told to stop.

    Args:
        bootstrap: addresses of brokers, with commas between them.
        plan: the topics.
        archive: where rows go.
        observer: is told what happens.
        clock: gives the time in seconds since the epoch.
        security: how to speak with the brokers.
    """

    def __init__(
        self,
        bootstrap: str,
        plan: TopicPlan,
        archive: Archive,
        *,
        observer: Observer,
        clock: Callable[[], float],
        security: KafkaSecurity,
    ) -> None:
        self._bootstrap = bootstrap
        self._plan = plan
        self._archive = archive
        self._observer = observer
        self._clock = clock
        self._security = security

    async def run(self, stop: asyncio.Event) -> None:
        """Archive until told to stop; a broker or database that is away is waited for."""
        pause = FIRST_PAUSE_SECONDS
        while not stop.is_set():
            try:
                await self._follow(stop)
            except (KafkaError, OSError) as error:
                self._observer.failed(type(error).__name__)
                _log.warning("The broker cannot be read, trying again: %s", type(error).__name__)
                await _rest(stop, pause)
                pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
            else:
                pause = FIRST_PAUSE_SECONDS

    async def _follow(self, stop: asyncio.Event) -> None:
        consumer = aiokafka.AIOKafkaConsumer(
            self._plan.stage("patient"),
            self._plan.stage("user"),
            bootstrap_servers=self._bootstrap.split(","),
            client_id="wardwatch-archive",
            group_id=self._plan.name(GROUP),
            auto_offset_reset="earliest",
            enable_auto_commit=False,
            session_timeout_ms=SESSION_MILLISECONDS,
            heartbeat_interval_ms=SESSION_MILLISECONDS // 3,
            max_partition_fetch_bytes=self._plan.maximum_bytes,
            **self._security.for_aiokafka(),
        )
        await consumer.start()
        checked: set[Any] = set()
        try:
            while not stop.is_set():
                self._observer.alive()
                fetched = await consumer.getmany(timeout_ms=round(POLL_SECONDS * 1_000), max_records=BATCH_RECORDS)
                new = consumer.assignment() - checked
                checked = checked & consumer.assignment() | new
                for place in new:
                    await self._look_for_gap(consumer, place)
                if fetched and await self._stored(fetched, stop):
                    await self._commit(consumer, fetched)
                self._observer.waiting(await _behind(consumer))
        finally:
            await consumer.stop()

    async def _stored(self, fetched: Mapping[Any, Sequence[Any]], stop: asyncio.Event) -> bool:
        """Write what was fetched, however long the database is away; return whether it is written."""
        taken = taken_from(record.value for records in fetched.values() for record in records)
        if taken.strange:
            _log.error("%d records or events are none of ours", taken.strange)
            self._observer.undecodable(taken.strange)
        pause = FIRST_PAUSE_SECONDS
        while not stop.is_set():
            try:
                await asyncio.to_thread(self._archive.add, taken.accesses, taken.merges)
            except (SQLAlchemyError, OSError) as error:
                self._observer.failed(type(error).__name__)
                _log.warning("The archive cannot be written, trying again: %s", type(error).__name__)
                await _rest(stop, pause)
                pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
            else:
                self._observer.archived(len(taken.accesses))
                return True
        return False

    async def _commit(self, consumer: Any, fetched: Mapping[Any, Sequence[Any]]) -> None:  # noqa: ANN401 - untyped
        """Say how far it is written; where others have the partition now, they write the same rows again."""
        try:
            await consumer.commit({place: records[-1].offset + 1 for place, records in fetched.items()})
        except CommitFailedError as error:
            self._observer.failed(type(error).__name__)

    async def _look_for_gap(self, consumer: Any, place: Any) -> None:  # noqa: ANN401 - untyped
        """Write down what the broker has deleted since the archive last read a partition."""
        committed = await consumer.committed(place)
        if committed is None:
            return  # it begins here
        first = (await consumer.beginning_offsets([place]))[place]
        if first > committed:
            gap = Gap(
                topic=place.topic,
                partition=place.partition,
                first_offset=committed,
                records=first - committed,
                seen_at=self._clock(),
            )
            _log.error("The archive misses %d records of %s: it was away for too long", gap.records, gap.topic)
            self._observer.gap(gap.records)
            await asyncio.to_thread(self._archive.note_gap, gap)


async def _behind(consumer: Any) -> int:  # noqa: ANN401 - untyped
    """Return how many records wait in the partitions that this process reads, as far as their brokers have said."""
    behind = 0
    for place in consumer.assignment():
        end = consumer.highwater(place)
        if end is not None:
            behind += max(0, end - await consumer.position(place))
    return behind


async def _rest(stop: asyncio.Event, seconds: float) -> None:
    """Wait, but not after being told to stop."""
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return
