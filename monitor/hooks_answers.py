"""`/answers/…`: the page on which somebody answers a question, for whoever holds its link.

The link is the permission. Looking at the page changes nothing, for mail programs and chats look at links too; only the
form that the page shows takes an answer.
"""

import logging
import threading
from collections.abc import Callable
from http import HTTPStatus

from alerting.desk import Desk
from alerting.questions.commands import AnswerQuestion, AskedQuestion, NoteForgedLinks
from alerting.questions.links import form_proof, proves, read_token
from alerting.questions.pages import MAX_REASON, ending_page, question_page, read_form, read_said
from alerting.questions.rows import find_question
from monitor.questions import PATH
from monitor.web import Answer, Request, html_answer, text_answer

_log = logging.getLogger(__name__)

ACTOR = "link"
FORGED_PER_MINUTE = 30
"""Of links that we did not sign. More are answered 429; links that we did sign are never held up by it."""

_MINUTE = 60.0
OWN_PAGE = frozenset({"", "same-origin", "none"})
"""Of `Sec-Fetch-Site`: a form of another site is not taken (https://www.w3.org/TR/fetch-metadata/)."""

TOO_MANY = Answer(
    HTTPStatus.TOO_MANY_REQUESTS, "text/plain; charset=utf-8", b"Too many wrong links.\n", (("Retry-After", "60"),)
)
NO_LINK = html_answer(ending_page("unknown"), HTTPStatus.NOT_FOUND)
OTHER_SITE = text_answer("This form is not ours.", HTTPStatus.FORBIDDEN)


class Answers:
    """The two routes of the answer page.

    Args:
        desk: takes the answers.
        key: the key of links.
        clock: seconds since the epoch.
    """

    def __init__(self, desk: Desk, key: bytes, clock: Callable[[], float]) -> None:
        self._desk = desk
        self._key = key
        self._clock = clock
        self._forged = _Forged(desk, clock)

    def show(self, request: Request) -> Answer:
        """Show the question, or why it cannot be answered; nothing is used up."""
        token = request.path.removeprefix(PATH)
        question = self._question(token)
        if question is None:
            return self._forged.refusal()
        state = question.state_at(self._clock())
        if state != "open":
            return html_answer(ending_page(state), HTTPStatus.GONE)
        return html_answer(question_page(question, form_proof(self._key, token)))

    def take(self, request: Request) -> Answer:
        """Take an answer."""
        token = request.path.removeprefix(PATH)
        question = self._question(token)
        if question is None:
            return self._forged.refusal()
        fields = read_form(request.body)
        is_ours = request.headers.get("sec-fetch-site", "") in OWN_PAGE
        if not is_ours or not proves(self._key, token, fields.get("proof", "")):
            return OTHER_SITE
        said = read_said(fields)
        if said is None and question.state_at(self._clock()) == "open":
            page = question_page(question, form_proof(self._key, token), is_incomplete=True)
            return html_answer(page, HTTPStatus.UNPROCESSABLE_ENTITY)
        reason = fields.get("reason", "").strip()[:MAX_REASON]
        outcome = self._desk.handle(
            AnswerQuestion(actor=ACTOR, question_id=question.id, said=said or "unknown", reason=reason)
        )
        return html_answer(ending_page(outcome), HTTPStatus.OK if outcome == "taken" else HTTPStatus.GONE)

    def _question(self, token: str) -> AskedQuestion | None:
        link = read_token(self._key, token)
        if link is None:
            return None
        with self._desk.store.reading() as connection:
            return find_question(connection, link.question_id)


class _Forged:
    """Counts links that we did not sign, notes them once a minute, and has enough of them at some point."""

    def __init__(self, desk: Desk, clock: Callable[[], float]) -> None:
        self._desk = desk
        self._clock = clock
        self._lock = threading.Lock()
        self._minute = -1
        self._count = 0

    def refusal(self) -> Answer:
        """Return what is answered to such a link."""
        with self._lock:
            minute = int(self._clock() // _MINUTE)
            is_first = minute != self._minute
            self._minute, self._count = minute, 1 if is_first else self._count + 1
            count = self._count
        if is_first:
            _log.warning("A link to an answer page was tried that we did not make")
            self._desk.handle(NoteForgedLinks(actor=ACTOR))
        return NO_LINK if count <= FORGED_PER_MINUTE else TOO_MANY
