"""When people are told that the end of a clock comes near: once in each stage."""

from datetime import date, timedelta

from alerting.breach.clocks import STAGES, Stage
from alerting.breach.duties import Duty, duties
from alerting.breach.file import BreachFile
from alerting.breach.records import Warned

_RANK: dict[Stage, int] = {stage: place for place, (_, stage) in enumerate(reversed(STAGES), 1)} | {"": 0}


def warnings_due(file: BreachFile, today: date) -> list[Warned]:
    """Return what must be told today and was not told yet; of stages that passed unseen, only the last."""
    found = []
    for duty in duties(file):
        stage = duty.stage(today)
        if _RANK[stage] > _RANK[_told(file, duty)]:
            found.append(Warned(clock=duty.clock, stage=stage, due=duty.due))
    return found


def next_on(file: BreachFile) -> date | None:
    """Return the day on which something must be told next, None when nothing will be, unless the file changes."""
    days = [day for duty in duties(file) if not duty.is_done and (day := _next_stage_on(file, duty))]
    return min(days, default=None)


def _next_stage_on(file: BreachFile, duty: Duty) -> date | None:
    told = _RANK[_told(file, duty)]
    starts = [duty.due - timedelta(days=most) for most, stage in STAGES if _RANK[stage] > told]
    return min(starts, default=None)


def _told(file: BreachFile, duty: Duty) -> Stage:
    """Return the last stage that was told of a clock; when its end moved, nothing was."""
    told = [one.stage for one in file.warned if one.clock == duty.clock and one.due == duty.due]
    return max(told, key=lambda stage: _RANK[stage], default="")
