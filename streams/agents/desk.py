"""The agents before the desk: findings and ledger entries are stored, however long it takes, then acknowledged."""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from typing import Generic, Protocol, TypeAlias, TypeVar, overload

import msgspec
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from alerting.commands import RecordFindings, RecordLedger, RetractFindings
from alerting.feedback.teaching import TakeVerdict
from alerting.ledger import LedgerEntry
from detectors.finding import Finding
from detectors.retraction import Retraction
from streams.agents.received import Events, letter_of_record, records_of
from streams.emit import Outlet
from streams.guard import describe
from streams.observer import Observer
from streams.parcels import decode_entries, decode_found, of_letters
from streams.records import DeadLetter, SourceRecord
from streams.topics import TopicPlan

logger = logging.getLogger(__name__)

Found: TypeAlias = Finding | Retraction | TakeVerdict
Item = TypeVar("Item", Found, LedgerEntry)

UNDECODABLE = "desk_undecodable"
REFUSED = "desk_refused"

AWAY = (OperationalError, InterfaceError, PoolTimeoutError, OSError)
"""Errors that say that the database cannot be reached, is locked or is going down: waiting helps."""

REFUSALS = 3
"""Attempts after which an error of any other kind counts as a refusal: it is a fault, ours or of the data."""

FIRST_PAUSE_SECONDS = 0.25
LONGEST_PAUSE_SECONDS = 15.0

_encoder = msgspec.msgpack.Encoder()


class Desk(Protocol):
    """What the agents need of `alerting.desk.Desk`: synchronous, and idempotent by finding id and by offset."""

    @overload
    def handle(self, command: RecordFindings) -> object: ...
    @overload
    def handle(self, command: RetractFindings) -> object: ...
    @overload
    def handle(self, command: RecordLedger) -> object: ...
    @overload
    def handle(self, command: TakeVerdict) -> object: ...
    def handle(self, command: RecordFindings | RetractFindings | RecordLedger | TakeVerdict) -> object:
        """Store what the command holds, in one transaction."""


class DeskAgent(Generic[Item]):
    """Hands the items of a batch to the desk in one command, and waits while the database is away.

    What the desk refuses although the database is there is tried item by item; what it then still refuses becomes a
    dead letter, so that one bad finding does not hold up all others.
    """

    def __init__(
        self,
        name: str,
        decode: Callable[[bytes], list[Item]],
        store: Callable[[list[Item]], object],
        outlet: Outlet,
        plan: TopicPlan,
        *,
        observer: Observer,
        executor: Executor,
    ) -> None:
        """Prepare an agent.

        Args:
            name: for logs and metrics.
            decode: what reads a record of its topic.
            store: what hands items to the desk.
            outlet: what sends dead letters.
            plan: topics and partitions.
            observer: whom it tells.
            executor: the thread that the desk is called in.
        """
        self._name = name
        self._decode: Callable[[bytes], list[Item]] = decode
        self._store: Callable[[list[Item]], object] = store
        self._outlet = outlet
        self._plan = plan
        self._observer = observer
        self._executor = executor

    async def handle(self, events: Events) -> None:
        """Do the whole work of one batch; when this returns, it may be acknowledged."""
        started = time.monotonic()
        letters: list[DeadLetter] = []
        items: list[tuple[Item, SourceRecord]] = []
        for record in records_of(events):
            try:
                items += [(item, record) for item in self._decode(record.value or b"")]
            except msgspec.MsgspecError as error:
                letters.append(letter_of_record(record, UNDECODABLE, type(error).__name__))
        letters += [_letter(item, record) for item, record in await self._refused(items)]
        for letter in letters:
            logger.warning("%s: a dead letter, %s", self._name, letter.reason)
            self._observer.failure(self._name, letter.reason, 1)
        await self._outlet.send(of_letters(letters, self._plan))
        self._observer.events(self._name, "stored", len(items))
        self._observer.step(self._name, time.monotonic() - started, len(items))

    async def _refused(self, items: Sequence[tuple[Item, SourceRecord]]) -> list[tuple[Item, SourceRecord]]:
        """Store all items; return those that the desk refused one by one."""
        if not items or await self._stored([item for item, _ in items]):
            return []
        return [(item, record) for item, record in items if len(items) == 1 or not await self._stored([item])]

    async def _stored(self, items: list[Item]) -> bool:
        """Store items together, waiting for the database as long as it takes; False where the desk refuses them."""
        pause = FIRST_PAUSE_SECONDS
        refusals = 0
        while True:
            try:
                await asyncio.get_running_loop().run_in_executor(self._executor, self._store, items)
            # The desk agents' guard: an error that left the body would acknowledge what is not stored.
            except Exception as error:  # noqa: BLE001
                is_away = isinstance(error, AWAY)
                refusals += not is_away
                logger.error("%s: the desk did not store %d items: %s", self._name, len(items), describe(error))
                self._observer.failure(self._name, "desk_away" if is_away else "desk_failed", 1)
                if refusals >= REFUSALS:
                    return False
            else:
                return True
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)


def response_agent(
    desk: Desk, outlet: Outlet, plan: TopicPlan, *, observer: Observer, executor: Executor
) -> DeskAgent[Found]:
    """Return the agent that takes findings, what withdraws them, and verdicts on them to the desk."""

    def store(found: list[Found]) -> object:
        """Store findings first: what withdraws one comes after it, and what is found anew has another id."""
        findings = [item for item in found if isinstance(item, Finding)]
        retractions = [item for item in found if isinstance(item, Retraction)]
        if findings:
            desk.handle(RecordFindings(findings))
        if retractions:
            desk.handle(RetractFindings(retractions))
        for item in found:
            if isinstance(item, TakeVerdict):
                desk.handle(item)
        return None

    return DeskAgent("response", decode_found, store, outlet, plan, observer=observer, executor=executor)


def ledger_agent(
    desk: Desk, outlet: Outlet, plan: TopicPlan, *, observer: Observer, executor: Executor
) -> DeskAgent[LedgerEntry]:
    """Return the agent that takes ledger entries to the desk."""

    def store(entries: list[LedgerEntry]) -> object:
        return desk.handle(RecordLedger(entries))

    return DeskAgent("ledger", decode_entries, store, outlet, plan, observer=observer, executor=executor)


def _letter(item: Found | LedgerEntry, record: SourceRecord) -> DeadLetter:
    letter = letter_of_record(record, REFUSED, type(item).__name__)
    letter.payload, letter.cut_from = _encoder.encode(item), 0
    if isinstance(item, Finding):
        letter.id = f"{item.id}:desk"
    if isinstance(item, Retraction):
        letter.id = f"{item.finding_id}:retraction:desk"
    if isinstance(item, TakeVerdict):
        letter.id = f"{item.event_id}:verdict:desk"
    return letter
