"""Commands that come by PagerDuty."""

from typing import Literal, TypeAlias

from alerting.command import Command
from alerting.pagerduty.events import PagerDutyEvent

Heard: TypeAlias = Literal["done", "noted", "refused", "nothing", "repeated", "unknown"]
"""What became of a webhook: carried out, written down, refused, of no consequence, heard before, about no incident."""


class HearPagerDuty(Command[Heard], frozen=True, kw_only=True):
    """Something was done in PagerDuty. `webhook_id` is the same for every attempt to deliver the webhook."""

    webhook_id: str
    event: PagerDutyEvent
