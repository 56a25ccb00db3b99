"""How practice servers count calls."""

from collections import deque
from collections.abc import Callable

from alerting.practice.server import Answer


class RateLimit:
    """So many calls within so many seconds, whenever those begin; what is refused does not count."""

    def __init__(self, calls: int, seconds: float, clock: Callable[[], float]) -> None:
        self._calls = calls
        self._seconds = seconds
        self._clock = clock
        self._taken: deque[float] = deque()
        self.refused = 0
        """How often somebody called too soon."""

    def seconds_to_wait(self) -> float:
        """Count a call and return 0, or return after how many seconds there is room for it."""
        now = self._clock()
        while self._taken and self._taken[0] <= now - self._seconds:
            self._taken.popleft()
        if len(self._taken) < self._calls:
            self._taken.append(now)
            return 0.0
        self.refused += 1
        return self._taken[0] + self._seconds - now


def too_many(seconds: float, body: object = None, header: str = "Retry-After") -> Answer:
    """Return the answer to somebody who called too soon."""
    return Answer(429, body, {header: str(max(1, -int(-seconds // 1)))})
