"""What keeps an agent honest: nothing is raised out of a body, and nothing is written by a worker that may be a ghost.

Faust acknowledges a message whose agent raised, and `take()` loses what is queued behind it (engines.md §1.2). Where a
body cannot do its work, ending the process is the one way that redelivers everything.
"""

import logging
import os
import time
import traceback
from collections.abc import Awaitable, Callable
from typing import NoReturn

logger = logging.getLogger(__name__)

EXIT_CODE = 70
"""EX_SOFTWARE of sysexits.h: a supervisor restarts, and the records that were not acknowledged come again."""


class FrozenError(Exception):
    """This process stood still for so long that another worker may own its partitions by now."""


class Pulse:
    """Tells whether the process stood still: suspended, swapped out, or blocked in one long computation.

    A worker whose session ran out while it was suspended still believes that its partitions are its own. What it would
    write to a changelog then lies above what the new owner wrote, and would be taken for the newer state.
    """

    def __init__(self, session_seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        """Begin to watch with the first beat.

        Args:
            session_seconds: the consumer group's session timeout, after which partitions go to others.
            clock: seconds, monotonic.
        """
        self._session_seconds = session_seconds
        self._clock = clock
        self._last: float | None = None

    def beat(self) -> None:
        """Say that the event loop runs. Call it several times in a session.

        Raises:
            FrozenError: the last beat is longer ago than a session.
        """
        self.check()
        self._last = self._clock()

    def check(self) -> None:
        """Make sure, before writing state, that the process did not stand still.

        Raises:
            FrozenError: the last beat is longer ago than a session.
        """
        if self._last is not None and self._clock() - self._last > self._session_seconds:
            raise FrozenError


async def guarded(name: str, work: Awaitable[None]) -> None:
    """Do the work of one batch; where it raises, end the process, so that the batch comes again."""
    try:
        await work
    # The agents' guard (engines.md §1.2): whatever leaves a body costs events.
    except Exception as error:  # noqa: BLE001
        give_up(name, error)


def give_up(name: str, error: Exception) -> NoReturn:
    """Log where it failed, without values, and end the process at once."""
    logger.critical("%s cannot go on, ending the process: %s\n%s", name, describe(error), _where(error))
    logging.shutdown()
    os._exit(EXIT_CODE)


def describe(error: BaseException) -> str:
    """Return the class of an error and of what caused it; messages may quote patients' data."""
    cause = error.__cause__
    return f"{type(error).__name__} from {describe(cause)}" if cause else type(error).__name__


def _where(error: BaseException) -> str:
    return "".join(traceback.format_tb(error.__traceback__))
