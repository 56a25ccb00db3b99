"""Running an app until it is told to stop."""

import asyncio
import logging
import os
import signal
import sys
import threading

import faust

from streams.guard import EXIT_CODE

logger = logging.getLogger(__name__)

SWITCH_SECONDS = 0.001
"""How long a step may compute while another thread waits for its turn.

The desk's thread gives its turn away with every statement, the consumer's with every answer of the broker. At Python's
5 ms a transaction of 20 statements beside a busy loop took 19 ms, at 1 ms it took 6; the loop did as much as before.
"""


class _Worker(faust.Worker):
    """Faust's worker, which leaves logging and the terminal alone, and ends itself where a stop takes too long."""

    stop_seconds: float
    _countdown: threading.Timer | None = None

    def _on_sigterm(self) -> None:
        self._begin_countdown()
        super()._on_sigterm()

    def _on_sigint(self) -> None:
        self._begin_countdown()
        self._schedule_shutdown(signal.SIGINT)  # Faust's own also prints

    def on_worker_shutdown(self) -> None:
        """Take note of a stop that no signal asked for: something crashed."""
        self._begin_countdown()

    def _begin_countdown(self) -> None:
        """One batch that cannot end, for want of a database, would hold up the stop for ever (engines.md §1.6)."""
        if self._countdown is None:
            self._countdown = threading.Timer(self.stop_seconds, _end)
            self._countdown.daemon = True
            self._countdown.start()


def run_worker(app: faust.App, *, stop_seconds: float) -> int:
    """Run an app until SIGTERM or SIGINT, finish the batch in hand, commit, and return the exit code.

    Args:
        app: from `streams.app.create_app`; it can run once.
        stop_seconds: how long a stop may take. After that the process ends at once with code 70, and what was not
            acknowledged is redelivered.
    """
    sys.setswitchinterval(SWITCH_SECONDS)
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    worker = _Worker(app, loop=loop, quiet=True, override_logging=False, redirect_stdouts=False)
    worker.stop_seconds = stop_seconds
    worker.spinner = None
    try:
        worker.execute_from_commandline()
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else 1
    finally:
        if worker._countdown is not None:
            worker._countdown.cancel()


def _end() -> None:
    logger.critical("the stop took too long, ending the process; what was not acknowledged is redelivered")
    logging.shutdown()
    os._exit(EXIT_CODE)
