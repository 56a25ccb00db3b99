"""Telling Slack right away: modals and texts for one pair of eyes. What fails is logged and lost, for it is no news."""

import http.client
import logging
from urllib.parse import urlsplit

import httpx
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web import WebClient

from alerting.channels.api import CONNECT_SECONDS, READ_SECONDS
from alerting.channels.slack import SlackConfig, error_word, silent_logger
from alerting.slack.replies import Open, Reply, Say

_log = logging.getLogger(__name__)

_PATIENCE = httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS)

_FAILURES = (OSError, http.client.HTTPException, httpx.HTTPError, SlackClientError, ValueError, AttributeError)
"""Timeouts and urllib's errors are OSErrors; the last two are answers that are no JSON object."""


class SlackReplies:
    """Opens modals and answers people."""

    def __init__(self, config: SlackConfig) -> None:
        api = urlsplit(config.base_url)
        # Slack has answers sent to hooks.slack.com; an address elsewhere is not followed, even if Slack signed it.
        self._reply_place = (api.scheme, f"hooks.{api.netloc}" if api.scheme == "https" else api.netloc)
        self._proxy = config.proxy or None
        self._client = WebClient(
            token=config.token.reveal(),
            base_url=config.base_url,
            timeout=int(READ_SECONDS),
            proxy=config.proxy or None,
            logger=silent_logger(),
            retry_handlers=[],
        )

    def give(self, reply: Reply) -> None:
        """Give an answer, or log why it could not be given."""
        try:
            self._give(reply)
        except SlackApiError as error:
            _log.warning("An answer in Slack was refused: %s", error_word(error.response.data))
        except _FAILURES as error:
            _log.warning("An answer in Slack could not be given: %s", type(error).__name__)

    def _give(self, reply: Reply) -> None:
        match reply:
            case Open():
                self._client.api_call("views.open", json={"trigger_id": reply.trigger, "view": reply.view})
            case Say() if reply.reply_to and self._is_slacks(reply.reply_to):
                text = {"response_type": "ephemeral", "replace_original": False, "text": reply.text}
                httpx.post(reply.reply_to, json=text, timeout=_PATIENCE, proxy=self._proxy).raise_for_status()
            case Say() if reply.channel:
                told = {"channel": reply.channel, "user": reply.user, "text": reply.text}
                self._client.api_call("chat.postEphemeral", json=told)
            case Say():
                told = {"channel": reply.user, "text": reply.text}
                self._client.api_call("chat.postMessage", json=told | {"unfurl_links": False, "unfurl_media": False})

    def _is_slacks(self, address: str) -> bool:
        parts = urlsplit(address)
        return (parts.scheme, parts.netloc) == self._reply_place
