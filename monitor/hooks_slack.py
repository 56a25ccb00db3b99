"""`/hooks/slack/…`: what Slack sends over HTTP, checked by its signature, kept, and answered within three seconds."""

import logging
from collections.abc import Callable
from http import HTTPStatus

from alerting.channels.api import Secret
from alerting.slack.asked import Asked
from alerting.slack.reading import Challenge, Unreadable, read_command_form, read_event, read_interaction_form
from alerting.slack.signature import is_authentic
from alerting.slack.worker import SlackWorker
from monitor.web import Answer, Request, Route, text_answer

_log = logging.getLogger(__name__)

Read = Callable[[bytes], Asked | Challenge | None]

READERS: dict[str, Read] = {
    "/hooks/slack/actions": read_interaction_form,
    "/hooks/slack/commands": read_command_form,
    "/hooks/slack/events": read_event,
}
"""Path to what reads its bodies."""

TAKEN = Answer(HTTPStatus.OK, "text/plain", b"")
"""An empty answer: Slack closes a modal and shows nothing in its place."""

WRONG_SIGNATURE = text_answer("the signature is wrong", HTTPStatus.UNAUTHORIZED)
WRONG_SHAPE = text_answer("this cannot be read", HTTPStatus.BAD_REQUEST)


def slack_hook(worker: SlackWorker, secret: Secret, read: Read, clock: Callable[[], float]) -> Route:
    """Return what answers one of Slack's addresses. A repetition (`X-Slack-Retry-Num`) is answered and not done."""

    def answer(request: Request) -> Answer:
        is_slacks = is_authentic(
            secret.reveal(),
            request.body,
            timestamp=request.headers.get("x-slack-request-timestamp", ""),
            signature=request.headers.get("x-slack-signature", ""),
            now=clock(),
        )
        if not is_slacks:
            _log.warning("A request was refused: its signature is not Slack's, or it is older than five minutes")
            return WRONG_SIGNATURE
        try:
            asked = read(request.body)
        except Unreadable as error:
            _log.warning("A request of Slack cannot be read: %s", error)
            return WRONG_SHAPE
        if isinstance(asked, Challenge):
            return text_answer(asked.text)
        if asked is not None and not worker.receive(asked):
            _log.info("A request of Slack came again and is not done twice")
        return TAKEN

    return answer
