"""What `wardwatch hooks` answers, and what it does beside: a line for each, None where the settings do not ask for it.

It may be reached from the internet, the console may not: they never share a port. Every route checks for itself who
asks, answers at once, and leaves work to the desk.
"""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

from alerting.desk import Desk
from alerting.slack.client import SlackReplies
from alerting.slack.socket import SlackSocket
from alerting.slack.worker import SlackWorker
from monitor.channels import slack_config
from monitor.health import Check, check_routes
from monitor.hooks_answers import Answers
from monitor.hooks_pagerduty import pagerduty_hook
from monitor.hooks_slack import READERS, Read, slack_hook
from monitor.named_secrets import listed
from monitor.questions import PATH, answer_key
from monitor.settings import Settings
from monitor.web import Route


@dataclass(frozen=True)
class Parts:
    """What a hook works with. `clock` gives seconds since the epoch."""

    settings: Settings
    desk: Desk
    clock: Callable[[], float]

    @cached_property
    def slack(self) -> SlackWorker | None:
        """What carries out requests from Slack, if the site lets people work there."""
        config = slack_config(self.settings)
        if config is None or not config.is_interactive:
            return None
        return SlackWorker(self.desk, SlackReplies(config).give, self.clock)

    @cached_property
    def slack_socket(self) -> SlackSocket | None:
        """What listens to Slack, if the site prefers that to being called."""
        config, token = slack_config(self.settings), self.settings.slack_app_token
        return SlackSocket(config, token, self.slack.receive) if config and token and self.slack else None

    @cached_property
    def answers(self) -> Answers | None:
        """The answer page, if the site asks people about their accounts."""
        return Answers(self.desk, answer_key(self.settings), self.clock) if self.settings.answer_key else None


Hook = Callable[[Parts], Route | None]
"""Makes the route, if the site uses it."""

Work = Callable[[threading.Event], None]
"""Goes on until the event is set."""


def _slack(read: Read) -> Hook:
    """Return the hook of one of Slack's addresses, for a site that has Slack call it."""

    def make(parts: Parts) -> Route | None:
        secret = parts.settings.slack_signing_secret
        return slack_hook(parts.slack, secret, read, parts.clock) if parts.slack and secret else None

    return make


PAGES: dict[str, Hook] = {
    PATH: lambda parts: parts.answers.show if parts.answers else None,
}
"""What answers GET, by path; it changes nothing."""

POSTS: dict[str, Hook] = {
    "/hooks/pagerduty": lambda parts: (
        pagerduty_hook(parts.desk, secrets) if (secrets := listed(parts.settings.pagerduty_webhook_secrets)) else None
    ),
    **{path: _slack(read) for path, read in READERS.items()},
    PATH: lambda parts: parts.answers.take if parts.answers else None,
}
"""What answers POST, by path."""

WORKS: dict[str, Callable[[Parts], Work | None]] = {
    "requests from Slack": lambda parts: parts.slack.run if parts.slack else None,
    "Slack's socket": lambda parts: parts.slack_socket.run if parts.slack_socket else None,
}
"""What goes on in threads of its own, beside the server."""


def hook_pages(parts: Parts, ready: Mapping[str, Callable[[], Check]]) -> dict[str, Route]:
    """Return what is read; health without figures, for others may ask."""
    return {**_made(PAGES, parts), **check_routes({}, ready)}


def hook_posts(parts: Parts) -> dict[str, Route]:
    """Return what is posted to."""
    return _made(POSTS, parts)


def hook_works(parts: Parts) -> list[Work]:
    """Return what goes on beside the server."""
    return [work for make in WORKS.values() if (work := make(parts)) is not None]


def _made(hooks: Mapping[str, Hook], parts: Parts) -> dict[str, Route]:
    return {path: route for path, make in hooks.items() if (route := make(parts)) is not None}
