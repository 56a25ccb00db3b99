"""The user stage, trails: the order in which records were opened, and what was searched for (A19, A19b)."""

from bisect import bisect_left, insort
from itertools import pairwise
from statistics import fmean, pstdev

from detectors.events import AccessEvent
from detectors.explain import CONTENT_ACTIONS, DAY
from detectors.partition import PartitionState
from detectors.profiles.behaviour import OPENINGS_KEPT, SEARCHES_KEPT, TRAIL_KEPT, UserBehaviour
from detectors.profiles.user import BUCKET, UserProfile
from detectors.scene import Scene
from detectors.stages.user_relations import is_one_of
from detectors.stages.user_volume import is_counted, role_text
from detectors.thresholds import Thresholds
from detectors.thresholds_behaviour import BehaviourThresholds
from detectors.work import lookups_until

HOUR = 3_600.0
RANKS_KEPT = 512
RANKS_SPARE = 128
"""How many more may come before the oldest are dropped: dropping costs as much as the whole list is long."""
REACH = 60
"""Records that a run is looked for in on either side: three times what a run needs."""
LEAST_GAP = 0.5
"""Mean seconds between records under which they are one list that was printed or shown, not looked up one by one."""

CHOOSING = ("human", "vendor")
"""Actors who choose whose record they open. Interfaces go through the numbers by trade (A20 is about them)."""


def observe_access(scene: Scene, state: PartitionState, thresholds: Thresholds) -> None:
    """Keep the trail of records, and note what makes it look like gathering."""
    access: AccessEvent = scene.data
    limits = thresholds.behaviour
    if access.action == "query" and access.outcome == "success" and access.query is not None:
        _note_search(scene, access, limits)
    patient = access.patient
    if patient is None or access.action not in CONTENT_ACTIONS:
        return
    if patient.mrn_rank is not None:
        if access.actor.type in CHOOSING and _is_chosen(scene, access, patient.mrn_rank, thresholds):
            _keep_rank(scene.profile, scene.time, patient.mrn_rank)
            _note_trail(scene, patient.mrn_rank, limits)
        state.see_rank(patient.mrn_rank, scene.time)
    if len(scene.profile.unexplained) >= limits.lookups_share * limits.lookups:
        _note_lookups(scene, limits)


# --- the order of records ---------------------------------------------------------------------------------------------


def _is_chosen(scene: Scene, access: AccessEvent, rank: int, thresholds: Thresholds) -> bool:
    """Return whether the user picked this record: no work queue or report did, and it is not new to the hospital.

    New records are opened in the order of their numbers by whoever registers patients and newborns.
    """
    if access.action == "create" or not is_counted(scene, access, thresholds):
        return False
    return not scene.around.clock.is_new_rank(rank, scene.time, thresholds.behaviour.recent_days)


def _keep_rank(profile: UserProfile, at: float, rank: int) -> None:
    profile.ranks.append((at, rank))
    if len(profile.ranks) > RANKS_KEPT + RANKS_SPARE or profile.ranks[0][0] < profile.newest - 2 * DAY:
        profile.ranks = [kept for kept in profile.ranks if kept[0] >= profile.newest - DAY][-RANKS_KEPT:]


def _note_trail(scene: Scene, rank: int, limits: BehaviourThresholds) -> None:
    """Keep the first time that a record was opened; look at its neighbours where that is news."""
    profile: UserProfile = scene.profile
    behaviour, at = profile.behaviour, scene.time
    first = behaviour.trail.get(rank)
    if first is not None and first <= at:
        return
    if at < profile.newest - limits.slow_days * DAY:
        return
    behaviour.trail[rank] = int(at)
    if len(behaviour.trail) > TRAIL_KEPT:
        _forget_trail(behaviour, profile.newest - limits.slow_days * DAY)
    run = longest_run(behaviour.trail, rank, limits.slow_step, int(limits.slow_days * DAY), limits.slow_patients)
    if at > behaviour.run_told_at + limits.slow_days * DAY:
        behaviour.run_told = 0
    if run >= limits.slow_patients and run > behaviour.run_told:
        # Ordinary work among the records of a run that is over makes it no longer.
        behaviour.run_told, behaviour.run_told_at = run, at
        scene.notes["user.run_of_records"] = run
    if first is None:
        insort(behaviour.openings, at)
        del behaviour.openings[:-OPENINGS_KEPT]
        _note_regularity(scene, behaviour, limits)


def _forget_trail(behaviour: UserBehaviour, oldest: float) -> None:
    kept = {rank: first for rank, first in behaviour.trail.items() if first >= oldest}
    if len(kept) > TRAIL_KEPT:
        latest = sorted(kept, key=lambda rank: kept[rank])[TRAIL_KEPT // 4 :]
        kept = {rank: kept[rank] for rank in latest}
    behaviour.trail = kept


def longest_run(trail: dict[int, int], rank: int, step: int, span: int, least: int) -> int:
    """Return the most records that were opened one after the other in the order of their numbers, `rank` among them.

    What was opened in between does not matter. It depends on when each record was first opened, not on when that
    became known.

    Args:
        trail: rank to the first time it was opened, in seconds.
        rank: one of them.
        step: the largest step from one number to the next.
        span: seconds before and after `rank` was opened in which the others count.
        least: records that are of interest.

    Returns:
        0 where there cannot be `least`.
    """
    below, above = _near(trail, rank, -step, span), _near(trail, rank, step, span)
    if len(below) + len(above) + 1 < least:
        return 0
    longest = 0
    for before, after, upwards in ((below, above, step), (above, below, -step)):
        earlier = _chain(trail, [*reversed(before), rank], upwards, is_earlier=True)
        later = _chain(trail, [*reversed(after), rank], -upwards, is_earlier=False)
        longest = max(longest, earlier + later - 1)
    return longest


def _near(trail: dict[int, int], rank: int, step: int, span: int) -> list[int]:
    """Return the records that hang together with `rank` by steps in one direction, outwards."""
    found: list[int] = []
    direction = 1 if step > 0 else -1
    edge, at = rank, trail[rank]
    while len(found) < REACH:
        for other in range(edge + direction, edge + step + direction, direction):
            if other in trail and abs(trail[other] - at) < span:
                found.append(other)
                edge = other
                break
        else:
            break
    return found


def _chain(trail: dict[int, int], ranks: list[int], step: int, *, is_earlier: bool) -> int:
    """Return the length of the longest chain of steps that ends at the last rank.

    Along the chain records were opened one before the other, or with `is_earlier` off one after the other.
    """
    lengths: dict[int, int] = {}
    direction = 1 if step > 0 else -1
    for rank in ranks:
        at, before = trail[rank], 0
        for other in range(rank - direction, rank - step - direction, -direction):
            length = lengths.get(other, 0)
            if length > before and (trail[other] < at if is_earlier else trail[other] > at):
                before = length
        lengths[rank] = before + 1
    return lengths[ranks[-1]]


def _note_regularity(scene: Scene, behaviour: UserBehaviour, limits: BehaviourThresholds) -> None:
    """Note where one record after the other was opened as evenly as no person does."""
    n, place = limits.regular_patients, bisect_left(behaviour.openings, scene.time)
    last = behaviour.openings[max(0, place + 1 - n) :][:n]
    if len(last) < n or last[-1] - last[0] > limits.regular_minutes * 60:
        return
    gaps = [after - before for before, after in pairwise(last)]
    mean = fmean(gaps)
    if mean >= LEAST_GAP:
        scene.notes["user.opening_variation"] = round(pstdev(gaps) / mean, 3)
        scene.notes["user.opening_seconds"] = round(mean, 1)
        scene.notes["user.openings"] = len(last)


def _note_lookups(scene: Scene, limits: BehaviourThresholds) -> None:
    """Note how many of the patients of the last half hour were opened without a known reason."""
    if scene.notes.get("rel.explained") is not False:
        return
    opened, without = lookups_until(scene.profile, scene.time, limits)
    if opened:
        scene.notes["user.lookups_30m"] = opened
        scene.notes["user.lookups_unexplained_30m"] = without


# --- searches ---------------------------------------------------------------------------------------------------------


def _note_search(scene: Scene, access: AccessEvent, limits: BehaviourThresholds) -> None:
    """Note many searches that few charts were opened after, and searches so wide that they list the patients."""
    profile: UserProfile = scene.profile
    behaviour, at = profile.behaviour, scene.time
    if is_one_of(role_text(profile, access), limits.search_roles):
        scene.notes["user.searching_role"] = True
    insort(behaviour.searches, at)
    del behaviour.searches[:-SEARCHES_KEPT]
    results = access.query.result_count if access.query else None
    if results is not None and results >= limits.wide_results:
        insort(behaviour.wide_searches, at)
        del behaviour.wide_searches[:-SEARCHES_KEPT]
        scene.notes["user.wide_searches_1h"] = _within_hour(behaviour.wide_searches, at)
    made = _within_hour(behaviour.searches, at)
    if made < limits.searches:
        return
    buckets = range(int((at - HOUR) // BUCKET), int(at // BUCKET) + 1)
    opened = len({patient for bucket in buckets for patient in profile.opened.get(bucket, ())})
    scene.notes["user.searches_1h"] = made
    scene.notes["user.searches_opened"] = opened
    if opened < limits.searches_opened * made:
        scene.notes["user.searches_unopened"] = True


def _within_hour(times: list[float], at: float) -> int:
    return bisect_left(times, at + 1e-3) - bisect_left(times, at - HOUR)
