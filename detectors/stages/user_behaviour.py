"""The user stage, behaviour: when and on which machine a user works, and how an account is entered (A11, A15, A17b)."""

import itertools
from bisect import insort

from detectors.events import AccessEvent
from detectors.events.access import Client, Session
from detectors.explain import CONTENT_ACTIONS, DAY, EARLY, LATE
from detectors.itinerary import changed_account
from detectors.partition import PartitionState
from detectors.profiles.applied import recurring
from detectors.profiles.behaviour import (
    DEVICES_KEPT,
    PUSHES_KEPT,
    SEAT_SECONDS,
    SEATS_KEPT,
    TICK,
    TICKS_KEPT,
    Seat,
    UserBehaviour,
)
from detectors.profiles.user import UserProfile
from detectors.scene import Scene
from detectors.stages.user_relations import is_one_of
from detectors.thresholds import Thresholds
from detectors.thresholds_behaviour import BehaviourThresholds

HOUR, MINUTE = 3_600.0, 60.0
SEAT_WINDOW_TICKS = 30
"""Changes between two machines are counted within so many ticks (15 minutes) on both sides."""


def observe_access(scene: Scene, state: PartitionState, thresholds: Thresholds) -> None:
    """Note what is unusual about place, hour and machine."""
    access: AccessEvent = scene.data
    limits, behaviour = thresholds.behaviour, scene.profile.behaviour
    if access.action == "user_attribute_change":
        _keep_reset(scene, access, behaviour, limits)
    if access.actor.type not in ("human", "vendor") or scene.ref != access.actor.id:
        return
    if access.action in ("login", "login_failed"):
        _note_login(scene, access, behaviour, limits)
        return
    if access.client is not None and access.session is not None and access.action != "logout":
        _note_seats(scene, access.client, access.session, behaviour, limits)
    if access.action not in CONTENT_ACTIONS:
        return
    _note_hour(scene, behaviour, limits)
    if scene.notes.get("rel.explained") is False and scene.notes.get("rel.context_ok"):
        _note_shift(scene, limits)
    if behaviour.taken_at and 0 <= scene.time - behaviour.taken_at <= HOUR:
        scene.notes["user.after_reset"] = True


# --- when (A11) -------------------------------------------------------------------------------------------------------


def _note_shift(scene: Scene, limits: BehaviourThresholds) -> None:
    """Note the hours to the nearest shift, on call or not, where the roster is known and none is near."""
    profile: UserProfile = scene.profile
    at, known, nearest = scene.time, limits.shift_known_days * DAY, float("inf")
    for shift in profile.shifts:
        if shift.start - EARLY <= at <= shift.end + LATE:
            return
        nearest = min(nearest, abs(at - shift.start), abs(at - shift.end))
    if nearest <= known:
        scene.notes["user.outside_shift_hours"] = round(nearest / HOUR, 1)


def _note_hour(scene: Scene, behaviour: UserBehaviour, limits: BehaviourThresholds) -> None:
    """Note an hour of the day in which, and next to which, the user hardly ever works; then count it, once a day.

    The hours next to it count too, so that a change of the clocks changes nothing.
    """
    slot = int(scene.time // HOUR)
    if slot > behaviour.hour_slot:
        hours = behaviour.hours = behaviour.hours or [0] * 24
        hour = slot % 24
        near = hours[hour - 1] + hours[hour] + hours[(hour + 1) % 24]
        if behaviour.days_worked >= limits.hour_days and near < limits.hour_share * sum(hours):
            behaviour.unusual_slot = slot
        if slot // 24 > behaviour.hour_slot // 24:
            behaviour.days_worked += 1
        behaviour.hour_slot = slot
        hours[hour] += 1
    if slot == behaviour.unusual_slot:
        scene.notes["user.unusual_hour"] = True


# --- on which machine (A15) -------------------------------------------------------------------------------------------


def _note_seats(
    scene: Scene, client: Client, session: Session, behaviour: UserBehaviour, limits: BehaviourThresholds
) -> None:
    """Keep activity at a machine, and note how often it went to and fro between two that are apart."""
    machine = client.workstation or client.device_id
    if not machine or not session.id:
        return
    tick, seats = int(scene.time // TICK), behaviour.seats
    key = recurring(f"{machine}\x1f{session.id}")
    seat = seats.get(key)
    if seat is None:
        is_away = client.ip_class not in ("", "onsite")
        place = recurring(client.location or client.ip_class)
        seat = seats[key] = Seat(recurring(session.id), recurring(machine), place, is_away)
        _forget_seats(behaviour, max([tick, *(kept.ticks[-1] for kept in seats.values() if kept.ticks)]))
    ticks = seat.ticks
    if not ticks or tick > ticks[-1]:
        ticks.append(tick)
        del ticks[:-TICKS_KEPT]
    elif tick not in ticks:
        insort(ticks, tick)
        del ticks[:-TICKS_KEPT]
    if len(seats) > 1:
        _note_switches(scene, seat, tick, behaviour, limits)


def _forget_seats(behaviour: UserBehaviour, newest: int) -> None:
    """Forget machines that were left long ago, and the longest left beyond the bound."""
    oldest = newest - SEAT_SECONDS // TICK
    seats = {key: seat for key, seat in behaviour.seats.items() if not seat.ticks or seat.ticks[-1] >= oldest}
    while len(seats) > SEATS_KEPT:
        del seats[min(seats, key=lambda key: seats[key].ticks[-1] if seats[key].ticks else newest)]
    behaviour.seats = seats


def _note_switches(scene: Scene, seat: Seat, tick: int, behaviour: UserBehaviour, limits: BehaviourThresholds) -> None:
    """Count the changes between this machine and each other that is elsewhere and in a session of its own.

    A desktop that follows its user from machine to machine keeps its session, and says nothing.
    """
    gap, most = limits.seat_gap_minutes * MINUTE / TICK, 0
    for other in behaviour.seats.values():
        if other.place == seat.place or other.machine == seat.machine or other.session == seat.session:
            continue
        activity = [(own, True) for own in seat.ticks if abs(own - tick) <= SEAT_WINDOW_TICKS]
        activity += [(own, False) for own in other.ticks if abs(own - tick) <= SEAT_WINDOW_TICKS]
        activity.sort()
        changes = sum(
            here is not there and later - before <= gap
            for (before, here), (later, there) in itertools.pairwise(activity)
        )
        if changes > most:
            most = changes
            if other.is_away != seat.is_away:
                scene.notes["user.seat_away"] = True
            else:
                scene.notes.pop("user.seat_away", None)
    if most:
        scene.notes["user.seat_switches"] = most


# --- how the account was entered (A17b) -------------------------------------------------------------------------------


def _note_login(scene: Scene, access: AccessEvent, behaviour: UserBehaviour, limits: BehaviourThresholds) -> None:
    """Note refused second factors before a login, and a login from a new device after a reset."""
    at = scene.time
    if access.action == "login_failed" or access.outcome != "success":
        if access.session is not None and is_one_of(access.session.auth, limits.push_words):
            insort(behaviour.pushes, at)
            del behaviour.pushes[:-PUSHES_KEPT]
        return
    refused = sum(at - limits.push_minutes * MINUTE <= push <= at for push in behaviour.pushes)
    if refused:
        scene.notes["user.pushes_refused_1h"] = refused
    client = access.client
    device = (client.device_id or client.workstation) if client is not None else ""
    if not device:
        return
    token, devices = recurring(device), behaviour.devices
    is_new = bool(devices) and token not in devices
    devices[token] = max(int(at // DAY), devices.get(token, 0))
    if len(devices) > DEVICES_KEPT:
        del devices[min(devices, key=lambda kept: devices[kept])]
    if is_new and 0 <= at - behaviour.reset_at <= limits.reset_minutes * MINUTE:
        scene.notes["user.reset_then_device_minutes"] = round((at - behaviour.reset_at) / MINUTE, 1)
        behaviour.taken_at = at


def _keep_reset(scene: Scene, access: AccessEvent, behaviour: UserBehaviour, limits: BehaviourThresholds) -> None:
    """Keep when the password or the second factor of this account was reset, by whomever."""
    if (changed_account(access) or access.actor.id) != scene.ref:
        return
    if access.outcome == "success" and access.resource and access.resource.category in limits.reset_categories:
        behaviour.reset_at = max(behaviour.reset_at, scene.time)
