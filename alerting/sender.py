"""The sender: takes due notices from the outbox, gives them to their channels, and notes what became of them.

A notice is marked as sent after its channel took it, so a crash in between sends it once more (providers deduplicate
by its key); a lease keeps two senders from sending one notice at the same time.
"""

import logging
import random
import threading
from collections.abc import Callable, Mapping
from functools import partial
from typing import Literal, TypeAlias

from sqlalchemy import Connection

from alerting.backoff import Breaker, delay
from alerting.channels.api import Channel, Failed, Outcome, PacedByRecipient, Retry, Sent
from alerting.commands import BlockNotice, GiveUpNotice
from alerting.desk import Desk
from alerting.ending import UNREADABLE
from alerting.notices import Notice, UnreadableNotice
from alerting.observer import Observer, Unobserved
from alerting.store.outbox_rows import channels_waiting, claim_notice, mark_retry, mark_sent, overdue_notices
from alerting.store.pace_rows import WHOLE, locked_paces, rest_until
from alerting.tripwire import Tripwire

GIVE_UP_SECONDS = 3600.0
"""After an hour a notice goes to the next channel (domain.md §4.8)."""
LEASE_SECONDS = 60.0
"""Twice what a channel can take: two calls of 3 s to connect and 10 s to read."""
PASS_LIMIT = 100
"""Notices of one channel in one pass, so that the loop looks at the stop event now and then."""
POLL_SECONDS = 0.25
OWN_ERROR = Retry("own error")
"""Of a notice that a channel stumbled over: it is given up in time like others, and says nothing of the provider."""

Clock: TypeAlias = Callable[[], float]
_log = logging.getLogger(__name__)


class _Lane:
    """One channel, and when it, and each of its recipients, may be called next."""

    def __init__(self, name: str, channel: Channel) -> None:
        self.name = name
        self.channel = channel
        self.breaker = Breaker()
        self.free_at = 0.0
        self.resting_until = 0.0
        """Until when the channel itself asked to be left alone; `free_at` is also its usual pace."""
        self._recipient_pace = channel.recipient_pace if isinstance(channel, PacedByRecipient) else 0.0
        self._free_at_by_recipient: dict[str, float] = {}

    def is_free(self, now: float) -> bool:
        return now >= self.free_at and not self.breaker.is_open(now)

    def busy(self, now: float) -> list[str]:
        """Return the recipients that must wait."""
        self._free_at_by_recipient = {to: at for to, at in self._free_at_by_recipient.items() if at > now}
        return list(self._free_at_by_recipient)

    def learn(self, paces: Mapping[str, float], now: float) -> None:
        """Keep the pace that all senders keep together; what lies too far ahead is from a clock that was wrong."""
        near = {to: at for to, at in paces.items() if now < at <= now + GIVE_UP_SECONDS}
        self.free_at = max(self.free_at, near.pop(WHOLE, 0.0))
        self._free_at_by_recipient |= near

    def rest(self, recipient: str, now: float, turns: int = 1) -> dict[str, float]:
        """Keep the pace after so many turns; return when the channel and the recipient may be called next."""
        self.free_at = now + self.channel.pace * turns
        rests = {WHOLE: self.free_at} if self.channel.pace else {}
        if self._recipient_pace:
            self._free_at_by_recipient[recipient] = rests[recipient] = now + self._recipient_pace
        return rests


class Sender:
    """Sends what the desk put into the outbox.

    Args:
        desk: whose outbox it is; it is told what was given up or stopped.
        channels: by the names that routes use.
        clock: gives the time in seconds since the epoch.
        source: randomness for jitter and for this sender's own name.
        tripwire: scans every message as it would leave.
        observer: is told how every attempt ended, for metrics.
    """

    def __init__(
        self,
        desk: Desk,
        channels: Mapping[str, Channel],
        *,
        clock: Clock,
        source: random.Random,
        tripwire: Tripwire,
        observer: Observer = Unobserved(),  # noqa: B008 -- has no state
    ) -> None:
        self._desk = desk
        self._store = desk.store
        self._lanes = [_Lane(name, channel) for name, channel in channels.items()]
        self._clock = clock
        self._source = source
        self._tripwire = tripwire
        self._observer = observer
        self._name = f"{source.getrandbits(64):016x}"

    def run_once(self, now: float) -> int:
        """Send what is due at a time, as far as pace and breakers allow; return the number of attempts."""
        self._give_up_unknown_channels(now)
        return sum(self._send_due(lane, lambda: now) for lane in self._lanes)

    def run(self, stop: threading.Event) -> None:
        """Send until told to stop: a thread for each channel, so that a slow one delays no other."""
        works: list[Callable[[], object]] = [lambda: self._give_up_unknown_channels(self._clock())]
        works += [partial(self._send_due, lane, self._clock) for lane in self._lanes]
        threads = [threading.Thread(target=_repeat, args=(work, stop), daemon=True) for work in works]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _send_due(self, lane: _Lane, clock: Clock) -> int:
        """Send the due notices of one channel, gravest first."""
        self._give_up_overdue(lane, clock())
        attempts = 0
        while attempts < PASS_LIMIT and lane.is_free(now := clock()):
            try:
                notice = self._claim(lane, now)
            except UnreadableNotice as unreadable:
                self._desk.handle(GiveUpNotice(unreadable.notice_id, UNREADABLE))
                self._observer.notice(lane.name, "failed")
                continue
            if notice is None:
                break
            attempts += 1
            self._observer.notice(lane.name, self._send(lane, notice, clock))
        return attempts

    def _claim(self, lane: _Lane, now: float) -> Notice | None:
        """Take the next notice and the turn to send it: one sender at a time, in the pace of all of them."""
        with self._store.writing() as connection:
            lane.learn(locked_paces(connection, lane.name), now)
            if not lane.is_free(now):
                return None
            until, busy = now + LEASE_SECONDS, lane.busy(now)
            notice = claim_notice(connection, lane.name, self._name, now=now, until=until, but_for=busy)
            if notice is not None:
                self._rest(connection, lane, lane.rest(notice.to, now))
        return notice

    def _rest(self, connection: Connection, lane: _Lane, rests: Mapping[str, float]) -> None:
        for recipient, free_at in rests.items():
            rest_until(connection, lane.name, recipient, free_at)

    def _send(self, lane: _Lane, notice: Notice, clock: Clock) -> Literal["sent", "retry", "failed", "blocked"]:
        outcome, turns = self._called(lane, notice)
        if isinstance(outcome, frozenset):
            self._desk.handle(BlockNotice(notice.id, tuple(sorted(outcome))))
            return "blocked"
        now = clock()
        rests = lane.rest(notice.to, now, turns)
        if isinstance(outcome, Retry) and outcome != OWN_ERROR:
            rests |= self._slow_down(lane, outcome, now)
        return self._settle(lane, notice, outcome, now, rests)

    def _called(self, lane: _Lane, notice: Notice) -> tuple[Outcome | frozenset[str], int]:
        """Return what came of calling the channel, or the patterns that the tripwire found; and the turns it took."""
        try:
            message = lane.channel.compose(notice)
            patterns = frozenset(name for call in message.calls for name in self._tripwire.patterns_in(call.body))
            return patterns or lane.channel.send(message), message.turns
        except Exception as error:  # noqa: BLE001 -- the guard of one notice; the text may hold anything
            _log.error("a notice could not be sent and is tried again: %s", type(error).__name__)
            return OWN_ERROR, 1

    def _settle(
        self, lane: _Lane, notice: Notice, outcome: Outcome, now: float, rests: Mapping[str, float]
    ) -> Literal["sent", "retry", "failed"]:
        match outcome:
            case Sent():
                lane.breaker = Breaker()
                with self._store.writing() as connection:
                    self._rest(connection, lane, rests)
                    mark_sent(connection, notice.id, outcome.receipt)
                return "sent"
            case Failed():
                self._desk.handle(GiveUpNotice(notice.id, outcome.reason))
                return "failed"
            case Retry():
                if now - notice.created_at >= GIVE_UP_SECONDS:
                    self._desk.handle(GiveUpNotice(notice.id, outcome.reason))
                    return "failed"
                wait = max(outcome.after or 0.0, delay(notice.attempts + 1, self._source))
                with self._store.writing() as connection:
                    self._rest(connection, lane, rests)
                    mark_retry(connection, notice.id, outcome.reason, due_at=now + min(wait, GIVE_UP_SECONDS))
                return "retry"

    def _slow_down(self, lane: _Lane, outcome: Retry, now: float) -> dict[str, float]:
        """Leave a channel alone that asked for it, in every sender; count a failure of one that did not answer."""
        if outcome.after is None:
            lane.breaker = lane.breaker.after_failure(now)
            return {}
        lane.free_at = lane.resting_until = now + min(outcome.after, GIVE_UP_SECONDS)
        return {WHOLE: lane.free_at}

    def _give_up_overdue(self, lane: _Lane, now: float) -> None:
        """Hand on what has waited too long for a channel that is not even called at the moment."""
        if lane.breaker.is_open(now) or now < lane.resting_until:
            self._give_up(lane.name, "channel down", now, created_before=now - GIVE_UP_SECONDS)

    def _give_up_unknown_channels(self, now: float) -> None:
        """Hand on what is meant for a channel that a route names but nobody configured."""
        with self._store.reading() as connection:
            unknown = channels_waiting(connection) - {lane.name for lane in self._lanes}
        for name in sorted(unknown):
            self._give_up(name, "no such channel", now, created_before=now)

    def _give_up(self, channel: str, reason: str, now: float, *, created_before: float) -> None:
        with self._store.reading() as connection:
            overdue = overdue_notices(connection, channel, created_before=created_before, now=now, limit=PASS_LIMIT)
        for notice_id in overdue:
            self._desk.handle(GiveUpNotice(notice_id, reason))
            self._observer.notice(channel, "failed")


def _repeat(work: Callable[[], object], stop: threading.Event) -> None:
    """Do the work over and over; whatever it raises must not end the sending of pages."""
    while not stop.is_set():
        try:
            work()
        except Exception as error:  # noqa: BLE001 -- the sender loop's guard; the text may hold anything
            _log.error("sending failed and is tried again: %s", type(error).__name__)
        stop.wait(POLL_SECONDS)
