"""Watches that every source goes on sending (A27): a look at the arrivals once a minute, beside the worker."""

import logging
import threading
from collections.abc import Callable

from sqlalchemy.exc import SQLAlchemyError

from alerting.commands import RecordFindings
from alerting.desk import Desk
from alerting.store.arrival_rows import arrivals_since, forget_before, mark_watched, watched_since
from detectors.arrivals import HOUR, KEPT_SLOTS, SLOT_SECONDS, ArrivalBook
from detectors.finding import Finding
from detectors.source_volume import SourceWatch
from streams.intake import UNKNOWN_SOURCE

_log = logging.getLogger(__name__)

PAUSE_SECONDS = 60.0

SETTLE_SECONDS = 60.0
"""A slot is judged when it has been over for so long: transactions that count its last events are then done."""

UNSETTLED_SLOTS = 3
"""Slots before the last one judged that are read again."""


class SourceVolumes:
    """Looks at the arrivals of all sources, and takes what it finds to the desk.

    Every worker does so. Findings have the same ids whoever makes them, so the desk keeps each once.

    Args:
        desk: takes findings; its store has the arrivals.
        clock: gives the time in seconds since the epoch, the same that the desk counts arrivals by.
        is_ready: whether this worker takes in events now; what did not arrive while nobody did says nothing.
    """

    def __init__(self, desk: Desk, *, clock: Callable[[], float], is_ready: Callable[[], bool]) -> None:
        self._desk = desk
        self._clock = clock
        self._is_ready = is_ready
        self._watch = SourceWatch()
        self._book: ArrivalBook | None = None
        self._judged = 0
        self._marked = 0
        self._findings: list[Finding] = []

    def run(self, stop: threading.Event) -> None:
        """Look once a minute, until told to stop."""
        while not stop.is_set():
            try:
                self.look()
            except (SQLAlchemyError, OSError) as error:
                _log.warning("The volumes of sources cannot be watched: %s", type(error).__name__)
            stop.wait(PAUSE_SECONDS)

    def look(self) -> None:
        """Note that events are taken in now, and judge the slots that are over."""
        if not self._is_ready():
            return
        now = self._clock()
        self._mark(int(now // SLOT_SECONDS))
        end = int((now - SETTLE_SECONDS) // SLOT_SECONDS)
        if end > self._judged:
            self._judge(end)
        if self._findings:
            self._desk.handle(RecordFindings(self._findings))
            self._findings = []

    def _mark(self, slot: int) -> None:
        if slot == self._marked:
            return
        with self._desk.store.writing() as connection:
            mark_watched(connection, slot)
            forget_before(connection, slot - KEPT_SLOTS)
        self._marked = slot

    def _judge(self, end: int) -> None:
        book = self._book or ArrivalBook(end)
        book.advance(end)
        since = book.origin if self._book is None else self._judged - UNSETTLED_SLOTS
        with self._desk.store.reading() as connection:
            book.write(arrivals_since(connection, since), watched_since(connection, since))
        # A worker that starts looks at the last hour: nobody else may have been there to see a source come back.
        first = end - HOUR if self._book is None else self._judged + 1
        sources = [(source, arrivals) for source, arrivals in book.sources() if source != UNKNOWN_SOURCE]
        for slot in range(max(first, end - HOUR), end + 1):
            self._findings += self._watch.look(sources, slot)
        self._book, self._judged = book, end
