"""Who carries out the commands of the areas: one line each."""

from collections.abc import Callable
from typing import Any

from alerting.act import Act
from alerting.breach.handling import HANDLERS as BREACH
from alerting.command import Command
from alerting.pagerduty.handling import HANDLERS as PAGERDUTY

HANDLERS: dict[type[Command[Any]], Callable[[Act, Any], Any]] = {
    **BREACH,
    **PAGERDUTY,
}
"""What carries out a command, inside the desk's transaction, and gives its result."""
