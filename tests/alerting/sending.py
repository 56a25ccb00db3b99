"""What the tests of the sender share: a sender that looks at its outbox in virtual time, and two cases to tell of."""

import random
from collections.abc import Mapping
from typing import Any

from alerting.channels.api import Channel, Retry
from alerting.commands import RecordFindings
from alerting.desk import Desk
from alerting.policy import Policy
from alerting.routes import Route
from alerting.sender import Sender
from alerting.tripwire import Tripwire
from tests.alerting.building import CONSOLE, Clock, a_finding

ONE = "INC-T0000001"
TWO = "INC-T0000002"
CHAT_THEN_LOG = Policy(routes=(Route("SEV4", ("chat",), ("log",)),), console_url=CONSOLE)
DOWN = Retry("no connection")


def a_sender(desk: Desk, channels: Mapping[str, Channel], clock: Clock, **options: Any) -> Sender:
    return Sender(
        desk, channels, clock=clock, source=random.Random(7), tripwire=Tripwire(allowed=(CONSOLE,)), **options
    )


def run_until(sender: Sender, clock: Clock, end: float, step: float = 1.0) -> None:
    """Let the sender look at its outbox every second until a time."""
    while clock.now <= end:
        sender.run_once(clock.now)
        clock.advance(step)


def see(desk: Desk, *, ref: str = "u1:one", **fields: Any) -> None:
    desk.handle(RecordFindings([a_finding(ref=ref, **fields)]))
