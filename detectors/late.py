"""Explanations that arrive late: accesses that nothing explained are looked at again when context comes in.

The patient stage keeps them open and holds new ties against them; what may explain one goes to the user stage as an
event of our own, where the finding was made and is withdrawn.
"""

from collections.abc import Iterator

import msgspec
from msgspec import Raw, Struct

from detectors.events import AccessEvent
from detectors.explain import DAY, Ties, Windows, conclude, ties
from detectors.profiles.applied import fingerprint
from detectors.profiles.patient import OpenAccess, PatientProfile
from detectors.profiles.user import UserProfile
from detectors.retraction import access_ground
from detectors.scene import Scene
from detectors.visit import Stop, Visit

EXPLANATION_TYPE = "org.wardwatch.internal.explanation.v1"
"""Type of the event that the patient stage sends to the user stage; sources cannot send it."""

OPEN_DAYS = 30.0
OPEN_KEPT = 64
"""How long, and how many, unexplained accesses wait for context at one patient."""

REASON = "Context that arrived later explains the access ({templates})."


class Explanation(Struct):
    """Ties that were found, after the event, between a patient and who had opened the record.

    `direct` and `places` are those of `detectors.explain.Ties`; `at` is the time of the access in seconds since the
    epoch.
    """

    event_id: str
    patient_ref: str
    user_ref: str
    dept: str
    at: float
    direct: list[str]
    places: list[str]

    def __repr__(self) -> str:
        return "<Explanation>"


def keep_open(scene: Scene, profile: PatientProfile, found: Ties) -> None:
    """Keep an access for later that no direct tie and no tie of the actor's own department explains."""
    access: AccessEvent = scene.data
    if found.direct or _ties_of(access.actor.dept, found.places):
        return
    entry = OpenAccess(scene.visit.id, access.actor.id, access.actor.dept, scene.time, _hash(found))
    profile.open_accesses.append(entry)
    oldest = max(kept.at for kept in profile.open_accesses) - OPEN_DAYS * DAY
    profile.open_accesses = [kept for kept in profile.open_accesses if kept.at >= oldest][-OPEN_KEPT:]


def explained_late(scene: Scene, windows: Windows) -> Iterator[Visit]:
    """Yield what a context event, already applied to the profile, says about accesses that are open."""
    profile: PatientProfile = scene.profile
    still_open: list[OpenAccess] = []
    for access in profile.open_accesses:
        found = ties(profile, access.user, access.at, windows)
        if (found.direct or found.places) and _hash(found) != access.ties:
            yield _visit(scene.visit, scene.ref, access, found)
            access.ties = _hash(found)
        if not found.direct and not _ties_of(access.dept, found.places):
            still_open.append(access)
    profile.open_accesses = still_open


def withdrawn(scene: Scene) -> Iterator[tuple[str, str]]:
    """Yield the findings about an access that an explanation withdraws from this user, each with the reason."""
    said: Explanation = scene.data
    profile: UserProfile = scene.profile
    dept = (profile.staff.dept if profile.staff else "") or said.dept
    templates = conclude(Ties(said.direct, said.places), profile, dept, said.at, repeat=False)
    if not templates:
        return
    _forget_unexplained(profile, fingerprint(said.patient_ref), said.at)
    reason = REASON.format(templates=", ".join(templates))
    for finding in profile.history.take_back(access_ground(said.event_id, said.patient_ref)):
        yield finding, reason


def _forget_unexplained(profile: UserProfile, patient: int, at: float) -> None:
    """Take the access out of what counts as unexplained."""
    times = [kept for kept in profile.unexplained.get(patient, []) if kept != at]
    if times:
        profile.unexplained[patient] = times
    else:
        profile.unexplained.pop(patient, None)


def _visit(context: Visit, patient: str, access: OpenAccess, found: Ties) -> Visit:
    said = Explanation(access.event, patient, access.user, access.dept, access.at, found.direct, found.places)
    return Visit(
        id=f"{context.id}/{access.event}",
        source=context.source,
        type=EXPLANATION_TYPE,
        time=context.time,
        received=context.received,
        data=Raw(msgspec.msgpack.encode(said)),
        stops=[Stop("patient", patient), Stop("user", access.user)],
        place=context.place,
    )


def _ties_of(dept: str, places: list[str]) -> bool:
    return bool(dept) and any(place.partition(":")[2] == dept for place in places)


def _hash(found: Ties) -> int:
    return fingerprint("\x1f".join([*found.direct, "|", *found.places]))
