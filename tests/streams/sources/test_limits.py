"""The token bucket, on a clock of its own."""

from streams.sources.limits import Rate, SourceLimits


class Time:
    """A clock that only sleeping and the test move."""

    def __init__(self) -> None:
        self.now = 100.0
        self.slept: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def rate(time: Time, per_second: float, burst: int) -> Rate:
    return Rate(SourceLimits(per_second=per_second, burst=burst), lambda: time.now, time.sleep)


def test_a_burst_passes_and_then_the_rate_holds() -> None:
    time = Time()
    bucket = rate(time, per_second=2, burst=3)
    assert [bucket.allows() for _ in range(5)] == [True, True, True, False, False]
    time.now += 0.5
    assert [bucket.allows(), bucket.allows()] == [True, False]
    time.now += 3_600  # no more than a burst is saved up
    assert [bucket.allows() for _ in range(4)] == [True, True, True, False]


async def test_who_keeps_the_rate_sleeps_as_long_as_a_token_takes() -> None:
    time = Time()
    bucket = rate(time, per_second=4, burst=2)
    for _ in range(5):
        await bucket.keep()
    assert time.slept == [0.25, 0.25, 0.25]


async def test_those_who_wait_at_once_wait_for_one_after_the_other() -> None:
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)  # and the clock stands: all of them came at the same moment

    bucket = Rate(SourceLimits(per_second=10, burst=1), lambda: 0.0, sleep)
    for _ in range(4):
        await bucket.keep()
    assert waits == [0.1, 0.2, 0.3]
