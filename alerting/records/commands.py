"""What people ask of the desk about accounting: every report is in the audit log before it is made."""

from alerting.command import Command
from alerting.records.expired import Counts
from alerting.records.holds import About, LegalHold
from alerting.records.reviews import Review


class GiveReport(Command[None], frozen=True, kw_only=True):
    """A report about a patient is about to be made: for what, under which tokens, with how many entries."""

    patients: tuple[str, ...]
    purpose: str
    form: str
    entries: int
    names_told: bool = False


class SignReview(Command[Review], frozen=True, kw_only=True):
    """The next period was reviewed; `note` says what was looked at and what came of it, `rules` are all that watch."""

    note: str
    rules: tuple[str, ...] = ()


class PlaceHold(Command[LegalHold], frozen=True, kw_only=True):
    """Nothing about this may be deleted until the hold is released."""

    about: About
    ref: str = ""
    reason: str


class ReleaseHold(Command[LegalHold], frozen=True, kw_only=True):
    """A legal hold is in force no longer."""

    hold_id: str
    reason: str


class DeleteExpired(Command[Counts], frozen=True, kw_only=True):
    """Delete what has been kept for six years, at most `limit` of each kind.

    `before` is the time before which everything must lie, None for six years ago. `accesses` counts what is about to be
    deleted from the archive with it.
    """

    before: float | None = None
    limit: int = 200
    accesses: int = 0
