"""Replay as the settings call for it: the live intake, stages and desk, over an incident store in memory."""

import random
import time
from collections.abc import Callable, Iterable, Mapping

from msgspec import structs

from alerting.desk import Desk
from alerting.store import Store, create_schema, open_engine
from detectors.visit import StageName
from monitor.catalogue import read_rules
from monitor.detection import build_stages
from monitor.keys import local_tokeniser
from monitor.model_files import current_models
from monitor.response import build_desk
from monitor.settings import Settings
from streams.emulation import Steps
from streams.intake import Intake
from streams.replay import TOGETHER, Replay, ReplayResult, Sink

ID_SEED = 1
"""The same replay twice gives the same incident ids."""


def backtest(
    settings: Settings,
    lines: Iterable[bytes],
    *,
    partitions: int | None = None,
    warm_up: float = 0.0,
    alerts_per_day: float | None = None,
    sink: Sink | None = None,
    progress: Callable[[int], None] = lambda _: None,
    stages: Mapping[StageName, Steps] | None = None,
    clock: Callable[[], float] = time.time,
    meet: Callable[[Desk], None] = lambda _: None,
) -> ReplayResult:
    """Replay lines of CloudEvents.

    Args:
        settings: rules, models, keys and limits.
        lines: what to replay, in order.
        partitions: how many to emulate; those of the settings where not given.
        warm_up: seconds of event time in which nothing alerts.
        alerts_per_day: another budget than that of the settings.
        sink: takes findings and scores.
        progress: is told how many lines were read.
        stages: others than those of the settings.
        clock: gives the time of the desk.
        meet: is given the desk before the first line is read.
    """
    if alerts_per_day is not None:
        settings = structs.replace(settings, alerts_per_day=alerts_per_day)
    rules = read_rules(settings)
    engine = open_engine("sqlite://")
    create_schema(engine)
    desk = build_desk(settings, Store(engine), rules, clock=clock, ids=random.Random(ID_SEED))  # noqa: S311
    meet(desk)
    replay = Replay(
        Intake(local_tokeniser(settings)),
        stages or build_stages(settings, rules, current_models(settings)),
        desk,
        partitions or settings.partitions,
        together=TOGETHER,
        warm_up=warm_up,
        sink=sink,
        progress=progress,
    )
    try:
        return replay.run(lines)
    finally:
        engine.dispose()
