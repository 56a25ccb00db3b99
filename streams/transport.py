"""A faster way from the broker to the agents: what was fetched together is delivered together.

Faust awaits the delivery of every single message beside the signal that suspends the flow, which creates four tasks a
message and halves the throughput (engines.md §2). Here one such wait covers a whole fetched set. It leans on private
parts of Faust, whose version is pinned; `EngineConfig.fast_drain` switches back to Faust's own.
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
from collections.abc import Sequence
from typing import cast

from faust.transport.drivers import aiokafka
from faust.types import TP, Message
from mode import Service
from mode.types import ServiceT

FETCH_SECONDS = 0.2
"""How long a fetch waits for new records. Faust waits 1 s, and meanwhile does not see a partition that it resumed."""

YIELD_EVERY = 100
"""Messages delivered before other tasks get a turn, as in Faust."""


class FastConsumer(aiokafka.Consumer):
    """Faust's consumer with a drain that costs about half (measured in tests/bench/engine.py)."""

    async def _drain_messages(self, fetcher: ServiceT) -> None:
        """Fetch and deliver until the worker or the fetcher stops. Commits are left to Faust's commit timer."""
        stopping = cast(Service, fetcher)
        try:
            while not (self.should_stop or stopping.should_stop):
                fetched = [pair async for pair in self.getmany(timeout=FETCH_SECONDS)]
                await asyncio.sleep(0)
                if fetched and not self.should_stop:
                    # On a rebalance the rest of the set is dropped: after it every partition is read again from
                    # its committed offset.
                    await self.wait_first(self._deliver(fetched), self.suspend_flow.wait())
        except self.consumer_stopped_errors:
            if not self.app.should_stop:
                raise
        except asyncio.CancelledError:
            if not self.app.should_stop:
                raise
        except Exception as error:
            self.log.exception("Drain messages raised: %r", type(error).__name__)
            raise

    async def _deliver(self, fetched: Sequence[tuple[TP, Message]]) -> None:
        """Hand messages to their agents' queues, in order, and take down up to where each partition was read."""
        read = self._read_offset
        acks_enabled_for = self.app.topics.acks_enabled_for
        for number, (tp, message) in enumerate(fetched):
            if number % YIELD_EVERY == YIELD_EVERY - 1:
                await asyncio.sleep(0)
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


class FastTransport(aiokafka.Transport):
    """Faust's aiokafka transport with `FastConsumer`."""

    Consumer = FastConsumer
