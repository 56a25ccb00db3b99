"""What takes requests from Slack and carries them out: kept first, so that Slack has its answer within 3 seconds."""

import logging
import threading
from collections.abc import Callable

from alerting.desk import Desk
from alerting.slack.asked import Asked, Wrote
from alerting.slack.commands import CarryOutSlack
from alerting.slack.replies import Reply, answer_with
from alerting.slack.rows import enqueue, fail_job, forget_old, incident_of_thread, pending_jobs, read_job

_log = logging.getLogger(__name__)

POLL_SECONDS = 1.0
"""For what another process kept and could not carry out any more."""

PASS_LIMIT = 50
FORGET_SECONDS = 3600.0
RETRY_SECONDS = 5.0
"""A pause after a failure: what is wrong with the store is not over at once."""

ACTOR = "slack"

NOT_DONE = "This was not done: Wardwatch is in trouble. Try it again later, or use the console."
"""Whoever pressed a button sees nothing else of it, and would believe that it was done."""


class SlackWorker:
    """Keeps requests and carries them out. Several may run at once, in several processes.

    Args:
        desk: carries out what is asked for.
        give: gives an answer in Slack; raises nothing.
        clock: seconds since the epoch.
    """

    def __init__(self, desk: Desk, give: Callable[[Reply], None], clock: Callable[[], float]) -> None:
        self._desk = desk
        self._give = give
        self._clock = clock
        self._come = threading.Event()
        self._forgotten_at = 0.0

    def receive(self, asked: Asked) -> bool:
        """Keep a request, to be carried out right after; return False for one that came before.

        Answers in threads that are no incident's never reach the store: people talk about other things too.
        """
        if isinstance(asked, Wrote) and not self._is_ours(asked.thread):
            return True
        with self._desk.store.writing() as connection:
            is_new = enqueue(connection, asked, self._clock())
        self._come.set()
        return is_new

    def _is_ours(self, thread: str) -> bool:
        with self._desk.store.reading() as connection:
            return incident_of_thread(connection, thread) is not None

    def run(self, stop: threading.Event) -> None:
        """Carry out what comes, until told to stop."""
        while not stop.is_set():
            self._come.wait(POLL_SECONDS)
            self._come.clear()
            try:
                self.work_once()
            except Exception as error:  # noqa: BLE001 -- the loop's guard; the text may hold anything
                _log.error("Requests from Slack wait: %s", type(error).__name__)
                stop.wait(RETRY_SECONDS)

    def work_once(self) -> int:
        """Carry out what waits; return how many requests that were."""
        with self._desk.store.reading() as connection:
            keys = pending_jobs(connection, PASS_LIMIT)
        for key in keys:
            self._carry_out(key)
        if self._clock() - self._forgotten_at > FORGET_SECONDS:
            self._forgotten_at = self._clock()
            with self._desk.store.writing() as connection:
                forget_old(connection, self._clock())
        return len(keys)

    def _carry_out(self, key: str) -> None:
        try:
            reply = self._desk.handle(CarryOutSlack(actor=ACTOR, key=key))
        except Exception as error:  # noqa: BLE001 -- one request must not hold up the others; the text may hold anything
            with self._desk.store.writing() as connection:
                asked = read_job(connection, key)
                gives_up = fail_job(connection, key)
            ending = "was given up" if gives_up else "is tried again"
            _log.error("A request from Slack failed and %s: %s", ending, type(error).__name__)
            reply = answer_with(asked, NOT_DONE) if gives_up and asked else None
        if reply is not None:
            self._give(reply)
