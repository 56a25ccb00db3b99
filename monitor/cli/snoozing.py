"""`wardwatch incidents snooze` and `unsnooze`: hear of a case later."""

import time

import msgspec

from alerting.muting.commands import Snooze, Unsnooze
from monitor.cli.incident_parts import IdArgument
from monitor.cli.moments import end_of, shown
from monitor.cli.muting import AsOption, ReasonOption, UntilOption, acting, handled
from monitor.cli.shared import ConfigOption, JsonOption, answer_json, load_settings, say
from monitor.response_plan import response_plan


def snooze(
    incident: IdArgument,
    *,
    until: UntilOption,
    reason: ReasonOption,
    actor: AsOption = "",
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Tell nobody of a case until a time, unless it becomes graver or finds new ground.

    Example:
        wardwatch incidents snooze INC-7F3K9Q2M --until 2d --reason "the manager is back on Thursday"
    """
    settings = load_settings(config)
    zone = response_plan(settings).zone
    ends_at = end_of(until, time.time(), zone)
    after = handled(settings, Snooze(actor=acting(actor), incident_id=incident, until=ends_at, reason=reason))
    if as_json:
        answer_json({**msgspec.to_builtins(after), "snoozed_until": ends_at})
    else:
        say(f"{after.id} is snoozed until {shown(ends_at, zone)}.")


def unsnooze(
    incident: IdArgument, actor: AsOption = "", config: ConfigOption = None, as_json: JsonOption = False
) -> None:
    """End the snooze of a case; what was held back meanwhile is told.

    Example:
        wardwatch incidents unsnooze INC-7F3K9Q2M
    """
    after = handled(load_settings(config), Unsnooze(actor=acting(actor), incident_id=incident))
    if as_json:
        answer_json(after)
    else:
        say(f"{after.id} is not snoozed any more.")
