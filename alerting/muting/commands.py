"""What people ask of the desk about holding news back."""

from alerting.command import Command
from alerting.incidents import Incident
from alerting.muting.silences import Kind, Silence


class AddSilence(Command[Silence], frozen=True, kw_only=True):
    """Hold back the news of cases that fit all of `matchers`, from `starts_at` (now, where it is None) to `ends_at`.

    With `replaces` it is an edit: the one of that id ends as this one begins.
    """

    matchers: tuple[str, ...]
    reason: str
    ends_at: float
    starts_at: float | None = None
    kind: Kind = "silence"
    including_critical: bool = False
    replaces: str = ""


class ExpireSilence(Command[Silence], frozen=True, kw_only=True):
    """End a silence, or a maintenance window that was opened by hand, now."""

    silence_id: str


class Snooze(Command[Incident], frozen=True, kw_only=True):
    """Tell nobody of a case until a time, unless it becomes graver or finds new ground."""

    incident_id: str
    until: float
    reason: str


class Unsnooze(Command[Incident], frozen=True, kw_only=True):
    """End the snooze of a case now."""

    incident_id: str
