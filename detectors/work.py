"""How many different patients a user opens: per hour, per day, and compared with the user's own past (A09).

Counts are functions of the *set* of accesses, not of their order: a late access is counted into every hour that
contains it, so replay and live streams, which interleave differently, agree.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from detectors.profiles.behaviour import UserBehaviour
from detectors.profiles.user import BUCKET, UNEXPLAINED_KEPT, UserProfile
from detectors.thresholds import Thresholds
from detectors.thresholds_behaviour import BehaviourThresholds

BUCKETS_AN_HOUR = 3_600 // BUCKET
BUCKETS_A_DAY = 86_400 // BUCKET
HOURLY_BINS = 255
SETTLED_HOURS = 2
"""A clock hour enters the history when the newest event is this many hours past its beginning: late events are in."""


def open_chart(profile: UserProfile, patient: int, at: float) -> None:
    """Remember that the user opened this patient's record; forget what is older than a day."""
    bucket = int(at // BUCKET)
    opened = profile.opened.get(bucket)
    if opened is None:
        opened = profile.opened[bucket] = []
        oldest = int(profile.newest // BUCKET) - BUCKETS_A_DAY
        while (first := next(iter(profile.opened))) <= oldest and first != bucket:
            profile.charts_24h -= len(profile.opened.pop(first))
    if patient not in opened:
        opened.append(patient)
        profile.charts_24h += 1


def highest_patients(profile: UserProfile, at: float) -> int:
    """Return the most different patients in any hour that contains `at`."""
    opened = profile.opened
    bucket, newest = int(at // BUCKET), int(profile.newest // BUCKET)
    last_end = min(bucket + BUCKETS_AN_HOUR - 1, newest)
    highest = 0
    for end in range(bucket, max(bucket, last_end) + 1):
        hour = [found for step in range(end - BUCKETS_AN_HOUR + 1, end + 1) if (found := opened.get(step))]
        highest = max(highest, len(set().union(*hour)))
    return highest


def close_hours(profile: UserProfile) -> dict[int, int]:
    """Move settled clock hours into the user's own history; return different patients by hour since the epoch."""
    settled = int(profile.newest // 3_600) - SETTLED_HOURS
    if settled <= profile.closed_to:
        return {}
    worked: dict[int, set[int]] = {}
    for bucket, patients in profile.opened.items():
        hour = bucket // BUCKETS_AN_HOUR
        if profile.closed_to < hour <= settled:
            worked.setdefault(hour, set()).update(patients)
    for patients_in_hour in worked.values():
        count = min(len(patients_in_hour), HOURLY_BINS)
        profile.hourly[count] = profile.hourly.get(count, 0) + 1
        profile.highest = max(profile.highest, len(patients_in_hour))
    profile.closed_to = settled
    return {hour: len(patients) for hour, patients in worked.items()}


def limit_of(profile: UserProfile, role: str, thresholds: Thresholds) -> int:
    """Return how many different patients an hour this user may open.

    The larger of what is rare in the role and of a multiple of what is much for the user, under the cap of the role,
    which is also the limit of who has no past yet.
    """
    cap = cap_of(role, thresholds)
    if sum(profile.hourly.values()) < thresholds.mass_access_own_hours:
        return cap
    own = thresholds.mass_access_own_factor * percentile_of_hours(profile.hourly, 0.95)
    return min(cap, max(thresholds.mass_access_floor, profile.behaviour.role_hour, int(own)))


def cap_of(role: str, thresholds: Thresholds) -> int:
    """Return the most different patients an hour that a role may open, by a part of its name."""
    lowered = role.lower()
    for part, cap in thresholds.mass_access_caps:
        if part in lowered:
            return cap
    return thresholds.mass_access_cap


def day_limit_of(behaviour: UserBehaviour, cap: int, limits: BehaviourThresholds) -> int:
    """Return how many charts a day a user may open, given the cap of an hour; each chart counts once an hour."""
    highest = cap * limits.day_hours
    if len(behaviour.daily) < limits.day_own_days:
        return highest
    much = percentile_of_hours(dict(Counter(behaviour.daily)), 0.95)
    return min(highest, max(limits.day_floor, int(limits.day_own_factor * much)))


def percentile_of_hours(hourly: dict[int, int], share: float) -> int:
    """Return the smallest count that at least `share` of the hours do not exceed; 0 without hours."""
    total, passed = sum(hourly.values()), 0
    for count in sorted(hourly):
        passed += hourly[count]
        if passed >= share * total:
            return count
    return 0


def most_in_window(times: Iterable[float], at: float, span: float) -> int:
    """Return the most of some times that lie in one window of `span` seconds that contains `at`.

    A window is open at its beginning. The result does not depend on the order in which the times came to be known.
    """
    near = sorted(time for time in times if at - span < time < at + span)
    ends = [time for time in near if time >= at]
    return max((sum(end - span < time <= end for time in near) for end in ends), default=0)


FEW = 30
"""Different patients up to which windows are searched exactly; beyond, every threshold is long passed."""


def most_patients_in_window(times: Mapping[int, list[float]], at: float, span: float) -> int:
    """Return the most different patients with a time in one window of `span` seconds that contains `at`.

    Args:
        times: a patient's times, in any order.
        at: one of the times.
        span: length of the windows, which are open at their beginning.
    """
    known = times.values()
    if len(times) > FEW:
        return count_within(known, at - span, at)
    ends = {time for of_patient in known for time in of_patient if at <= time < at + span}
    return max((count_within(known, end - span, end) for end in ends), default=0)


def count_within(times: Iterable[Sequence[float]], since: float, until: float) -> int:
    """Return how many patients have a time after `since` and not after `until`; each has few, the latest last."""
    within = 0
    for of_patient in times:
        if since < of_patient[-1] <= until or any(since < time <= until for time in of_patient):
            within += 1
    return within


HALF_HOUR = 1_800.0


def lookups_until(profile: UserProfile, at: float, limits: BehaviourThresholds) -> tuple[int, int]:
    """Return the patients opened in the half hour to `at`, and those without a known reason; zeros unless many (A19).

    Of opened charts a day is kept; of what is older the unexplained are all that is known.
    """
    since = at - HALF_HOUR
    without = count_within(profile.unexplained.values(), since, at)
    buckets = range(int(since // BUCKET) + 1, int(at // BUCKET) + 1)
    opened = max(without, len({patient for bucket in buckets for patient in profile.opened.get(bucket, ())}))
    if opened >= limits.lookups and without >= limits.lookups_share * min(opened, UNEXPLAINED_KEPT):
        return opened, without
    return 0, 0
