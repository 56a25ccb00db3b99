"""The way from the broker to the agents: nothing is fetched too early, and fetched sets are delivered whole.

Faust's own consumer loses records here, and is slow. Both are mended below with as little as possible; it leans on
private parts of Faust, whose version is pinned.
"""

# `FastConsumer._drain_messages` follows the structure of `faust.transport.consumer.Consumer._drain_messages`, under the
# 3-clause BSD licence:
#
# Copyright (c) 2017-2020, Robinhood Markets, Inc.
# All rights reserved.
#
# Redistribution and use in source and binary forms, with or without modification, are permitted provided that the
# following conditions are met:
#     * Redistributions of source code must retain the above copyright notice, this list of conditions and the
#       following disclaimer.
#     * Redistributions in binary form must reproduce the above copyright notice, this list of conditions and the
#       following disclaimer in the documentation and/or other materials provided with the distribution.
#     * Neither the name of Robinhood Markets, Inc. nor the names of its contributors may be used to endorse or promote
#       products derived from this software without specific prior written permission.
#
# THIS SOFTWARE IS PROVIDED BY THE COPYRIGHT HOLDERS AND CONTRIBUTORS "AS IS" AND ANY EXPRESS OR IMPLIED WARRANTIES,
# INCLUDING, BUT NOT LIMITED TO, THE IMPLIED WARRANTIES OF MERCHANTABILITY AND FITNESS FOR A PARTICULAR PURPOSE ARE
# DISCLAIMED. IN NO EVENT SHALL Robinhood Markets, Inc. OR CONTRIBUTORS BE LIABLE FOR ANY DIRECT, INDIRECT, INCIDENTAL,
# SPECIAL, EXEMPLARY, OR CONSEQUENTIAL DAMAGES (INCLUDING, BUT NOT LIMITED TO, PROCUREMENT OF SUBSTITUTE GOODS OR
# SERVICES; LOSS OF USE, DATA, OR PROFITS; OR BUSINESS INTERRUPTION) HOWEVER CAUSED AND ON ANY THEORY OF LIABILITY,
# WHETHER IN CONTRACT, STRICT LIABILITY, OR TORT (INCLUDING NEGLIGENCE OR OTHERWISE) ARISING IN ANY WAY OUT OF THE USE
# OF THIS SOFTWARE, EVEN IF ADVISED OF THE POSSIBILITY OF SUCH DAMAGE.

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property, partial
from typing import Any, NamedTuple, cast

from faust.channels import Channel
from faust.tables.manager import TableManager
from faust.transport.conductor import Conductor
from faust.transport.consumer import RecordMap
from faust.transport.drivers import aiokafka
from faust.types import TP, EventT, Message
from faust.types.topics import TopicT
from mode import Service
from mode.types import ServiceT
from mode.utils.futures import notify
from mode.utils.queues import FlowControlQueue

FETCH_SECONDS = 0.2
"""How long a fetch waits for new records. Faust waits 1 s, and meanwhile does not see a partition that it resumed."""

HELD_SECONDS = 0.05
"""Pause before looking again, while there is nothing that may be fetched."""

YIELD_EVERY = 100
"""Messages delivered before other tasks get a turn, as in Faust."""


class Way(NamedTuple):
    """From the fetcher to whoever reads a partition: a queue, and what to call when it is full or has room again."""

    queue: FlowControlQueue[EventT[Any]]
    on_high: Callable[[], None]
    on_drop: Callable[[], None]


class CarefulConsumer(aiokafka.Consumer):
    """Faust's consumer, made to lose nothing when partitions move.

    On a rebalance Faust stops the flow, recovers the tables, resumes the partitions of the agents, seeks them to their
    committed offsets, and at last clears all queues. Two things go wrong (tests/chaos lost hundreds of records a
    partition to each): records fetched between the last three steps are cleared away while their offsets count as
    read; and a fetch that was begun before the rebalance takes records from the new positions, though nobody wants them
    any more. Neither is missed by the next commit. So, here,

    * until the seek is done and the flow goes on, only the changelogs under recovery are fetched;
    * a seek waits for the fetch in hand, and what that fetch brings is dropped where a rebalance came between;
    * a partition without a committed offset is sought too, to its beginning.
    """

    _rebalances = 0
    _is_held = True
    _is_sought = False

    @cached_property
    def _fetch_in_hand(self) -> asyncio.Lock:
        return asyncio.Lock()

    def stop_flow(self) -> None:
        """Stop for a rebalance; from here on partitions are held."""
        self._rebalances += 1
        self._is_held, self._is_sought = True, False
        super().stop_flow()

    def resume_flow(self) -> None:
        """Let records flow: those of changelogs at first, after the seek those of all partitions."""
        if self._is_sought:
            self._is_held = False
        super().resume_flow()

    async def perform_seek(self) -> None:
        """Seek the partitions of the agents to their committed offsets."""
        if not self.flow_active:
            # The fetcher itself calls, with a fetch in hand; the seek that ends the recovery is still to come.
            await super().perform_seek()
            return
        rebalances = self._rebalances
        async with self._fetch_in_hand:
            await super().perform_seek()
            committed = self._committed_offset
            fresh = [tp for tp in self.assignment() if not self._is_changelog_tp(tp) and not committed[tp]]
            if fresh:
                await self._thread.seek_to_beginning(*map(aiokafka.ensure_aiokafka_TP, fresh))
        self._is_sought = rebalances == self._rebalances

    async def seek_wait(self, partitions: Mapping[TP, int]) -> None:
        """Seek changelogs to where their recovery begins."""
        async with self._fetch_in_hand:
            await super().seek_wait(partitions)

    def track(self, message: Message) -> None:
        """Have a rebalance and a stop wait until this message, the last of a batch, is acknowledged."""
        self._unacked_messages.add(message)

    def acknowledge(self, messages: Iterable[Message]) -> None:
        """Let the next commit go beyond these messages, of which none is acknowledged yet.

        What `Consumer.ack` does, for many messages at a tenth of its cost.
        """
        offsets: dict[TP, set[int]] = defaultdict(set)
        for message in messages:
            message.acked = True
            self._unacked_messages.discard(message)
            offsets[message.tp].add(message.offset)
        for tp, done in offsets.items():
            committed = self._committed_offset[tp] or 0
            known = self._acked_index[tp]
            fresh = [offset for offset in done - known if offset >= committed]
            known.update(fresh)
            self._acked[tp] += fresh
            self._n_acked += len(fresh)
        notify(self._waiting_for_ack)

    async def _getmany(self, active_partitions: set[TP] | None, timeout: float) -> RecordMap:  # noqa: ASYNC109 - Faust's
        async with self._fetch_in_hand:
            rebalances = self._rebalances
            wanted = set(active_partitions or ())
            if self._is_held:
                wanted &= cast(TableManager, self.app.tables).recovery.active_tps
            # To aiokafka an empty set means all partitions.
            records = await super()._getmany(wanted, timeout) if wanted else {}
            if rebalances != self._rebalances:
                return {}
        if not wanted:
            await asyncio.sleep(HELD_SECONDS)
        return records


class FastConsumer(CarefulConsumer):
    """Also delivers a whole fetched set at once, at about half of the cost (measured in tests/bench/engine.py).

    Faust awaits the delivery of every single message beside the signal that suspends the flow, which creates four
    tasks a message (engines.md §2).
    """

    async def _drain_messages(self, fetcher: ServiceT) -> None:
        """Fetch and deliver until the worker or the fetcher stops. Commits are left to Faust's commit timer."""
        stopping = cast(Service, fetcher)
        try:
            while not (self.should_stop or stopping.should_stop):
                fetched = await self._fetched()
                rebalances = self._rebalances
                await asyncio.sleep(0)
                if fetched and not self.should_stop:
                    await self.wait_first(self._deliver(fetched, rebalances), self.suspend_flow.wait())
        except self.consumer_stopped_errors:
            if not self.app.should_stop:
                raise
        except asyncio.CancelledError:
            if not self.app.should_stop:
                raise
        except Exception as error:
            self.log.exception("Drain messages raised: %r", type(error).__name__)
            raise

    async def _fetched(self) -> list[tuple[TP, Message]]:
        """Fetch what there is, partitions taking turns; `Consumer.getmany` without what it does for every message."""
        records, active = await self._wait_next_records(FETCH_SECONDS)
        if not records or self.should_stop:
            return []
        if not self.flow_active:
            await self._seek_back()
            return []
        wanted = {tp: of for tp, of in records.items() if active is None or tp in active or self._is_buffered(tp)}
        for tp in wanted:
            self.app.monitor.track_tp_end_offset(tp, self.highwater(tp))
        to_message = self._to_message
        return [(tp, to_message(tp, record)) for tp, record in self.scheduler.iterate(wanted)]

    async def _seek_back(self) -> None:
        try:
            await self.perform_seek()
        # Faust's guard of a seek while partitions move; the one that ends the recovery is still to come.
        except Exception as error:  # noqa: BLE001
            self.log.warning("no seek for want of flow: %s", type(error).__name__)

    def _is_buffered(self, tp: TP) -> bool:
        return tp in self._buffered_partitions

    async def _deliver(self, fetched: Sequence[tuple[TP, Message]], rebalances: int) -> None:
        """Hand messages to their agents' queues, in order, and take down up to where each partition was read.

        On a rebalance the rest is dropped: after it every partition is read again from its committed offset.
        """
        read = self._read_offset
        acks_enabled_for = self.app.topics.acks_enabled_for
        ways = self._ways({tp for tp, _ in fetched})
        for number, (tp, message) in enumerate(fetched):
            if number % YIELD_EVERY == YIELD_EVERY - 1:
                await asyncio.sleep(0)
            if rebalances != self._rebalances:
                return
            offset = message.offset
            before = read[tp]
            if before is not None and offset < before:
                continue
            if before is not None and offset - before > 1 and acks_enabled_for(message.topic):
                # Offsets that do not exist (compaction, transactions) must not hold up commits. Faust counts this
                # very message among them, and would commit it before it is done.
                await self._add_gap(tp, before + 1, offset - 1)
            if not self._is_put(message, ways[tp]):
                await self.callback(message)
            read[tp] = offset

    def _ways(self, tps: Iterable[TP]) -> dict[TP, Way | None]:
        """Return the way to the one who reads a partition, where there is just one."""
        readers = cast(Conductor, self.app.topics)._tp_index
        return {tp: self._way(tp, *readers[tp]) if len(readers[tp]) == 1 else None for tp in tps}

    def _way(self, fetched: TP, reader: TopicT) -> Way:
        tp = TP(*fetched)  # aiokafka's own pair is equal to it, but Faust refuses it among the active partitions
        on_drop = self._on_drop.setdefault(tp, partial(self.on_buffer_drop, tp))
        return Way(cast("Channel[Any]", reader).queue, partial(self.on_buffer_full, tp), on_drop)

    @cached_property
    def _on_drop(self) -> dict[TP, Callable[[], None]]:
        """What a queue calls when there is room again; it tells a partition that it holds back already by identity."""
        return {}

    def _is_put(self, message: Message, way: Way | None) -> bool:
        """Put a message into a queue as Faust's conductor does where nothing is in the way; otherwise that has to.

        The conductor takes a lock and an asynchronous decoder for a message whose bytes are left as they are. It also
        waits for the buffer of Faust's producer, which nobody here uses.
        """
        app = self.app
        if way is None or way.queue.full() or not app.flow_control.is_active():
            return False
        message.incref()
        event = app.create_event(message.key, message.value, message.headers, message)
        way.queue.put_nowait_enhanced(event, on_pressure_high=way.on_high, on_pressure_drop=way.on_drop)
        return True


class CarefulTransport(aiokafka.Transport):
    """Faust's aiokafka transport with `CarefulConsumer`."""

    Consumer = CarefulConsumer


class FastTransport(aiokafka.Transport):
    """Faust's aiokafka transport with `FastConsumer`."""

    Consumer = FastConsumer
