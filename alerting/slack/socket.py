"""Socket Mode: Slack's requests over a WebSocket that we open, for sites that nobody can call from outside.

An envelope is acknowledged once the request is kept; one that could not be kept is sent again by Slack. The client
connects anew when Slack asks for it and when the connection breaks.
"""

import logging
import threading
from collections.abc import Callable
from typing import Any

import msgspec
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.socket_mode import SocketModeClient
from slack_sdk.socket_mode.client import BaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web import WebClient

from alerting.channels.api import READ_SECONDS, Secret
from alerting.channels.slack import SlackConfig, error_word, silent_logger
from alerting.slack.asked import Asked
from alerting.slack.reading import Challenge, Unreadable, read_command, read_event, read_interaction

_log = logging.getLogger(__name__)

RETRY_SECONDS = 10.0
"""A pause after Slack would not let us connect; `apps.connections.open` may be called once a minute in the long run."""

READERS: dict[str, Callable[[dict[str, Any]], Asked | Challenge | None]] = {
    "interactive": lambda payload: read_interaction(msgspec.json.encode(payload)),
    "slash_commands": read_command,
    "events_api": lambda payload: read_event(msgspec.json.encode(payload)),
}
"""Type of an envelope to what reads its payload."""


class SlackSocket:
    """Listens to Slack.

    Args:
        config: how the Web API is reached.
        app_token: the app-level token (`xapp-…`) with `connections:write`.
        receive: keeps a request; returns False for one that came before.
    """

    def __init__(self, config: SlackConfig, app_token: Secret, receive: Callable[[Asked], bool]) -> None:
        self._config = config
        self._app_token = app_token
        self._receive = receive

    def run(self, stop: threading.Event) -> None:
        """Listen until told to stop."""
        client = SocketModeClient(
            app_token=self._app_token.reveal(),
            logger=silent_logger(),
            web_client=WebClient(
                base_url=self._config.base_url,
                timeout=int(READ_SECONDS),
                proxy=self._config.proxy or None,
                logger=silent_logger(),
            ),
            proxy=self._config.proxy or None,
        )
        client.socket_mode_request_listeners.append(self._on_request)
        try:
            while not stop.is_set() and not self._connects(client):
                stop.wait(RETRY_SECONDS)
            stop.wait()
        finally:
            client.close()

    def _connects(self, client: SocketModeClient) -> bool:
        try:
            client.connect()
        except SlackApiError as error:
            _log.error("Slack lets nobody listen: %s", error_word(error.response.data))
            return False
        except (OSError, SlackClientError) as error:
            _log.error("Slack cannot be reached to listen: %s", type(error).__name__)
            return False
        _log.info("Listening to Slack over Socket Mode")
        return True

    def _on_request(self, client: BaseSocketModeClient, request: SocketModeRequest) -> None:
        try:
            asked = READERS[request.type](dict(request.payload)) if request.type in READERS else None
            if asked is not None and not isinstance(asked, Challenge):
                self._receive(asked)
        except Unreadable as error:
            _log.warning("A request of Slack cannot be read: %s", error)  # and is no better when it is sent again
        except Exception as error:  # noqa: BLE001 -- the client would log a traceback; the text may hold anything
            _log.error("A request of Slack could not be kept; Slack will send it again: %s", type(error).__name__)
            return
        client.send_socket_mode_response(SocketModeResponse(envelope_id=request.envelope_id))
