"""How far behind the worker is, how old its commits are, and whether it is ready."""

import asyncio
import logging
import time
from collections.abc import Iterable, Mapping
from typing import cast

import faust
from faust.exceptions import ConsumerNotStarted
from faust.tables.manager import TableManager
from faust.transport.consumer import Consumer
from faust.types import TP

from streams.agents.received import Events
from streams.guard import FrozenError, Pulse, describe, give_up
from streams.observer import Observer

logger = logging.getLogger(__name__)

INTERVAL_SECONDS = 1.0


class Progress:
    """Up to which offset each partition is processed and committed."""

    def __init__(self) -> None:
        self._processed: dict[TP, int] = {}
        self._waiting_since: float | None = None

    def note(self, events: Events) -> None:
        """Take down that these events are done."""
        for event in events:
            self._processed[event.message.tp] = event.message.offset + 1
        if self._waiting_since is None:
            self._waiting_since = time.monotonic()

    def position(self, tp: TP, committed: int | None) -> int:
        """Return the offset of the next record to be processed; 0 where none ever was."""
        return max(self._processed.get(tp, 0), committed or 0)

    def commit_age(self, assigned: Iterable[TP], committed: Mapping[TP, int | None]) -> float:
        """Return for how many seconds there has been something processed and not committed."""
        if all((committed.get(tp) or 0) >= self._processed.get(tp, 0) for tp in assigned):
            self._waiting_since = None
        return time.monotonic() - self._waiting_since if self._waiting_since is not None else 0.0


class Watch:
    """Tells the observer of lag, commits and readiness every second, and feels the pulse."""

    def __init__(self, app: faust.App, progress: Progress, pulse: Pulse, observer: Observer) -> None:
        self._app = app
        self._progress = progress
        self._pulse = pulse
        self._observer = observer
        self._rebalances = 0

    async def run(self) -> None:
        """Go on until the app stops."""
        try:
            while not self._app.should_stop:
                self._look()
                await asyncio.sleep(INTERVAL_SECONDS)
        finally:
            self._observer.ready(False)

    def _look(self) -> None:
        try:
            self._pulse.beat()
        except FrozenError as error:
            give_up("watch", error)
        try:
            self._tell()
        # The guard of one look: a rebalance may take partitions away under it.
        except Exception as error:  # noqa: BLE001
            logger.info("no figures this time: %s", describe(error))

    def _tell(self) -> None:
        app, consumer = self._app, cast(Consumer, self._app.consumer)
        assigned = consumer.assignment()
        self._observer.ready(is_ready(app))
        if app.rebalancing_count != self._rebalances:
            self._rebalances = app.rebalancing_count
            self._observer.rebalanced(len(assigned))
        committed = consumer._committed_offset  # Faust tells its commits to nobody
        consumed = [tp for tp in assigned if app.topics.acks_enabled_for(tp.topic)]
        self._observer.commit_age(self._progress.commit_age(consumed, committed))
        for tp in consumed:
            highwater: int | None = consumer.highwater(tp)
            if highwater is not None:
                behind = highwater - self._progress.position(tp, committed.get(tp))
                self._observer.lag(tp.topic, tp.partition, max(behind, 0))


def is_ready(app: faust.App) -> bool:
    """Return whether events are being processed: partitions assigned, tables recovered, no rebalance going on."""
    try:
        assigned = bool(app.consumer.assignment())
    except ConsumerNotStarted:
        return False
    recovered = cast(TableManager, app.tables).actives_ready
    return assigned and recovered and not app.rebalancing and not app.should_stop
