"""The daily budget: met on every day, whatever rate and risks do; criticals alert; best first; the same again."""

import itertools
import math
from collections import Counter
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.budget import AlertBudget, Decision
from models.daily_budget import DailyBudget
from models.snapshots import pack, unpack

DAY = 86_400.0
HOUR = 3_600.0

Stream = Sequence[tuple[float, float, bool, str]]
"""Event time, risk, whether critical, subject."""


def run(budget: DailyBudget, stream: Stream, until: float | None = None, first: int = 0) -> dict[int, float]:
    """Return the alerts by place in the stream, each with the event time at which it was let through."""
    alerted: dict[int, float] = {}

    def release(at: float) -> None:
        while (name := budget.due(at)) is not None:
            assert int(name) not in alerted
            alerted[int(name)] = at
            budget.spent()

    for place, (at, risk, critical, subject) in enumerate(stream, start=first):
        release(at)
        if budget.decide(at, risk, critical, subject=subject, name=str(place)) is Decision.ALERT:
            alerted[place] = at
            budget.spent()
    if until is not None:
        release(until)
    return alerted


def hospital(days: int, per_day: float, seed: int, *, growth: float = 1.0, criticals: float = 0.0) -> Stream:
    """Findings as they come: nine times as many by day, half as many at weekends, more and graver if they grow."""
    rng = np.random.default_rng(seed)
    times = []
    for day in range(days):
        rate = per_day * growth ** (day / days) * (0.5 if day % 7 >= 5 else 1.0)
        hours = rng.choice(24, size=rng.poisson(rate), p=np.array([1.0] * 7 + [9.0] * 12 + [1.0] * 5) / 120)
        times += [day * DAY + hour * HOUR + rng.random() * HOUR for hour in hours]
    return [
        (
            at,
            float(min(100.0, rng.choice([20.0, 40.0, 70.0]) * growth ** (at / DAY / days))),
            rng.random() < criticals,
            "",
        )
        for at in sorted(times)
    ]


def per_day(stream: Stream, alerted: dict[int, float]) -> Counter[int]:
    return Counter(int(stream[place][0] // DAY) for place in alerted)


@pytest.mark.parametrize("growth", [1.0, 3.0, 0.4])
def test_every_day_meets_the_budget_also_with_drift_and_from_the_first(growth: float) -> None:
    stream = hospital(30, 200, seed=1, growth=growth, criticals=0.01)
    counts = per_day(stream, run(DailyBudget(30), stream, until=30 * DAY))
    met = sum(27 <= counts[day] <= 33 for day in range(30))
    assert met >= 28, counts


def test_a_threshold_alone_does_not() -> None:
    """What the quota is for: on the same findings single days of the steered threshold swing."""
    stream = hospital(30, 200, seed=1, growth=3.0, criticals=0.01)
    budget = AlertBudget(30)
    counts = Counter(int(at // DAY) for at, risk, critical, _ in stream if budget.decide(at, risk, critical) == "alert")
    assert sum(27 <= counts[day] <= 33 for day in range(30)) < 15


def test_what_is_left_over_at_the_end_of_the_day_goes_to_the_highest_risks() -> None:
    """A budget of 3, nothing over the first day's threshold of 40: the three highest of five are let go."""
    stream = [(hour * HOUR, risk, False, "") for hour, risk in enumerate((20.0, 39.0, 30.0, 25.0, 38.0))]
    budget = DailyBudget(3, paced=0.0)
    assert run(budget, stream) == {}
    assert budget.waiting == {"0", "1", "2", "3", "4"}
    assert run(budget, [], until=DAY) == {1: DAY, 4: DAY, 2: DAY}
    assert budget.waiting == set()


def test_the_pace_of_the_usual_hours() -> None:
    """59 findings of the first hour, one imagined for each: 60 of 83 come before one o'clock, 17 of a budget of 24."""
    stream = [(minute * 60.0, 20.0 + minute / 10, False, "") for minute in range(59)]
    budget = DailyBudget(24, paced=1.0, reserved=0.0)
    run(budget, stream)
    assert len(run(budget, [], until=HOUR)) == 17


def test_places_are_kept_for_what_asks_no_leave() -> None:
    """Of 10, at first 0.6 times 10 are kept for these and sqrt(6) = 2.4 more: 2 (10 + 1 - 8) + 1 others at noon.

    From noon on half of 6 and sqrt(3) = 1.7 more: 4, so 7. What is kept is given away when the day ends.
    """
    stream = [(minute * 60.0, 50.0 + minute, False, "") for minute in range(10)]
    budget = DailyBudget(10, immediate=1.0, paced=0.0)
    assert len(run(budget, stream)) == 3
    assert budget.threshold > 100
    assert len(run(budget, [(12 * HOUR + at, risk, False, "") for at, risk, _, _ in stream])) == 4
    assert len(run(budget, [], until=DAY)) == 3


def test_how_many_places_are_kept_is_learned_hour_by_hour() -> None:
    """Six a day that ask no leave, at 20 o'clock, on 3 days, and none imagined: at noon of the fourth 18 on 4 days.

    Days fade by half in a week: 6 f (1 + f + f^2) of 1 + f (1 + f + f^2), f = 0.906: 14.8 / 3.47 = 4.3, and sqrt 2.1.
    """
    budget = DailyBudget(10, immediate=1.0, paced=0.0, reserved=0.0)
    for day in range(3):
        for _ in range(6):
            budget.charge(day * DAY + 20 * HOUR)
    others = [(3 * DAY + hour * HOUR, 99.0, False, "") for hour in (*range(12), 21, 22, 23)]
    assert sorted(run(budget, others)) == [0, 1, 2, 3, 4, 12, 13, 14]


def test_of_one_subject_only_the_best_waits() -> None:
    stream = [(0.0, 20.0, False, "ana"), (1.0, 30.0, False, "ana"), (2.0, 25.0, False, "ana"), (3.0, 16.0, False, "bo")]
    budget = DailyBudget(5, paced=0.0)
    assert run(budget, stream) == {}
    assert sorted(run(budget, [], until=DAY)) == [1, 3]


def test_one_released_that_does_not_alert_leaves_its_place_to_the_next() -> None:
    budget = DailyBudget(1, paced=0.0)
    for name, risk in (("a", 30.0), ("b", 20.0)):
        budget.decide(0.0, risk, subject=name, name=name)
    assert [budget.due(DAY), budget.due(DAY), budget.due(DAY)] == ["a", "b", None]


def test_alerts_that_were_not_asked_for_leave_less_for_others() -> None:
    budget = DailyBudget(2, paced=0.0)
    budget.decide(0.0, 30.0, subject="a", name="a")
    for _ in range(2):
        budget.charge(1.0)
    assert budget.due(DAY) is None


def test_a_spent_day_holds_all_but_criticals_and_the_next_saves() -> None:
    """Twelve criticals on a budget of 10 leave nothing; the next day has 9, for no more than one is saved."""
    budget = DailyBudget(10)
    day = [(minute * 60.0, 100.0, True, "") for minute in range(12)] + [(HOUR - 1, 100.0, False, "")]
    assert len(run(budget, day)) == 12
    assert budget.threshold > 100
    following = [(DAY + minute * 60.0, 20.0, False, "") for minute in range(50)]
    assert len(run(budget, following, until=2 * DAY)) == 9


@pytest.mark.parametrize(("budget", "expected"), [(0.5, 10), (1.5, 30), (0.1, 2)])
def test_fractions_of_an_alert_are_carried_on(budget: float, expected: int) -> None:
    stream = [(day * DAY + hour * HOUR, 20.0 + hour, False, "") for day in range(20) for hour in range(20)]
    assert abs(len(run(DailyBudget(budget), stream, until=20 * DAY)) - expected) <= 1


findings = st.lists(
    st.tuples(st.floats(-DAY, 5 * DAY), st.floats(0, 100), st.booleans(), st.sampled_from(["", "ana", "bo"])),
    max_size=60,
)


@settings(deadline=None)
@given(findings, st.floats(0.1, 20), st.integers(0, 60))
def test_laws(stream: Stream, alerts_per_day: float, cut: int) -> None:
    """Criticals alert at once; nothing under the floor does; a snapshot anywhere changes nothing; memory is bounded."""
    whole = DailyBudget(alerts_per_day)
    alerted = run(whole, stream, until=7 * DAY)
    for place, (at, risk, critical, _) in enumerate(stream):
        assert not critical or alerted[place] == at
        assert critical or risk >= 5 or place not in alerted
    first, second = DailyBudget(alerts_per_day), DailyBudget(alerts_per_day)
    before = run(first, stream[:cut])
    second.restore(unpack(pack(first.snapshot())))
    after = run(second, stream[cut:], until=7 * DAY, first=len(stream[:cut]))
    assert before | after == alerted
    assert len(first.waiting) <= 2 * math.ceil(alerts_per_day) + 1
    assert pack(second.snapshot()) == pack(whole.snapshot())


@settings(deadline=None)
@given(findings, st.integers(1, 5))
def test_a_day_in_order_has_no_more_alerts_than_its_quota_and_what_cannot_wait(stream: Stream, quota: int) -> None:
    ordered = sorted(stream)
    alerted = run(DailyBudget(quota), ordered, until=7 * DAY)
    for day, places in itertools.groupby(sorted(alerted), key=lambda place: ordered[place][0] // DAY):
        of_day = list(places)
        criticals = sum(ordered[place][2] for place in of_day)
        assert len(of_day) <= max(quota + 1, criticals + quota + 1), day


def test_a_snapshot_of_the_threshold_alone_is_taken_up() -> None:
    old = AlertBudget(20)
    for minute in range(3_000):
        old.decide(minute * 60.0, float(minute % 100))
    budget = DailyBudget(20, immediate=1.0)
    budget.restore(old.snapshot())
    assert budget.threshold == old.threshold


def test_a_snapshot_that_knows_of_no_places_to_keep_is_taken_up() -> None:
    budget = DailyBudget(5)
    budget.charge(0.0)
    old = {name: value for name, value in budget.snapshot().items() if name not in ("unasked", "days")}
    fresh = DailyBudget(5)
    fresh.restore(old)
    assert fresh.threshold == DailyBudget(5).threshold
    assert fresh.snapshot()["spent"] == 1


@pytest.mark.parametrize(
    "damage", [{"names": []}, {"names": 3}, {"spent": -1}, {"carried": float("nan")}, {"days": 0.5}]
)
def test_a_damaged_snapshot_is_refused(damage: dict[str, object]) -> None:
    budget = DailyBudget(5)
    budget.decide(0.0, 30.0, subject="a", name="a")
    snapshot = budget.snapshot()
    before = pack(snapshot)
    with pytest.raises(ValueError, match="snapshot"):
        budget.restore({**snapshot, **damage})  # type: ignore[dict-item]  # that is the damage
    assert pack(budget.snapshot()) == before


@pytest.mark.parametrize(
    "parameters", [{"alerts_per_day": 0}, {"immediate": 0}, {"immediate": 1.1}, {"paced": -0.1}, {"sure": -1}]
)
def test_parameters_out_of_range_are_refused(parameters: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"required|above 0"):
        DailyBudget(**({"alerts_per_day": 10} | parameters))
