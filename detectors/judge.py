"""From what rules and models said to findings and to the final risk of an event."""

from collections.abc import Sequence
from typing import cast

from msgspec import Struct

from detectors.features import Feature
from detectors.finding import Entity, Finding, Queue, Severity, finding_id
from detectors.profiles.history import History
from detectors.result import Score
from detectors.scene import Hit, Scene
from detectors.visit import Signal, StageName, Visit
from models.fusion import RULE_WEIGHTS, fuse, severity_of

BILLING = "org.wardwatch.billing.transaction.v1"

FLOOR = 20.0
"""Risk under which nothing is kept as a finding of models; rules are always kept."""

NOTABLE_P = 0.01
"""Tail probability from which a model's word travels on; fusion gives none to more ordinary scores."""

TELLING_P = 0.001
"""Tail probability from which a model's word alone makes a fused finding news."""


class Speaker(Struct, frozen=True):
    """Who says something: catalogue id, unique name and version of a rule or detector.

    It `rests` on the access being unexplained where it would not have spoken otherwise. What speaks to another `queue`
    is no ground for suspicion and takes no part in fusion.
    """

    catalogue: str
    name: str
    version: int
    rests: bool
    queue: Queue = ""


class Looked(Struct):
    """An event that was observed in this step, on its way through scoring and fusion.

    `raw` is its feature row, `ground` the hash of what findings about it rest on, `history` that of the entity.
    """

    visit: Visit
    ref: str
    raw: list[float] | None
    ground: int | None
    history: History


def may_fall(visit: Visit) -> bool:
    """Return whether all that rules said rests on what may fall away: a claim, or an access being unexplained."""
    if visit.type == BILLING or not visit.signals:
        return visit.type == BILLING
    rules = [signal for signal in visit.signals if signal.kind == "rule"]
    return bool(rules) and all(signal.rests for signal in rules)


def weight_of(signal: Signal) -> float:
    """Return the weight of one signal in fusion, 0 to 1."""
    return _rule_weight(signal) if signal.kind == "rule" else fuse([], [signal.p]) / 100


def _rule_weight(signal: Signal) -> float:
    return signal.share * RULE_WEIGHTS[signal.severity]


def entities_of(visit: Visit) -> list[Entity]:
    """Return every entity on the event's itinerary."""
    return [Entity(stop.stage, stop.ref) for stop in visit.stops]


def event_ground(visit: Visit) -> tuple[str, ...]:
    """Return what identifies an event: its id and its entities.

    A source that uses an id twice, for two patients, must not hide the second event's finding behind the first's.
    """
    return (visit.id, *(stop.ref for stop in visit.stops))


def rule_finding(
    scene: Scene, stage: StageName, speaker: Speaker, hit: Hit, *, again: int = 0, share: float = 1.0
) -> Finding:
    """Return the finding of a rule or detector.

    Args:
        scene: where it looked.
        stage: the stage, which is the type of the finding's entity.
        speaker: the rule or detector.
        hit: what it said.
        again: how often what it rests on had fallen away before; after that it is another finding.
        share: how much of the weight of its severity counts, above 0, at most 1.
    """
    visit = scene.visit
    entity = hit.about or Entity(stage, scene.ref)
    identity = (entity.type, entity.ref, hit.window) if hit.window else event_ground(visit)
    if again:
        identity = (*identity, f"again {again}")
    return Finding(
        id=finding_id(speaker.name, speaker.version, *identity),
        event_id=visit.id,
        at=visit.time,
        kind="rule",
        detector=speaker.catalogue,
        version=speaker.version,
        severity=hit.severity,
        risk=fuse([share * RULE_WEIGHTS[hit.severity]], []),
        entity=entity,
        entities=[entity] if entity.type == "source" else entities_of(visit),
        reasons=[hit.reason],
        features=hit.features,
        window=hit.window,
        queue=speaker.queue,
        source=visit.source,
        department=_department(scene),
    )


def model_finding(item: Looked, stage: StageName, signal: Signal, features: Sequence[Feature]) -> Finding | None:
    """Return the finding of one model, where its word alone is above the floor."""
    risk = fuse([], [signal.p])
    if risk < FLOOR:
        return None
    visit = item.visit
    numbers = {feature.name: value for feature, value in zip(features, item.raw or [], strict=True)}
    return Finding(
        id=finding_id(signal.detector, 1, *event_ground(visit), stage, item.ref),
        event_id=visit.id,
        at=visit.time,
        kind=signal.kind,
        detector=signal.detector,
        version=1,
        severity=cast("Severity", severity_of(risk)),
        risk=risk,
        entity=Entity(stage, item.ref),
        entities=entities_of(visit),
        reasons=[signal.reason],
        features={**numbers, "p": signal.p},
        source=visit.source,
    )


def final_risk(item: Looked, stage: StageName) -> tuple[Score, Finding | None]:
    """Fuse what every stage said of an event into one risk.

    Of several signals of one detector the gravest counts. A fused finding is made of what is news, where at least two
    detectors say some: one alone has its own finding already, and what a window has reported before is no reason to
    call a small thing grave.
    """
    visit, entity = item.visit, Entity(stage, item.ref)
    if not visit.signals:
        return Score(visit.id, visit.time, visit.type, entity, 0.0, ""), None
    ordered = sorted(visit.signals, key=weight_of, reverse=True)
    score = Score(visit.id, visit.time, visit.type, entity, _fused(ordered), ordered[0].detector)
    news = [signal for signal in ordered if signal.fresh]
    risk = _fused(news)
    is_telling = any(signal.kind == "rule" or signal.p <= TELLING_P for signal in news)
    if len({signal.detector for signal in news}) < 2 or risk < FLOOR or not is_telling:
        return score, None
    return score, Finding(
        id=finding_id("fused", 1, *event_ground(visit)),
        event_id=visit.id,
        at=visit.time,
        kind="fused",
        detector=news[0].detector,
        version=1,
        severity=cast("Severity", severity_of(risk)),
        risk=risk,
        entity=entity,
        entities=entities_of(visit),
        reasons=list(dict.fromkeys(signal.reason for signal in news)),
        source=visit.source,
    )


def _department(scene: Scene) -> str:
    """Return the department of whoever acted, where the event is an access and says so."""
    actor = getattr(scene.data, "actor", None)
    return str(getattr(actor, "dept", ""))


def _fused(ordered: Sequence[Signal]) -> float:
    """Return the risk of signals, the gravest first."""
    gravest: dict[str, Signal] = {}
    for signal in ordered:
        gravest.setdefault(signal.detector, signal)
    return fuse(
        [_rule_weight(signal) for signal in gravest.values() if signal.kind == "rule"],
        [signal.p for signal in gravest.values() if signal.kind != "rule"],
    )
