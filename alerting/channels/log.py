"""The log as a channel: it needs nothing, and is what is left when nothing else is configured."""

import logging
from dataclasses import dataclass

from alerting.channels.api import Call, Message, Outcome, Sent
from alerting.channels.text import headline, plain, rule_lines
from alerting.notices import Notice
from alerting.notification import Notification


@dataclass(frozen=True, kw_only=True)
class LogConfig:
    """The name of the logger that notices go to."""

    logger: str = "wardwatch.notices"
    pace: float = 0.0


class LogChannel:
    """Writes one line for each notice."""

    def __init__(self, config: LogConfig) -> None:
        self._config = config
        self._logger = logging.getLogger(config.logger)

    @property
    def pace(self) -> float:
        """Seconds between two sends."""
        return self._config.pace

    def compose(self, notice: Notice) -> Message:
        """Return the line."""
        told = notice.body
        lines = (
            [headline(told), ", ".join(rule_lines(told)), told.link] if isinstance(told, Notification) else plain(told)
        )
        line = "; ".join(lines)
        return Message((Call("log", {}, {"line": line}),))

    def send(self, message: Message) -> Outcome:
        """Write the line."""
        (call,) = message.calls
        self._logger.warning("%s", call.body["line"])
        return Sent()
