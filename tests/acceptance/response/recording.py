"""Channels of stories: each notes when it was given what, and fails on what no story wanted."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from alerting.channels.api import Call, Message, Outcome, Retry, Sent
from alerting.channels.text import plain
from alerting.notices import Notice
from alerting.notification import Digest, Notification, Told
from alerting.severity import IncidentSeverity

DIGEST = "digest"
QUESTION = "question"


class Crash(BaseException):
    """The process ended: no guard of ours stops it."""


@dataclass(frozen=True)
class Window:
    """From and to, in seconds of the story, both included."""

    first: float
    last: float

    def __contains__(self, at: float) -> bool:
        return self.first <= at <= self.last


@dataclass(frozen=True)
class Heard:
    """What came: when (seconds of the story), about what, why, for whom.

    A digest is about its incidents, joined by `+`, and is told as `digest`; a question is about nothing.
    """

    at: float
    about: str
    told: str
    to: str
    severity: IncidentSeverity
    status: str

    def __str__(self) -> str:
        about = f"{self.about} {self.severity}".strip()
        return f"{moment(self.at)} {about}: {self.told} ({self.status or '-'}) to {self.to or '-'}"


@dataclass(frozen=True)
class Want:
    """What must come once, within a window; None stands for anything."""

    window: Window
    about: str
    told: str
    to: str
    severity: IncidentSeverity | None
    status: str | None

    def fits(self, heard: Heard) -> bool:
        """Whether this is what came."""
        return (
            heard.at in self.window
            and (self.about, self.told, self.to) == (heard.about, heard.told, heard.to)
            and self.severity in (None, heard.severity)
            and self.status in (None, heard.status)
        )

    def __str__(self) -> str:
        about = f"{self.about} {self.severity or ''}".strip()
        window = f"{moment(self.window.first)} to {moment(self.window.last)}"
        return f"{window} {about}: {self.told} ({self.status or '-'}) to {self.to or '-'}"


@dataclass
class Recorder:
    """A channel that takes everything, or does what its story says.

    `deduplicates`: like a provider that knows a repeated event by its key, it takes a notice once.
    """

    name: str
    clock: Callable[[], float]
    pace: float = 0.0
    recipient_pace: float = 0.0
    deduplicates: bool = False
    answers: Iterator[Outcome] = field(default_factory=lambda: iter(()))
    heard: list[Heard] = field(default_factory=list)
    wanted: list[Want] = field(default_factory=list)
    attempts: int = 0
    _outages: list[tuple[Window, Outcome]] = field(default_factory=list)
    _taken: set[str] = field(default_factory=set)
    _crash_in: int = 0
    _composed: Notice | None = None

    def want(
        self,
        window: Window,
        about: str,
        told: Told | str,
        *,
        to: str = "",
        severity: IncidentSeverity | None = None,
        status: str | None = None,
    ) -> None:
        """Demand that this comes exactly once within a window."""
        self.wanted.append(Want(window, about, told, to, severity, status))

    def want_digest(self, window: Window, *about: str, to: str = "") -> None:
        """Demand one digest of these incidents, in this order."""
        self.want(window, "+".join(about), DIGEST, to=to)

    def fails(self, window: Window, outcome: Outcome = Retry("no connection")) -> None:  # noqa: B008 -- frozen
        """Answer like this within a window."""
        self._outages.append((window, outcome))

    def crash(self) -> None:
        """End the process after the next message was taken, before anybody could note it."""
        self.crash_at(1)

    def crash_at(self, number: int) -> None:
        """The same after so many messages."""
        self._crash_in = number

    def compose(self, notice: Notice) -> Message:
        """Return the notice as plain text, which the tripwire reads."""
        self._composed = notice
        shown: dict[str, Any] = {"text": "\n".join(plain(notice.body))}
        return Message((Call("tell", {"to": notice.to}, shown),))

    def send(self, message: Message) -> Outcome:
        """Take the notice that was composed last."""
        assert message.calls
        assert self._composed is not None
        self.attempts += 1
        now = self.clock()
        outcome = next((answer for window, answer in self._outages if now in window), None)
        outcome = outcome or next(self.answers, Sent(f"{self.name}/{self._composed.to}/{len(self.heard)}"))
        if isinstance(outcome, Sent):
            self._take(self._composed, now)
        return outcome

    def _take(self, notice: Notice, now: float) -> None:
        if not (self.deduplicates and notice.id in self._taken):
            self._taken.add(notice.id)
            self.heard.append(_heard(notice, now))
        self._crash_in -= 1
        if self._crash_in == 0:
            raise Crash

    def mismatches(self) -> list[str]:
        """Return what was wanted and did not come, and what came and was not wanted."""
        left = list(self.heard)
        missing = []
        for want in sorted(self.wanted, key=lambda want: want.window.last):
            fitting = next((heard for heard in left if want.fits(heard)), None)
            if fitting is None:
                missing.append(f"{self.name} did not tell: {want}")
            else:
                left.remove(fitting)
        return [*missing, *(f"{self.name} told, and nobody wanted it: {heard}" for heard in left)]


def _heard(notice: Notice, now: float) -> Heard:
    body = notice.body
    if isinstance(body, Notification):
        return Heard(now, body.incident_id, body.told, notice.to, body.severity, body.status)
    if isinstance(body, Digest):
        return Heard(now, "+".join(line.incident_id for line in body.lines), DIGEST, notice.to, body.severity, "")
    return Heard(now, "", QUESTION, notice.to, body.severity, "")


def moment(at: float) -> str:
    """Return a time of a story as people write it: `26:05:09`."""
    seconds = int(at)
    return f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
