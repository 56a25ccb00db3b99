"""What is asked of the desk for Slack's sake."""

from alerting.command import Command
from alerting.slack.replies import Reply


class CarryOutSlack(Command[Reply | None], frozen=True, kw_only=True):
    """Do what was asked for in Slack under this key, if that is still to be done; the result is what to say there."""

    key: str
