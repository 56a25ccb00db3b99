"""What is not wrong with a response plan, and yet may not be meant: times without anybody, channels not set up."""

import datetime
import itertools
from collections.abc import Iterator

from alerting.oncall.schedules import gaps
from alerting.plan import Plan
from alerting.routing.receivers import Receiver, address_of, shared_address
from alerting.routing.tree import RouteNode

LOOK_AHEAD = 28 * 86_400.0
"""Four weeks: two turns of most schedules."""
MOST_GAPS = 3
PAGERDUTY = "pagerduty"


def doubts(plan: Plan, channels: frozenset[str], keys: frozenset[str], now: float) -> Iterator[str]:
    """Yield what may not be meant, a sentence each; overrides, which the database has, are not looked at.

    Args:
        plan: the response plan.
        channels: names of the channels that the settings configure.
        keys: names of PagerDuty's other keys in the settings.
        now: seconds since the epoch.
    """
    for schedule in plan.schedules:
        found = gaps(schedule, now, now + LOOK_AHEAD, plan.zone)
        for first, last in found[:MOST_GAPS]:
            yield f"schedules: {schedule.name}: nobody is on call from {_moment(first)} to {_moment(last)} UTC"
        if len(found) > MOST_GAPS:
            yield f"schedules: {schedule.name}: and {len(found) - MOST_GAPS} times more within four weeks"
    wanted = {channel for receiver in _receivers(plan) for channel in (receiver.channel, *receiver.fallback) if channel}
    for channel in sorted(wanted - channels):
        yield f"channel {channel!r} is named, and the settings do not configure it"
    yield from dict.fromkeys(doubt for receiver in _receivers(plan) for doubt in _unreachable(plan, receiver, keys))
    if plan.escalations and plan.last_resort is None:
        yield "last_resort: what nobody answers to is told to nobody in particular"


def _unreachable(plan: Plan, receiver: Receiver, keys: frozenset[str]) -> Iterator[str]:
    """Yield the channels of a receiver at which there is no address, so that it is told elsewhere or not at all."""
    channels = receiver.channels if receiver.channel else receiver.fallback
    team = plan.directory.team(receiver.team)
    shared = [one for one in receiver.channels if team and shared_address(team, one)]
    if team and shared:
        for channel in channels:
            if channel not in shared:
                yield f"teams: {team.name} is to be told by {channel}, and shares no address there"
    else:
        for name, channel in itertools.product(_names(plan, receiver), channels):
            person = plan.directory.named(name)
            if person and not address_of(person, channel):
                yield f"people: {name} is to be told by {channel}, and has no address there"
            elif person and channel == PAGERDUTY and person.pagerduty not in keys:
                yield f"people: {name} is to be paged, and WARDWATCH_PAGERDUTY_KEYS has no key {person.pagerduty}"
    if receiver.channel == PAGERDUTY and receiver.to and receiver.to not in keys:
        yield f"receivers: WARDWATCH_PAGERDUTY_KEYS has no key {receiver.to}"


def _names(plan: Plan, receiver: Receiver) -> list[str]:
    """Return the people whom a receiver may mean."""
    team = plan.directory.team(receiver.team)
    on_call = [
        name
        for schedule in plan.schedules
        if schedule.name == receiver.schedule
        for layer in schedule.layers
        for name in layer.people
    ]
    return list(dict.fromkeys([receiver.person, *(team.members if team else ()), *on_call]))


def _receivers(plan: Plan) -> Iterator[Receiver]:
    yield from _receivers_within(plan.routes)
    for escalation in plan.escalations:
        for step in escalation.steps:
            yield from step.receivers
    if plan.last_resort:
        yield plan.last_resort


def _receivers_within(routes: tuple[RouteNode, ...]) -> Iterator[Receiver]:
    for node in routes:
        yield from node.receivers
        yield from _receivers_within(node.routes)


def _moment(at: float) -> str:
    return datetime.datetime.fromtimestamp(at, datetime.UTC).strftime("%Y-%m-%d %H:%M")
