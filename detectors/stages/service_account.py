"""The user stage, service accounts: what an interface has always done, and what it does for the first time (A20)."""

from detectors.events import AccessEvent
from detectors.explain import CONTENT_ACTIONS, DAY
from detectors.profiles.accounts import SOURCES_KEPT, ServiceHabits
from detectors.profiles.applied import fingerprint
from detectors.scene import Scene
from detectors.stages.amounts import extended, z_of_count
from detectors.thresholds_accounts import AccountThresholds

HOUR = 3_600.0
SIGNED_IN = "it was used to sign in"
"""What an interface never does: of one sign the gravest."""
HOUR_LEAST = 200
"""Accesses before an hour of the day without any is a break of the profile."""


def observe_service(scene: Scene, access: AccessEvent, habits: ServiceHabits, limits: AccountThresholds) -> None:
    """Note what is odd about this access, and what was in the day before it."""
    at = scene.time
    habits.since = min(habits.since or at, at)
    is_watched = at - habits.since >= limits.service_days * DAY
    odd = [
        name
        for name, is_odd in (
            (SIGNED_IN, access.action == "login"),
            ("it came from an address that it had not used", _is_new(habits.sources, _source(access), at, limits)),
            ("it opened a kind of data that it had not opened", _is_new(habits.kinds, _kind(access), at, limits)),
            ("it worked at an hour at which it never does", _breaks_hours(habits, at)),
            ("it opened far more charts in an hour than it does", _is_burst(habits, access, at, limits)),
        )
        if is_odd
    ]
    if not is_watched:
        return
    for name in odd:
        habits.odd[name] = max(habits.odd.get(name, at), at)
    if odd:
        scene.notes["service.odd"] = [name for name, last in habits.odd.items() if abs(at - last) < DAY]


def _source(access: AccessEvent) -> str:
    client = access.client
    return (client.ip or client.workstation) if client else ""


def _kind(access: AccessEvent) -> str:
    resource = access.resource
    return (resource.category or resource.type) if resource and access.action in CONTENT_ACTIONS else ""


def _is_new(known: dict[int, float], name: str, at: float, limits: AccountThresholds) -> bool:
    """Return whether something was not met in the last weeks; remember it."""
    if not name:
        return False
    key = fingerprint(name)
    last = known.get(key)
    known[key] = max(last or at, at)
    if len(known) > SOURCES_KEPT:
        del known[min(known, key=lambda kept: known[kept])]
    return last is None or at - last > limits.service_known_days * DAY


def _breaks_hours(habits: ServiceHabits, at: float) -> bool:
    """Return whether the hour of the day, or one beside it, was never worked in; learn it."""
    if not habits.of_day:
        habits.of_day = [0] * 24
    hour, counts = int(at % DAY // HOUR), habits.of_day
    near = counts[hour - 1] + counts[hour] + counts[(hour + 1) % 24]
    counts[hour] += 1
    return near == 0 and sum(counts) > HOUR_LEAST


def _is_burst(habits: ServiceHabits, access: AccessEvent, at: float, limits: AccountThresholds) -> bool:
    """Return whether the hour has come to far more accesses than the hours before; quiet hours count."""
    if access.patient is None:
        return False
    hour = int(at // HOUR)
    if hour > habits.hour:
        if habits.hour:
            habits.hours = extended(habits.hours, habits.in_hour)
            for _ in range(min(hour - habits.hour - 1, 24)):
                habits.hours = extended(habits.hours, 0)
        habits.hour, habits.in_hour = hour, 0
    if hour < habits.hour:
        return False
    habits.in_hour += 1
    return (
        habits.hours[0] >= limits.service_hours and z_of_count(habits.hours, habits.in_hour) > limits.service_volume_z
    )
