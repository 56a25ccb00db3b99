"""What Slack is told right after something was asked there: a modal to open, or a text for one pair of eyes."""

from typing import Any, TypeAlias

from msgspec import Struct

from alerting.slack.asked import Asked, Wrote


class Say(Struct, frozen=True, kw_only=True):
    """Tell one user something that only this user sees.

    `reply_to` is an address that Slack gave for it; without it `channel` is where the user looks, and without that the
    user is written to directly.
    """

    user: str
    text: str
    reply_to: str = ""
    channel: str = ""


class Open(Struct, frozen=True, kw_only=True):
    """Open a modal, for whoever holds the trigger."""

    trigger: str
    view: dict[str, Any]


Reply: TypeAlias = Say | Open


def answer_with(asked: Asked, text: str) -> Say:
    """Return a text for whoever asked, where they asked."""
    channel = asked.thread.partition("/")[0] if isinstance(asked, Wrote) else ""
    return Say(user=asked.user, text=text, reply_to=asked.reply_to, channel=channel)
