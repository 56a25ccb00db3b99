"""Explanations that arrive late: accesses that nothing explained are looked at again when context comes in.

The patient stage keeps them open and holds new ties against them; what may explain one goes to the user stage as an
event of our own, where the finding was made and is withdrawn.
"""

import datetime
from collections.abc import Iterator

import msgspec
from msgspec import Raw, Struct

from detectors.coverage import EXPLAINED, count
from detectors.events import AccessEvent
from detectors.explain import DAY, PLACE, Ties, Windows, conclude, ties
from detectors.profiles.applied import fingerprint
from detectors.profiles.patient import OpenAccess, PatientProfile
from detectors.profiles.relations import Glass
from detectors.profiles.user import UserProfile
from detectors.retraction import access_ground, ground_of_detector
from detectors.scene import Scene
from detectors.thresholds_behaviour import BehaviourThresholds
from detectors.thresholds_relations import RelationThresholds
from detectors.visit import Stop, Visit
from detectors.work import lookups_until, most_patients_in_window

EXPLANATION_TYPE = "org.wardwatch.internal.explanation.v1"
"""Type of the event that the patient stage sends to the user stage; sources cannot send it."""

OPEN_DAYS = 30.0
OPEN_KEPT = 64
"""How long, and how many, unexplained accesses wait for context at one patient."""

SEVERAL, SEVERAL_RULE = 3, "a01_unexplained_several"
"""The rule of the day that rests on several accesses, and on how many patients'."""

LOOKUPS_RULE = "a19_lookups"
"""The rule of the day that rests on most patients of half an hour being unexplained (A19)."""
LOOKUPS = BehaviourThresholds()

VISIT_REASON = "A visit that goes with the emergency access has become known."
REASON = "Context that arrived later explains the access ({templates})."


class Explanation(Struct):
    """Ties that were found, after the event, between a patient and who had opened the record.

    `direct` and `places` are those of `detectors.explain.Ties`; `at` is the time of the access in seconds since the
    epoch. `visited` says that a visit goes with an emergency access after all (A07).
    """

    event_id: str
    patient_ref: str
    user_ref: str
    dept: str
    at: float
    direct: list[str]
    places: list[str]
    visited: bool = False

    def __repr__(self) -> str:
        return "<Explanation>"


def keep_open(scene: Scene, profile: PatientProfile, found: Ties) -> None:
    """Keep an access for later that no direct tie and no tie of the actor's own department explains.

    At a restricted record only a direct tie is a reason (A23). Where there are too many, what was opened again on the
    same day goes first: findings rest on the first access of a day.
    """
    access: AccessEvent = scene.data
    if access.actor.type == "service":
        return  # interfaces open every chart, and no finding about one rests on that: they would fill the profile
    if found.direct or (is_of_department(access.actor.dept, found.places) and not profile.restricted):
        return
    entry = OpenAccess(scene.visit.id, access.actor.id, access.actor.dept, scene.time, _hash(found))
    profile.open_accesses.append(entry)
    oldest = max(kept.at for kept in profile.open_accesses) - OPEN_DAYS * DAY
    kept_open = [kept for kept in profile.open_accesses if kept.at >= oldest]
    if len(kept_open) > OPEN_KEPT:
        first: dict[tuple[str, int], OpenAccess] = {}
        for kept in kept_open:
            first.setdefault((kept.user, int(kept.at // DAY)), kept)
        again = next((kept for kept in kept_open if first[kept.user, int(kept.at // DAY)] is not kept), kept_open[0])
        kept_open.remove(again)
    profile.open_accesses = kept_open


def explained_late(scene: Scene, windows: Windows) -> Iterator[Visit]:
    """Yield what a context event, already applied to the profile, says about accesses that are open."""
    profile: PatientProfile = scene.profile
    still_open: list[OpenAccess] = []
    for access in profile.open_accesses:
        found = ties(profile, access.user, access.at, windows, scene.around.references.responsible)
        if (found.direct or found.places) and _hash(found) != access.ties:
            yield _explanation(scene.visit, scene.ref, access, found)
            access.ties = _hash(found)
        is_own = is_of_department(access.dept, found.places)
        if found.direct or is_own:
            profile.relations.certain.pop(fingerprint(access.user), None)
            profile.relations.possible.pop(fingerprint(access.user), None)
        if not found.direct and not (is_own and not profile.restricted):
            still_open.append(access)
    profile.open_accesses = still_open


def withdrawn(scene: Scene) -> Iterator[tuple[str, str]]:
    """Yield the findings about an access that an explanation withdraws from this user, each with the reason."""
    said: Explanation = scene.data
    profile: UserProfile = scene.profile
    ground = f"{said.event_id}\x1f{said.patient_ref}"
    if said.visited:
        for finding in profile.history.take_back(ground_of_detector("A07", ground)):
            yield finding, VISIT_REASON
        return
    dept = (profile.staff.dept if profile.staff else "") or said.dept
    templates = conclude(Ties(said.direct, said.places), profile, dept, said.at, repeat=False)
    if not templates:
        return
    patient = fingerprint(said.patient_ref)
    was_open = said.at in profile.unexplained.get(patient, ())
    if was_open:
        count(scene.around.book, dept, said.at, EXPLAINED)
        profile.relations.forget_unexplained(said.at)
    _forget_unexplained(profile, patient, said.at)
    reason = REASON.format(templates=", ".join(templates))
    for name, fallen in _fallen(said, profile, patient, was_open=was_open):
        for finding in profile.history.take_back(fallen):
            profile.fired.pop(name, None)
            yield finding, reason


def _fallen(said: Explanation, profile: UserProfile, patient: int, *, was_open: bool) -> Iterator[tuple[str, int]]:
    """Yield the grounds that an explanation takes away; those with a window with whose word may be told again."""
    ground = f"{said.event_id}\x1f{said.patient_ref}"
    yield "", access_ground(said.event_id, said.patient_ref)
    yield "", ground_of_detector("A07", ground)
    yield "A14", ground_of_detector("A14", ground)
    if said.direct:
        yield "", ground_of_detector("A23", ground)
    if not _is_of_interest(profile, patient):
        yield "", ground_of_detector("A24", str(patient))
    day = datetime.datetime.fromtimestamp(said.at, datetime.UTC).date().isoformat()
    if most_patients_in_window(profile.unexplained, said.at, DAY) < SEVERAL:
        yield SEVERAL_RULE, ground_of_detector(SEVERAL_RULE, day)
    if was_open and LOOKUPS_RULE in profile.fired and not _has_run_of_lookups(profile, said.at):
        yield LOOKUPS_RULE, ground_of_detector(LOOKUPS_RULE, day)


def _has_run_of_lookups(profile: UserProfile, at: float) -> bool:
    """Return whether some half hour of the day still has as many charts without a known reason as A19 speaks of."""
    since = at // DAY * DAY
    ends = {time for times in profile.unexplained.values() for time in times if since <= time < since + DAY}
    return any(lookups_until(profile, end, LOOKUPS)[0] for end in sorted(ends))


def _is_of_interest(profile: UserProfile, patient: int) -> bool:
    """Return whether the patient was opened on so many days without a reason that A24 still holds."""
    return len(profile.relations.interests.get(patient, ())) >= RelationThresholds.interest_days


def _forget_unexplained(profile: UserProfile, patient: int, at: float) -> None:
    """Take the access out of what counts as unexplained."""
    days = profile.relations.interests.get(patient)
    if days is not None and int(at // DAY) in days:
        days.remove(int(at // DAY))
    times = [kept for kept in profile.unexplained.get(patient, []) if kept != at]
    if times:
        profile.unexplained[patient] = times
    else:
        profile.unexplained.pop(patient, None)


def visited_late(context: Visit, patient: str, glass: Glass) -> Visit:
    """Return the event that says to the user that a visit goes with an emergency access after all (A07)."""
    said = Explanation(glass.event, patient, glass.user, glass.dept, glass.at, [], [], visited=True)
    return _visit(context, f"{context.id}/{glass.event}/visit", said)


def _explanation(context: Visit, patient: str, access: OpenAccess, found: Ties) -> Visit:
    said = Explanation(access.event, patient, access.user, access.dept, access.at, found.direct, found.places)
    return _visit(context, f"{context.id}/{access.event}", said)


def _visit(context: Visit, name: str, said: Explanation) -> Visit:
    return Visit(
        id=name,
        source=context.source,
        type=EXPLANATION_TYPE,
        time=context.time,
        received=context.received,
        data=Raw(msgspec.msgpack.encode(said)),
        stops=[Stop("patient", said.patient_ref), Stop("user", said.user_ref)],
        place=context.place,
    )


def is_of_department(dept: str, places: list[str]) -> bool:
    """Return whether one of the ties is that of a department, whatever its template."""
    return bool(dept) and any(place[PLACE:] == dept for place in places)


def _hash(found: Ties) -> int:
    return fingerprint("\x1f".join([*found.direct, "|", *found.places]))
