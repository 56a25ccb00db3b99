"""The clock of the desk: what becomes due by time alone is done every few seconds."""

import threading
from typing import Protocol

TICK_SECONDS = 5.0
"""How late a page or a warning may come beside its own minutes or days."""


class Timed(Protocol):
    """What becomes due by time alone, such as of a desk (`alerting.desk.Desk`)."""

    def catch_up(self) -> bool:
        """Do a part of what an older version left to do; return whether all is done."""
        ...

    def pass_time(self) -> None:
        """Do everything that has become due."""
        ...


class Clockwork:
    """Lets time pass for a desk. Several may run at once, in several processes."""

    def __init__(self, desk: Timed) -> None:
        self._desk = desk

    def run(self, stop: threading.Event) -> None:
        """Let time pass until told to stop; what older versions left to do is caught up with first, bit by bit."""
        is_caught_up = False
        while not stop.is_set():
            is_caught_up = is_caught_up or self._desk.catch_up()
            self._desk.pass_time()
            stop.wait(TICK_SECONDS)
