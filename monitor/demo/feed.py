"""Sends the simulated hospital to the broker: what lies before the first incident at once, the rest at high speed."""

import asyncio
import datetime
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass

from detectors.events.envelope import encode_structured
from monitor.keys import required_tokeniser
from monitor.settings import Settings
from monitor.topics import topic_plan
from streams.ingest import message_of
from streams.intake import Intake
from streams.publisher import Publisher
from streams.simulator import Simulated, simulate

TICK_SECONDS = 0.1
MOST_AT_ONCE = 2_000


@dataclass(frozen=True, kw_only=True)
class Hospital:
    """What is simulated, and how much faster than in life: `speed` is simulated seconds a second."""

    days: int
    seed: int
    scale: float
    speed: float


@dataclass
class Progress:
    """How far the feed is; read by the view, written by the feed. `now` is simulated time, 0 before it begins."""

    sent: int = 0
    now: float = 0.0
    finished: bool = False
    failed: str = ""


class Pacer:
    """Says which simulated time it is: everything before the first labelled event is past, from there it runs.

    Args:
        speed: simulated seconds a second.
        clock: seconds, monotonic.
    """

    def __init__(self, speed: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._speed = speed
        self._clock = clock
        self._origin: tuple[float, float] | None = None

    def is_due(self, item: Simulated) -> bool:
        """Whether an event has happened by now; the first labelled one starts the clock."""
        if self._origin is None:
            if item.labels:
                self._origin = (item.event.time, self._clock())
            return True
        began, started = self._origin
        return item.event.time <= began + (self._clock() - started) * self._speed


class Feed:
    """Feeds the broker in a thread of its own until told to stop."""

    def __init__(self, settings: Settings, hospital: Hospital) -> None:
        self._settings = settings
        self._hospital = hospital
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="feed", daemon=True)
        self.progress = Progress()

    def __enter__(self) -> "Feed":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        try:
            asyncio.run(self._send_all())
        except Exception as error:  # noqa: BLE001 - the feed's guard: the view tells of it and ends the demo
            self.progress.failed = type(error).__name__

    async def _send_all(self) -> None:
        hospital, plan = self._hospital, topic_plan(self._settings)
        midnight = datetime.datetime.now(datetime.UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        start = midnight - datetime.timedelta(days=hospital.days)
        intake = Intake(required_tokeniser(self._settings))
        publisher = Publisher(self._settings.broker, {}, plan.maximum_source_bytes)
        await publisher.start()
        try:
            items = simulate(hospital.days, hospital.seed, hospital.scale, start)
            async for some in _paced(items, Pacer(hospital.speed), self._stop):
                messages = [message_of(encode_structured(item.event), intake, plan) for item in some]
                acknowledged, failure = await publisher.publish(messages)
                if failure is not None:
                    raise failure
                self.progress.sent += len(acknowledged)
                self.progress.now = some[-1].event.time
            self.progress.finished = not self._stop.is_set()
        finally:
            await publisher.stop()


async def _paced(items: Iterable[Simulated], pacer: Pacer, stop: threading.Event) -> AsyncIterator[list[Simulated]]:
    """Yield what is due, in chunks, in the order of the simulation."""
    chunk: list[Simulated] = []
    for item in items:
        while not stop.is_set() and not pacer.is_due(item):
            if chunk:
                yield chunk
                chunk = []
            await asyncio.sleep(TICK_SECONDS)
        if stop.is_set():
            return
        chunk.append(item)
        if len(chunk) == MOST_AT_ONCE:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
