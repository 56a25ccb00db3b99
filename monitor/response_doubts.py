"""What is not wrong with a response plan, and yet may not be meant: times without anybody, channels not set up."""

import datetime
from collections.abc import Iterator

from alerting.oncall.schedules import gaps
from alerting.plan import Plan
from alerting.routing.receivers import Receiver, address_of, shared_address
from alerting.routing.tree import RouteNode

LOOK_AHEAD = 28 * 86_400.0
"""Four weeks: two turns of most schedules."""
MOST_GAPS = 3


def doubts(plan: Plan, channels: frozenset[str], now: float) -> Iterator[str]:
    """Yield what may not be meant, a sentence each; overrides, which the database has, are not looked at."""
    for schedule in plan.schedules:
        found = gaps(schedule, now, now + LOOK_AHEAD, plan.zone)
        for first, last in found[:MOST_GAPS]:
            yield f"schedules: {schedule.name}: nobody is on call from {_moment(first)} to {_moment(last)} UTC"
        if len(found) > MOST_GAPS:
            yield f"schedules: {schedule.name}: and {len(found) - MOST_GAPS} times more within four weeks"
    wanted = {channel for receiver in _receivers(plan) for channel in (receiver.channel, *receiver.fallback) if channel}
    for channel in sorted(wanted - channels):
        yield f"channel {channel!r} is named, and the settings do not configure it"
    yield from dict.fromkeys(doubt for receiver in _receivers(plan) for doubt in _unreachable(plan, receiver))
    if plan.escalations and plan.last_resort is None:
        yield "last_resort: what nobody answers to is told to nobody in particular"


def _unreachable(plan: Plan, receiver: Receiver) -> Iterator[str]:
    """Yield the channels of a receiver at which there is no address, so that it is told elsewhere or not at all."""
    team, person = plan.directory.team(receiver.team), plan.directory.named(receiver.person)
    for channel in receiver.channels if receiver.channel else receiver.fallback:
        if person and not address_of(person, channel):
            yield f"people: {person.name} is to be told by {channel}, and has no address there"
        shares = team and any(shared_address(team, other) for other in receiver.channels)
        if team and shares and not shared_address(team, channel):
            yield f"teams: {team.name} is to be told by {channel}, and shares no address there"


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
