"""Escalations: who is told, one after the other, while nobody answers. Pure."""

from collections.abc import Iterator, Sequence

from msgspec import Struct

from alerting.people import Directory
from alerting.routing.receivers import Receiver

_MINUTE = 60.0


class Step(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who is told `after` so many minutes: since the step before, for the first since the escalation began."""

    receivers: tuple[Receiver, ...]
    after: float = 0.0


class Escalation(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Steps that are made while nobody answers, all of them `repeat` times again; times are in minutes.

    `patience` is how long an answer to the last step is waited for before the next round or the end. A case that was
    acknowledged and not touched for `ack_timeout` climbs again from the first step; 0 for never.
    """

    name: str
    steps: tuple[Step, ...]
    repeat: int = 0
    patience: float = 15.0
    ack_timeout: float = 0.0

    @property
    def length(self) -> int:
        """The number of steps over all rounds."""
        return len(self.steps) * (self.repeat + 1)

    def step(self, position: int) -> Step:
        """Return the step after so many."""
        return self.steps[position % len(self.steps)]

    def wait(self, position: int) -> float:
        """Return how many seconds lie before the step after so many, or before the end."""
        before = self.patience if position and position % len(self.steps) == 0 else 0.0
        after = 0.0 if position >= self.length else self.step(position).after
        return _MINUTE * (before + after)

    @property
    def ack_seconds(self) -> float:
        """How long an acknowledgement holds."""
        return _MINUTE * self.ack_timeout


def escalation_problems(
    escalations: Sequence[Escalation], directory: Directory, schedules: frozenset[str]
) -> Iterator[str]:
    """Yield what is wrong with escalations, a sentence each that begins with its place in the plan."""
    names = [one.name for one in escalations]
    yield from (
        f"escalations: {name!r} is there more than once" for name in dict.fromkeys(names) if names.count(name) > 1
    )
    for one in escalations:
        place = f"escalations: {one.name}"
        if not one.steps:
            yield f"{place}: it has no steps"
        if min(one.repeat, one.patience, one.ack_timeout, *(step.after for step in one.steps)) < 0:
            yield f"{place}: times and repeat are not below zero"
        for number, step in enumerate(one.steps, 1):
            if not step.receivers:
                yield f"{place}: step {number}: it has no receivers"
            for receiver in step.receivers:
                yield from receiver.problems(f"{place}: step {number}", directory, schedules)
