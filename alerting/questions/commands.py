"""What is asked of the desk about questions, and what it says."""

from typing import Literal, TypeAlias

from msgspec import Struct

from alerting.command import Command
from alerting.questions.contacts import Audience, Way

State: TypeAlias = Literal["open", "answered", "expired"]
Said: TypeAlias = Literal["yes", "no", "unknown"]
"""Yes, this was me; no; I do not know. For a manager: this was part of the work."""

Outcome: TypeAlias = Literal["taken", "answered", "expired", "unknown"]
"""What became of an answer: it was taken; there was one before; it came too late; there is no such question."""


class AskedQuestion(Struct, frozen=True, kw_only=True):
    """A question as the store has it. Times are seconds since the epoch, `first_at` and `last_at` of events."""

    id: str
    incident_id: str
    audience: Audience
    channel: Way
    asked_by: str
    asked_at: float
    first_at: float
    last_at: float
    expires_at: float
    state: State = "open"
    answer: Said | Literal[""] = ""
    settled_at: float = 0.0
    refusals: int = 0

    def state_at(self, now: float) -> State:
        """Return what has become of it by now."""
        return "expired" if self.state == "open" and now >= self.expires_at else self.state


class Ask(Command[AskedQuestion], frozen=True, kw_only=True):
    """Ask somebody about the activity in a case: `to` is the address, `link` what leads to the answer page."""

    incident_id: str
    question_id: str
    audience: Audience
    channel: Way
    to: str
    link: str
    expires_at: int


class AnswerQuestion(Command[Outcome], frozen=True, kw_only=True):
    """Somebody used the link of a question; `reason` is what they wrote."""

    question_id: str
    said: Said
    reason: str = ""


class NoteForgedLinks(Command[None], frozen=True, kw_only=True):
    """Links were tried that we did not sign; the audit log has it."""
