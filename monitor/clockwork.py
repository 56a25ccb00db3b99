"""The clock of the desk: what becomes due by time alone is done every few seconds."""

import threading

from alerting.desk import Desk

TICK_SECONDS = 5.0
"""How late a page or a warning may come beside its own minutes or days."""


class Clockwork:
    """Lets time pass for a desk. Several may run at once, in several processes."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def run(self, stop: threading.Event) -> None:
        """Let time pass until told to stop."""
        while not stop.is_set():
            self._desk.pass_time()
            stop.wait(TICK_SECONDS)
