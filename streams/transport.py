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
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import cast

from faust.tables.manager import TableManager
from faust.transport.consumer import RecordMap
from faust.transport.drivers import aiokafka
from faust.types import TP, Message
from mode import Service
from mode.types import ServiceT

FETCH_SECONDS = 0.2
"""How long a fetch waits for new records. Faust waits 1 s, and meanwhile does not see a partition that it resumed."""

HELD_SECONDS = 0.05
"""Pause before looking again, while there is nothing that may be fetched."""

YIELD_EVERY = 100
"""Messages delivered before other tasks get a turn, as in Faust."""


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
                fetched = [pair async for pair in self.getmany(timeout=FETCH_SECONDS)]
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

    async def _deliver(self, fetched: Sequence[tuple[TP, Message]], rebalances: int) -> None:
        """Hand messages to their agents' queues, in order, and take down up to where each partition was read.

        On a rebalance the rest is dropped: after it every partition is read again from its committed offset.
        """
        read = self._read_offset
        acks_enabled_for = self.app.topics.acks_enabled_for
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
            await self.callback(message)
            read[tp] = offset


class CarefulTransport(aiokafka.Transport):
    """Faust's aiokafka transport with `CarefulConsumer`."""

    Consumer = CarefulConsumer


class FastTransport(aiokafka.Transport):
    """Faust's aiokafka transport with `FastConsumer`."""

    Consumer = FastConsumer
