"""The user stage, volume: how many charts a user opens in an hour and a day, against past and role (A09)."""

from detectors.events import AccessEvent
from detectors.explain import DAY
from detectors.profiles.behaviour import DAYS_KEPT, UserBehaviour
from detectors.profiles.user import UserProfile
from detectors.scene import Scene
from detectors.thresholds import Thresholds
from detectors.work import (
    HOURLY_BINS,
    cap_of,
    close_hours,
    day_limit_of,
    highest_patients,
    limit_of,
    open_chart,
    percentile_of_hours,
)

HOURS = "hour_charts"
"""Name of the histogram of a role's worked hours, by different charts opened in them."""

TOTAL = -1
"""Bin of the number of all hours."""

HALVED_AT = 100_000
"""Hours of a role at which all its counts are halved, so that the figure follows the hospital."""


def note_volume(scene: Scene, access: AccessEvent, patient: int, role: str, thresholds: Thresholds) -> None:
    """Count a chart, close the hours that are past, and note how it all stands to the limits.

    Args:
        scene: of the access.
        access: to the content of a chart.
        patient: 32-bit hash.
        role: all that is known of the user's role and department, as text.
        thresholds: of the pattern.
    """
    profile: UserProfile = scene.profile
    notes, at = scene.notes, scene.time
    settled = close_hours(profile)
    if settled:
        _settle(scene, profile, role, settled, thresholds)
    if is_counted(scene, access, thresholds):
        open_chart(profile, patient, at)
    in_hour = highest_patients(profile, at)
    limit = limit_of(profile, role, thresholds)
    notes["user.patients_1h"] = in_hour
    notes["user.patients_24h"] = profile.charts_24h
    notes["user.patients_1h_limit"] = limit
    notes["user.patients_1h_highest"] = profile.highest
    notes["user.mass_access_ratio"] = in_hour / limit


def is_counted(scene: Scene, access: AccessEvent, thresholds: Thresholds) -> bool:
    """Return whether a chart counts towards mass access: not for a task in a work queue, nor for a known report."""
    templates = scene.notes.get("rel.templates")
    if isinstance(templates, list) and "T7" in templates:
        return False
    return access.client is None or access.client.app not in thresholds.behaviour.report_apps


def _settle(scene: Scene, profile: UserProfile, role: str, settled: dict[int, int], thresholds: Thresholds) -> None:
    """Let closed hours enter the role's history and the user's days, and compare the day that goes on."""
    behaviour, limits = profile.behaviour, thresholds.behaviour
    segment = f"role:{_role_of(profile, scene.data)}"
    bins = scene.around.book.bins(HOURS, segment)
    for charts in settled.values():
        place = min(charts, HOURLY_BINS)
        bins[place] = bins.get(place, 0) + 1
        bins[TOTAL] = bins.get(TOTAL, 0) + 1
    if bins[TOTAL] > HALVED_AT:
        for place in list(bins):
            bins[place] //= 2
    today = int(profile.newest // DAY)
    if behaviour.role_day != today:
        behaviour.role_day = today
        counts = scene.around.peers.counted(HOURS, segment, tuple(range(HOURLY_BINS + 1)))
        known = sum(counts) >= limits.role_hours
        behaviour.role_hour = percentile_of_hours(dict(enumerate(counts)), limits.role_share) if known else 0
    for hour in sorted(settled):
        _add_to_day(behaviour, hour // 24, settled[hour])
    limit = day_limit_of(behaviour, cap_of(role, thresholds), limits)
    scene.notes["user.charts_day"] = behaviour.charts
    scene.notes["user.charts_day_limit"] = limit
    scene.notes["user.mass_day_ratio"] = behaviour.charts / limit


def _add_to_day(behaviour: UserBehaviour, day: int, charts: int) -> None:
    """Add a closed hour to its day; hours close in their order."""
    if day != behaviour.day:
        if behaviour.charts:
            behaviour.daily.append(behaviour.charts)
            del behaviour.daily[:-DAYS_KEPT]
        behaviour.day, behaviour.charts = day, 0
    behaviour.charts += charts


def _role_of(profile: UserProfile, access: AccessEvent) -> str:
    staff = profile.staff
    return (staff.role or staff.job_code if staff else "") or access.actor.job_code


def role_text(profile: UserProfile, access: AccessEvent) -> str:
    """Return all that is known of the user's role and department, as text to look for parts in."""
    staff = profile.staff
    known = f"{staff.role} {staff.job_code} {staff.dept}" if staff else ""
    return f"{known} {access.actor.job_code} {access.actor.dept} {' '.join(access.actor.roles)} {access.actor.type}"
