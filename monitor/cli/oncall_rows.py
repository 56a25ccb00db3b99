"""What `wardwatch oncall` shows, as rows."""

from collections.abc import Iterator, Mapping, Sequence, Set
from itertools import accumulate

from alerting.incidents import Incident
from alerting.oncall.schedules import Override, Shift
from alerting.places import Place
from alerting.plan import Plan
from alerting.routing.receivers import Receiver
from alerting.routing.router import Router
from alerting.routing.tree import Taken
from monitor.cli.moments import Telling


def shift_row(shift: Shift, tell: Telling) -> dict[str, object]:
    """Return a shift as a row."""
    return {
        "from": tell(shift.first),
        "until": tell(shift.last),
        "on_call": shift.duty.person,
        "because": shift.duty.because,
    }


def override_row(override: Override, tell: Telling) -> dict[str, object]:
    """Return an override as a row."""
    return {
        "override": override.id,
        "schedule": override.schedule,
        "person": override.person,
        "from": tell(override.first),
        "until": tell(override.last),
        "author": override.author,
        "reason": override.reason,
    }


def route_rows(router: Router, incident: Incident, taken: Sequence[Taken], plan: Plan) -> list[dict[str, object]]:
    """Return whom a case would reach, when, and by which route, a row for each receiver."""
    rows: list[dict[str, object]] = []
    for route in taken:
        path = " > ".join(route.path)
        rows += _rows(router, incident, path, route.digest or "at once", route.receivers)
        rows += _steps(router, incident, path, plan, route.escalation)
    return rows


def _steps(router: Router, incident: Incident, path: str, plan: Plan, name: str) -> Iterator[dict[str, object]]:
    escalation = next((one for one in plan.escalations if one.name == name), None)
    if escalation is None:
        return
    minutes = [seconds / 60 for seconds in accumulate(map(escalation.wait, range(escalation.length + 1)))]
    for number, step in enumerate(escalation.steps):
        when = ", ".join(f"{minute:g}" for minute in minutes[number : -1 : len(escalation.steps)])
        yield from _rows(router, incident, path, f"after {when} min", step.receivers)
    if plan.last_resort:
        yield from _rows(router, incident, path, f"after {minutes[-1]:g} min", (plan.last_resort,))


def _rows(
    router: Router, incident: Incident, path: str, when: str, receivers: Sequence[Receiver]
) -> Iterator[dict[str, object]]:
    for receiver in receivers:
        for delivery in router.addressing(incident).deliveries([receiver]):
            yield {
                "route": path,
                "when": when,
                "receiver": str(receiver),
                "reaches": _place(delivery.place),
                "then": ", ".join(_place(place) for place in delivery.fallbacks),
            }


def marked(row: Mapping[str, object], configured: Set[str]) -> dict[str, object]:
    """Return a row of a route with those of its channels that are not configured, where nobody is reached."""
    places = [str(row["reaches"]), *str(row["then"]).split(", ")]
    channels = dict.fromkeys(place.partition(":")[0] for place in places if place)
    return {**row, "not_configured": ", ".join(name for name in channels if name not in configured)}


def _place(place: Place) -> str:
    return f"{place.channel}:{place.to}" if place.to else place.channel
