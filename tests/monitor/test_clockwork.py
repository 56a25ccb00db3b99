"""The clock of the desk: it catches up with older incidents until that is done, and lets time pass."""

import threading

import pytest

from monitor.clockwork import Clockwork


class Desk:
    """Has caught up at the second attempt."""

    def __init__(self, stop: threading.Event) -> None:
        self.done: list[str] = []
        self._stop = stop

    def catch_up(self) -> bool:
        self.done.append("catch up")
        return self.done.count("catch up") == 2

    def pass_time(self) -> None:
        self.done.append("pass time")
        if self.done.count("pass time") == 3:
            self._stop.set()


def test_it_catches_up_and_lets_time_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("monitor.clockwork.TICK_SECONDS", 0.0)
    stop = threading.Event()
    desk = Desk(stop)
    Clockwork(desk).run(stop)
    assert desk.done == ["catch up", "pass time", "catch up", "pass time", "pass time"]
