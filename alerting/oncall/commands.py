"""What people ask of on-call. `reason` is free text and never shown by `repr`."""

from alerting.command import Command
from alerting.oncall.schedules import Override


class OverrideShift(Command[Override], frozen=True, kw_only=True):
    """Let `person` stand in from `first` to `last` (seconds since the epoch), for this reason."""

    schedule: str
    person: str
    first: float
    last: float
    reason: str


class RemoveOverride(Command[Override], frozen=True, kw_only=True):
    """Let an override hold no longer."""

    override: int
