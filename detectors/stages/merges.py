"""Merged records: the old number becomes a forwarding address, and what it knew goes to the record that stays.

Two numbers of one patient live in two partitions. The merge visits both: at the old record it takes along the newest
ties, pairs, payments and flags, at the surviving one it leaves them. From then on whatever arrives under the old number
is passed on, unseen, to the survivor, where all ties are (docs/adr/0008-merged-records.md).
"""

from collections.abc import Callable
from typing import TypeVar

import msgspec
from msgspec import UNSET, Struct

from detectors.events import PatientContext
from detectors.profiles.patient import (
    TIES_KEPT,
    Appointment,
    Membership,
    Order,
    Pair,
    PatientProfile,
    Payment,
    Stay,
    Task,
)
from detectors.profiles.said import Said, is_news
from detectors.scene import Scene
from detectors.stages.patient import FLAGS, bound_pairs
from detectors.visit import Stop

MOVED_TIES = 16
"""Newest ties of each kind, and people of each stay, that move; all in all a merge stays below 20 KiB on its way."""

MOVED_PAIRS = 100
"""Users, by their last access, that move; about 60 see an inpatient in a day (domain.md §6.2)."""

NUMBERS_KEPT = 16
"""Old numbers remembered of one patient."""

MERGED = "merged_into"

Tie = TypeVar("Tie", bound=Appointment | Stay | Membership | Task)


class Moved(Struct, array_like=True):
    """What a merge takes along; the fields are those of `PatientProfile`."""

    numbers: list[str]
    said: Said
    flags: dict[str, bool]
    deceased_at: float
    appointments: list[Appointment]
    stays: list[Stay]
    orders: list[Order]
    care_team: list[Membership]
    tasks: list[Task]
    pairs: dict[str, Pair]
    payments: list[Payment]


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Moved)


def pass_on(scene: Scene) -> bool:
    """Follow a merge; return whether the event is not for this record: it then changes nothing here.

    What is not for this record gets the survivor as its next stop, unless it has been there: records that were merged
    into each other must not send an event around.
    """
    data, profile = scene.data, scene.profile
    if isinstance(data, PatientContext) and data.merged_into is not UNSET:
        if scene.ref != data.patient_ref:
            return _arrive(scene, data)
        _retire(scene, data)
        return False
    if _go_to_survivor(scene, profile):
        scene.notes["patient.merged_record"] = True
        return True
    return False


def _go_to_survivor(scene: Scene, profile: PatientProfile) -> bool:
    stop = Stop("patient", profile.merged_into)
    if not stop.ref or stop in scene.visit.stops:
        return False
    scene.visit.stops.insert(scene.visit.at + 1, stop)
    return True


def _retire(scene: Scene, data: PatientContext) -> None:
    """At the old record: remember the survivor, and hand over. `null` takes a merge back for what is yet to come."""
    profile: PatientProfile = scene.profile
    if data.merged_into == scene.ref or not is_news(profile.said, MERGED, data.merged_into, scene.time):
        return
    profile.merged_into = data.merged_into or ""
    if profile.merged_into:
        scene.visit.carried = _encoder.encode(_moved(profile, scene.ref))


def _arrive(scene: Scene, data: PatientContext) -> bool:
    """At the surviving record, or at the one that it was merged into itself since."""
    profile: PatientProfile = scene.profile
    if not scene.visit.carried:  # The old record knows of a newer merge than this.
        return True
    if scene.ref == data.merged_into and is_news(profile.said, MERGED, None, scene.time):
        profile.merged_into = ""
    if _go_to_survivor(scene, profile):
        return True
    _take_over(profile, _decoder.decode(scene.visit.carried))
    return False


def _moved(profile: PatientProfile, ref: str) -> Moved:
    latest = sorted(profile.pairs, key=lambda user: profile.pairs[user].last)[-MOVED_PAIRS:]
    stays = [msgspec.structs.replace(stay, users=stay.users[-MOVED_TIES:]) for stay in profile.stays[-MOVED_TIES:]]
    return Moved(
        [ref, *profile.numbers][:NUMBERS_KEPT],
        {name: at for name, at in profile.said.items() if name != MERGED},
        {name: getattr(profile, name) for name in FLAGS},
        profile.deceased_at,
        profile.appointments[-MOVED_TIES:],
        stays,
        profile.orders[-MOVED_TIES:],
        profile.care_team[-MOVED_TIES:],
        profile.tasks[-MOVED_TIES:],
        {user: profile.pairs[user] for user in latest},
        profile.payments,
    )


def _take_over(profile: PatientProfile, moved: Moved) -> None:
    profile.numbers = list(dict.fromkeys([*profile.numbers, *moved.numbers]))[-NUMBERS_KEPT:]
    for name, value in (*moved.flags.items(), ("deceased_at", moved.deceased_at)):
        if name in moved.said and is_news(profile.said, name, value, moved.said[name]):
            setattr(profile, name, value)
    profile.appointments = _joined(
        moved.appointments, profile.appointments, lambda tie: (tie.start, tie.user, tie.dept)
    )
    profile.stays = _joined_stays(moved.stays, profile.stays)
    new_orders = [order for order in moved.orders if order not in profile.orders]
    profile.orders = [*new_orders, *profile.orders][-TIES_KEPT:]
    profile.care_team = _joined(moved.care_team, profile.care_team, lambda tie: (tie.user, tie.since))
    profile.tasks = _joined(moved.tasks, profile.tasks, lambda tie: (tie.user, tie.pool, tie.since))
    for user, pair in moved.pairs.items():
        own = profile.pairs.get(user, pair)
        profile.pairs[user] = Pair(max(pair.last, own.last), max(pair.explained, own.explained))
    bound_pairs(profile.pairs)
    known = {payment.event for payment in profile.payments}
    profile.payments = [*(payment for payment in moved.payments if payment.event not in known), *profile.payments]


def _joined(moved: list[Tie], own: list[Tie], identity: Callable[[Tie], object]) -> list[Tie]:
    """Return the ties of both, of two records of the same the one known last; those that moved are the older ones."""
    newest: dict[object, Tie] = {}
    for tie in (*moved, *own):
        earlier = newest.get(identity(tie))
        if earlier is None or tie.known_at >= earlier.known_at:
            newest[identity(tie)] = tie
    return list(newest.values())[-TIES_KEPT:]


def _joined_stays(moved: list[Stay], own: list[Stay]) -> list[Stay]:
    """Return the stays of both; whoever took part by either record took part."""
    joined = _joined(moved, own, lambda stay: stay.id)
    for stay in joined:
        users = [user for record in (*moved, *own) if record.id == stay.id for user in record.users]
        stay.users = list(dict.fromkeys(users))[-TIES_KEPT:]
    return joined
