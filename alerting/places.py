"""Places: where a notice can go."""

from msgspec import Struct


class Place(Struct, frozen=True):
    """An address in a channel's own terms (a Slack user, an email address); empty for the channel's usual place."""

    channel: str
    to: str = ""
