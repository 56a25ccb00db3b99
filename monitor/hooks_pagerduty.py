"""`/hooks/pagerduty`: webhooks of PagerDuty, checked by their signature and carried out at once.

PagerDuty wants an answer within five seconds and tries again after anything but 2xx and 4xx; a webhook that comes again
is known by its id.
"""

import logging
from collections.abc import Sequence
from http import HTTPStatus

from alerting.channels.api import Secret
from alerting.desk import Desk
from alerting.pagerduty.commands import HearPagerDuty
from alerting.pagerduty.events import read_event
from alerting.pagerduty.signature import HEADER, verify
from monitor.web import Answer, Request, Route, json_answer

_log = logging.getLogger(__name__)

ID_HEADER = "x-webhook-id"
MAX_ID = 200


def pagerduty_hook(desk: Desk, secrets: Sequence[Secret]) -> Route:
    """Return what answers PagerDuty's webhooks."""

    def answer(request: Request) -> Answer:
        if not verify(request.body, request.headers.get(HEADER, ""), secrets):
            _log.warning("A webhook was refused: its signature is not PagerDuty's")
            return json_answer({"error": "the signature is wrong"}, HTTPStatus.UNAUTHORIZED)
        try:
            event = read_event(request.body)
        except ValueError as error:
            return json_answer({"error": str(error)}, HTTPStatus.BAD_REQUEST)
        webhook_id = request.headers.get(ID_HEADER, "")[:MAX_ID]
        if event is None or not webhook_id:
            return json_answer({"heard": "nothing"})
        actor = f"pagerduty:{event.user}" if event.user else "pagerduty"
        heard = desk.handle(HearPagerDuty(actor=actor, webhook_id=webhook_id, event=event))
        _log.info("PagerDuty was heard", extra={"did": event.did, "heard": heard})
        return json_answer({"heard": heard})

    return answer
