"""The user stage, steps: how unusual the order of deeds in a session is for the role (A29).

A bigram model over deeds (what follows what), counted per role over all partitions; the figure of a session is its mean
surprisal in bits a step. A session is judged when the user begins the next one, before its steps are learned.
"""

import functools
import math
from typing import get_args

from detectors.events import AccessEvent
from detectors.events.access import Action
from detectors.partition import PartitionState
from detectors.peers.measures import MEASURES
from detectors.profiles.applied import fingerprint
from detectors.profiles.behaviour import STEPS_KEPT, UserBehaviour
from detectors.scene import Scene
from detectors.thresholds import Thresholds
from detectors.thresholds_behaviour import BehaviourThresholds

STEPS = "session_steps"
"""Name of the counts of a role's steps."""

WIDTH = 1_024
"""Deeds are told apart by action and part of the chart; a step is `before * WIDTH + after`."""
PARTS = 32
ROW, TOTAL = WIDTH - 1, -1
"""Place of the steps from one deed in its row, and of all steps."""

UNSEEN, KINDS = 0.5, 64
"""Additive smoothing: weight of a step that was never seen, and how many kinds may follow a deed."""

HALVED_AT = 500_000
"""Steps of a role at which all its counts are halved, so that a new module becomes ordinary."""

_PLACES = {action: place for place, action in enumerate(get_args(Action), start=1)}


def observe_access(scene: Scene, state: PartitionState, thresholds: Thresholds) -> None:
    """Count a step of the session that goes on; close the one before where a pause or a logout ended it."""
    access: AccessEvent = scene.data
    if access.actor.type != "human":
        return
    behaviour, limits, at = scene.profile.behaviour, thresholds.behaviour, scene.time
    if behaviour.steps and (behaviour.is_over or at - behaviour.last_at > limits.session_gap_minutes * 60):
        _close(scene, access, behaviour, limits)
        behaviour.steps, behaviour.last_deed = {}, 0
    deed = deed_of(access.action, access.resource.category if access.resource is not None else "")
    step = behaviour.last_deed * WIDTH + deed
    steps = behaviour.steps
    if step in steps or len(steps) < STEPS_KEPT:
        steps[step] = steps.get(step, 0) + 1
    behaviour.last_deed, behaviour.is_over = deed, access.action == "logout"
    behaviour.last_at = max(at, behaviour.last_at)


@functools.lru_cache(maxsize=4_096)
def deed_of(action: Action, category: str) -> int:
    """Return the number of an action on a part of a chart, 1 to WIDTH - 2."""
    return _PLACES[action] * PARTS + fingerprint(category) % PARTS


def _close(scene: Scene, access: AccessEvent, behaviour: UserBehaviour, limits: BehaviourThresholds) -> None:
    """Judge the session that is over by what the role usually does, then let the role learn it."""
    staff = scene.profile.staff
    segment = f"role:{(staff.role or staff.job_code if staff else '') or access.actor.job_code}"
    taken = sum(behaviour.steps.values())
    if taken >= limits.session_steps:
        bits = surprisal(scene, segment, behaviour.steps, limits.session_known_steps)
        if bits is not None:
            _compare(scene, segment, bits, taken, limits)
    bins = scene.around.book.bins(STEPS, segment)
    for step, times in behaviour.steps.items():
        for place in (step, step // WIDTH * WIDTH + ROW, TOTAL):
            bins[place] = bins.get(place, 0) + times
    if bins[TOTAL] > HALVED_AT:
        for place in list(bins):
            bins[place] //= 2


def surprisal(scene: Scene, segment: str, steps: dict[int, int], least: int) -> float | None:
    """Return the mean bits a step, None where the role has taken fewer than `least` steps."""
    places = [place for step in steps for place in (step, step // WIDTH * WIDTH + ROW)]
    total, *counts = scene.around.peers.counted(STEPS, segment, (TOTAL, *places))
    if total < least:
        return None
    bits = 0.0
    for times, seen, of_row in zip(steps.values(), counts[::2], counts[1::2], strict=True):
        bits -= times * math.log2((seen + UNSEEN) / (of_row + UNSEEN * KINDS))
    return bits / sum(steps.values())


def _compare(scene: Scene, segment: str, bits: float, taken: int, limits: BehaviourThresholds) -> None:
    measure, segments = MEASURES["session_bits"], (segment, "*")
    group = scene.around.peers.group(measure, segments)
    scene.around.book.place(scene.profile.history.peers, measure, segments, bits)
    if group is not None and bits > max(group.p99, group.median + limits.session_bits):
        scene.notes["session.bits"] = round(bits, 2)
        scene.notes["session.bits_median"] = round(group.median, 2)
        scene.notes["session.steps"] = taken
