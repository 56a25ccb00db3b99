"""Carrying out what people ask of on-call."""

import math
from collections.abc import Callable
from typing import Any

from alerting.act import Act
from alerting.command import Command
from alerting.oncall.commands import OverrideShift, RemoveOverride
from alerting.oncall.override_rows import find_override, insert_override, next_override, remove_override
from alerting.oncall.schedules import Override
from alerting.refusal import Refused


def override_shift(act: Act, command: OverrideShift) -> Override:
    """Let somebody stand in.

    Raises:
        Refused: where there is no such schedule or person, the time has passed or ends before it begins, or no reason
            is given.
    """
    plan = act.policy.plan
    if command.schedule not in {schedule.name for schedule in plan.schedules}:
        raise Refused("there is no such schedule in the response plan")
    if plan.directory.named(command.person) is None:
        raise Refused("there is nobody of this name in the response plan")
    if not (math.isfinite(command.first) and math.isfinite(command.last) and command.first < command.last):
        raise Refused("an override ends after it begins")
    if command.last <= act.now:
        raise Refused("the time of the override has passed")
    if not command.reason.strip():
        raise Refused("a reason is needed")
    override = Override(
        id=next_override(act.connection),
        schedule=command.schedule,
        person=command.person,
        first=command.first,
        last=command.last,
        author=command.actor,
        reason=command.reason,
        created_at=act.now,
    )
    insert_override(act.connection, override)
    return override


def remove(act: Act, command: RemoveOverride) -> Override:
    """Let an override hold no longer.

    Raises:
        Refused: where there is none, or it was removed before.
    """
    override = find_override(act.connection, command.override)
    if override is None:
        raise Refused("there is no such override")
    remove_override(act.connection, override.id, act.now, command.actor)
    return override


HANDLERS: dict[type[Command[Any]], Callable[[Act, Any], Any]] = {
    OverrideShift: override_shift,
    RemoveOverride: remove,
}
