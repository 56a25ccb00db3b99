"""A script: what happens when, what must be told when, and nothing else; in virtual time.

    script.at(0).push(seen("A09", severity="high"))
    script.at(minutes(5)).ask(Acknowledge(incident_id=ONE, actor="a.analyst"))
    slack.want(between(0, 5), ONE, "opened")
    slack.want(between(minutes(5), minutes(5) + 5), ONE, "status_changed", status="triaged")
    script.play(until=minutes(10))

Times are seconds since the story began, Monday 2026-03-02 at 09:00 UTC unless it says otherwise. Desk, store, sender
and due work are the real ones; only the clock and the providers are ours. After the form of Alertmanager's acceptance
tests (https://github.com/prometheus/alertmanager/tree/main/test/with_api_v2/acceptance).
"""

import contextlib
import math
import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from sqlalchemy import func, select

from alerting.channels.api import Channel
from alerting.commands import RecordFindings, RetractFindings
from alerting.desk import Desk
from alerting.policy import Policy
from alerting.refusal import Refused
from alerting.sender import Sender
from alerting.store import Store
from alerting.store.schema import OUTBOX
from alerting.tripwire import Tripwire
from detectors.finding import Entity, EntityType, Finding, Queue, Severity, finding_id
from detectors.retraction import Retraction
from tests.acceptance.response.recording import Crash, Recorder, Window
from tests.alerting.building import CONSOLE, case_of, numbered_ids

START = 1_772_442_000.0
"""2026-03-02T09:00:00Z, a Monday."""
ONE, TWO, THREE, FOUR = (f"INC-T{number:07d}" for number in range(1, 5))

BUSY_SECONDS = 2.0
"""How long after something was sent the outbox is looked at step by step: a pace may hold the next back."""

between = Window


def minutes(number: float) -> float:
    """Return minutes in seconds."""
    return 60.0 * number


def hours(number: float) -> float:
    """Return hours in seconds."""
    return 3600.0 * number


def days(number: float) -> float:
    """Return days in seconds."""
    return 86_400.0 * number


@dataclass(frozen=True)
class Seen:
    """A finding to be, of the time when it is pushed, or `ago` seconds older."""

    rule: str
    by: str
    severity: Severity
    ground: str
    entity_type: EntityType = "user"
    others: tuple[Entity, ...] = ()
    queue: Queue = ""
    risk: float = 50.0
    ago: float = 0.0

    @property
    def id(self) -> str:
        """The id of the finding."""
        return finding_id(self.rule, 1, self.ground)

    def at(self, now: float) -> Finding:
        """Return the finding."""
        entity = Entity(self.entity_type, self.by)
        return Finding(
            id=self.id,
            event_id=self.ground,
            at=now - self.ago,
            kind="rule",
            detector=self.rule,
            version=1,
            severity=self.severity,
            risk=self.risk,
            entity=entity,
            entities=[entity, *self.others],
            reasons=["opened 212 different charts in one hour"],
            features={"charts": 212.0},
            queue=self.queue,
        )


_grounds = iter(range(1_000_000_000))


def seen(rule: str = "A09", *, by: str = "u1:clerk", severity: Severity = "high", **fields: Any) -> Seen:
    """Say what a rule is to see; without `ground` something that it has not seen before."""
    fields.setdefault("ground", f"event-{next(_grounds)}")
    return Seen(rule, by, severity, **fields)


@dataclass
class Worker:
    """One process: a desk and a sender of its own on the common store."""

    desk: Desk
    sender: Sender


@dataclass(kw_only=True)
class Script:
    """The story of one store.

    `look` is how often due work is looked for, `step` how soon the outbox is looked at again after something was sent,
    both in seconds.
    """

    store: Store
    policy: Policy
    channels: dict[str, Channel]
    start: float = START
    workers: int = 1
    look: float = 60.0
    step: float = 1.0
    now: float = field(init=False)

    def __post_init__(self) -> None:
        """Start the workers."""
        self.now = self.start
        self._ids = numbered_ids()
        self._acts: list[tuple[float, Callable[[Desk], object]]] = []
        self._names = iter(range(1_000_000))
        self._sent_at = -math.inf
        self._running = [self._worker() for _ in range(self.workers)]

    def clock(self) -> float:
        """Seconds since the epoch."""
        return self.now

    def story_clock(self) -> float:
        """Seconds of the story."""
        return self.now - self.start

    def channel(self, name: str, **options: Any) -> Recorder:
        """Return the recording channel of this name, which is made when it is first named."""
        recorder = self.channels.get(name)
        if recorder is None:
            recorder = self.channels[name] = Recorder(name, self.story_clock, **options)
            for worker in self._running:
                worker.sender = self._sender(worker.desk)
        assert isinstance(recorder, Recorder)
        return recorder

    def at(self, seconds: float) -> "Moment":
        """Say what happens at a time."""
        return Moment(self, seconds)

    def add(self, seconds: float, act: Callable[[Desk], object]) -> None:
        """Let something happen at a time."""
        self._acts.append((seconds, act))

    def play(self, until: float) -> None:
        """Let it happen; fail where anything was told that nobody wanted, or not told that somebody did."""
        acts = sorted(self._acts, key=lambda act: act[0])
        looked_at = -1.0
        while self.story_clock() <= until:
            is_due = bool(acts) and acts[0][0] <= self.story_clock()
            while acts and acts[0][0] <= self.story_clock():
                self._act(acts.pop(0)[1])
            look = self.story_clock() // self.look
            if is_due or look != looked_at:
                for worker in self._running:
                    self._pass_time(worker)
                looked_at = look
            attempts = sum(self._send(worker) for worker in self._running)
            self._running.append(self._running.pop(0))
            self.now = min(self._next(attempts), self.start + acts[0][0] if acts else float("inf"))
        recorders = [channel for channel in self.channels.values() if isinstance(channel, Recorder)]
        wrong = [line for recorder in recorders for line in recorder.mismatches()]
        assert not wrong, "\n" + "\n".join(wrong)

    def restart(self) -> None:
        """Start the workers anew, after the story changed something about them."""
        self._running = [self._worker() for _ in range(self.workers)]

    def actions(self, incident_id: str) -> list[str]:
        """Return what the timeline of an incident says was done; it is whole."""
        return [entry.action for entry in case_of(self.store, incident_id).timeline]

    def _act(self, act: Callable[[Desk], object]) -> None:
        """Let something happen; after a crash it comes again, as a batch of Kafka does, or a person tries again."""
        worker = self._running[0]
        try:
            act(worker.desk)
        except Crash:
            self._restart(worker)
            with contextlib.suppress(Refused):  # it was done before the crash
                act(worker.desk)

    def _pass_time(self, worker: Worker) -> None:
        try:
            worker.desk.pass_time()
        except Crash:
            self._restart(worker)

    def _send(self, worker: Worker) -> int:
        try:
            return worker.sender.run_once(self.now)
        except Crash:
            self._restart(worker)
            return 1

    def _restart(self, worker: Worker) -> None:
        self._ids = numbered_ids()  # those in use are left out
        fresh = self._worker()
        worker.desk, worker.sender = fresh.desk, fresh.sender

    def _next(self, attempts: int) -> float:
        """Return when to look again: soon while something is on its way, else at the next round time."""
        if attempts:
            self._sent_at = self.now
        if self.now - self._sent_at < BUSY_SECONDS:
            return self.now + self.step
        round_time = self.start + (self.story_clock() // self.look + 1) * self.look
        with self.store.reading() as connection:
            due_at: float | None = connection.scalar(
                select(func.min(OUTBOX.c.due_at)).where(OUTBOX.c.fate == "pending")
            )
        if due_at is None:
            return round_time
        return min(round_time, max(due_at, self.now + 5.0) if due_at <= self.now else due_at)

    def _worker(self) -> Worker:
        desk = Desk(self.store, clock=self.clock, incident_ids=self._ids, policy=self.policy)
        return Worker(desk, self._sender(desk))

    def _sender(self, desk: Desk) -> Sender:
        source = random.Random(next(self._names))
        return Sender(desk, self.channels, clock=self.clock, source=source, tripwire=Tripwire(allowed=(CONSOLE,)))


@dataclass(frozen=True)
class Moment:
    """A time of a script, and what can happen then."""

    script: Script
    seconds: float

    def push(self, *findings: Seen) -> None:
        """Let the detectors have seen this."""
        self.script.add(
            self.seconds, lambda desk: desk.handle(RecordFindings([one.at(self.script.now) for one in findings]))
        )

    def retract(self, *findings: Seen, reason: str = "the ground has fallen away") -> None:
        """Withdraw what the detectors have seen."""
        retractions = [
            Retraction(
                finding_id=one.id,
                at=self.script.start + self.seconds,
                entity=Entity(one.entity_type, one.by),
                reason=reason,
            )
            for one in findings
        ]
        self.script.add(self.seconds, lambda desk: desk.handle(RetractFindings(retractions)))

    def ask(self, command: Any) -> None:
        """Give a command."""
        self.script.add(self.seconds, lambda desk: desk.handle(command))

    def refuse(self, command: Any, why: str) -> None:
        """Give a command that must be refused with this text."""
        self.script.add(self.seconds, partial(_refused, command=command, why=why))

    def do(self, act: Callable[[], object]) -> None:
        """Do something else: change a provider, look at the store."""
        self.script.add(self.seconds, lambda _: act())


def _refused(desk: Desk, *, command: Any, why: str) -> None:
    try:
        desk.handle(command)
    except Refused as refused:
        assert re.search(why, str(refused)), str(refused)
    else:
        message = f"{command!r} was not refused"
        raise AssertionError(message)
