"""What becomes due by the clock alone: one line each. Each is done in a transaction of its own, and may come twice."""

from collections.abc import Callable

from alerting.act import Act
from alerting.breach.clockwork import pass_breach_clocks
from alerting.feedback.teaching import relearn
from alerting.muting.authors import tell_authors
from alerting.muting.ending import end_holds
from alerting.oncall.climbing import climb
from alerting.questions.handling import end_questions
from alerting.records.reviewing import tell_overdue
from alerting.routing.due import note_left_out, send_digests
from alerting.slack.rooms import see_to_rooms
from alerting.work.registry import DUE as WORK

DUE: dict[str, Callable[[Act], None]] = {
    "ends of silences": end_holds,
    "authors of silences": tell_authors,
    "overdue reviews": tell_overdue,
    "breach clocks": pass_breach_clocks,
    **WORK,
    "escalation": climb,
    "digests": send_digests,
    "subjects left out": note_left_out,
    "questions without an answer": end_questions,
    "rooms in Slack": see_to_rooms,
    "what verdicts teach": relearn,
}
"""What looks for work that is due at `act.now`, and does it."""
