"""The guard ends the process rather than lose an event; the pulse tells a ghost from a worker."""

import subprocess
import sys

import pytest

from streams.guard import EXIT_CODE, FrozenError, Pulse, describe
from tests.streams.engine.rig import ROOT

FAILING = """
import asyncio, logging
from streams.guard import guarded
logging.basicConfig()

async def work():
    try:
        {}["patient 4711"]
    except KeyError as error:
        raise ValueError("patient 4711") from error

async def main():
    try:
        await guarded("intake", work())
    finally:
        print("the body was left")

asyncio.run(main())
"""


def test_an_error_ends_the_process_at_once_and_is_told_without_values() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", FAILING], capture_output=True, text=True, check=False, env={"PYTHONPATH": str(ROOT)}
    )
    assert ended.returncode == EXIT_CODE
    assert ended.stdout == ""
    assert "intake cannot go on, ending the process: ValueError from KeyError" in ended.stderr
    assert "line 10, in work" in ended.stderr
    assert "4711" not in ended.stderr.replace('{}["patient 4711"]', "").replace('ValueError("patient 4711")', "")


def test_an_error_is_described_by_its_classes() -> None:
    error = ValueError("patient 4711")
    error.__cause__ = KeyError("patient 4711")
    assert describe(error) == "ValueError from KeyError"
    assert describe(KeyError("patient 4711")) == "KeyError"


def test_a_pulse_that_stops_for_a_session_is_not_taken_up_again() -> None:
    now = [100.0]
    pulse = Pulse(6.0, clock=lambda: now[0])
    pulse.check()
    pulse.beat()
    now[0] += 6.0
    pulse.check()
    pulse.beat()
    now[0] += 6.1
    for feel in (pulse.check, pulse.beat, pulse.check):
        with pytest.raises(FrozenError):
            feel()


def test_before_the_first_beat_there_is_nothing_to_miss() -> None:
    now = [100.0]
    pulse = Pulse(6.0, clock=lambda: now[0])
    now[0] += 1_000.0
    pulse.check()
