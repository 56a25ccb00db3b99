"""The alert budget meets its volume, never holds a critical, and never prefers a lower risk."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.budget import AlertBudget, Decision
from models.snapshots import pack, unpack

DAY = 86_400.0


def alerts(budget: AlertBudget, times: list[float], risks: list[float]) -> list[bool]:
    return [budget.decide(at, risk) is Decision.ALERT for at, risk in zip(times, risks, strict=True)]


def poisson_times(rng: np.random.Generator, per_day: float, days: float) -> list[float]:
    return sorted((rng.random(rng.poisson(per_day * days)) * days * DAY).tolist())


@pytest.mark.parametrize("kind", ["smooth", "lumps", "one lump", "fused"])
@pytest.mark.parametrize("per_day", [12.0, 80.0])
def test_volume_meets_the_budget(kind: str, per_day: float) -> None:
    rng = np.random.default_rng(0)
    times = poisson_times(rng, 400, days=120)
    n = len(times)
    risks = {
        "smooth": 15 + 85 * rng.beta(1, 4, n),
        "lumps": rng.choice([15.0, 40.0, 70.0], p=[0.8, 0.15, 0.05], size=n),
        "one lump": np.full(n, 40.0),
        "fused": np.where(rng.random(n) < 0.5, 40.0, 15 + 30 * rng.random(n)),
    }[kind]
    alerted = alerts(AlertBudget(per_day), times, risks.tolist())
    after = [alert for alert, at in zip(alerted, times, strict=True) if at > 20 * DAY]
    assert sum(after) / 100 == pytest.approx(per_day, rel=0.10)


def test_volume_with_a_daily_rhythm() -> None:
    """Nine times as many findings by day as by night."""
    rng = np.random.default_rng(1)
    times = [at for at in poisson_times(rng, 800, days=120) if at % DAY > DAY / 2 or rng.random() < 1 / 9]
    alerted = alerts(AlertBudget(30), times, (15 + 85 * rng.random(len(times))).tolist())
    after = [alert for alert, at in zip(alerted, times, strict=True) if at > 20 * DAY]
    assert sum(after) / 100 == pytest.approx(30, rel=0.10)


def test_criticals_count_against_the_budget() -> None:
    rng = np.random.default_rng(2)
    times = poisson_times(rng, 400, days=120)
    budget, after = AlertBudget(20), 0
    for at in times:
        critical = rng.random() < 10 / 400
        decision = budget.decide(at, 95.0 if critical else 15 + 70 * rng.random(), critical)
        assert decision is Decision.ALERT or not critical
        after += decision is Decision.ALERT and at > 20 * DAY
    assert after / 100 == pytest.approx(20, rel=0.10)


def test_criticals_over_the_budget_hold_all_else() -> None:
    budget = AlertBudget(1)
    for hour in range(24 * 40):
        assert budget.decide(hour * 3600.0, 99.0, critical=True) is Decision.ALERT
    assert budget.decide(40 * DAY, 100.0) is Decision.HOLD
    assert budget.threshold > 100


def test_quiet_days_alert_down_to_the_floor_and_not_below() -> None:
    budget = AlertBudget(10, floor=15.0)
    for day in range(30):
        budget.decide(day * DAY, 20.0)
    assert budget.threshold == 15.0
    assert budget.decide(30 * DAY, 15.0) is Decision.ALERT
    assert budget.decide(30 * DAY, 14.9) is Decision.HOLD


def test_first_day_starts_at_the_initial_threshold_and_rises() -> None:
    """The i-th finding is among the 10 highest so far with chance 10 / i: about 10 * (1 + ln(100)) = 56 alerts."""
    budget = AlertBudget(10)
    assert budget.threshold == 40.0
    assert budget.decide(0.0, 39.9) is Decision.HOLD
    assert budget.decide(0.0, 40.0) is Decision.ALERT
    rng = np.random.default_rng(3)
    times = poisson_times(rng, 1000, days=1)
    assert sum(alerts(AlertBudget(10), times, (40 + 60 * rng.random(len(times))).tolist())) < 75


def test_threshold_by_hand() -> None:
    """Two days with risks 50, 60, 70, 80 each, and a budget of 1.5: room for 3, both 80s and half of the 70s."""
    budget = AlertBudget(1.5, half_life_days=1e9)
    for day in range(2):
        for hour, risk in enumerate((50.0, 60.0, 70.0, 80.0)):
            budget.decide(day * DAY + hour * 6 * 3600, risk)
    budget.decide(2 * DAY, 0.0)
    assert budget.threshold == pytest.approx(70.1)
    twin = AlertBudget(1.5, half_life_days=1e9)
    twin.restore({**budget.snapshot(), "credit": 0.0})
    # Shares 1/2, 1/3, 1/4 as more 70s come: the third brings the sum past 1.
    assert alerts(twin, [2 * DAY] * 4, [70.0, 70.0, 70.0, 60.0]) == [False, False, True, False]
    assert twin.decide(2 * DAY, 70.1) is Decision.ALERT


findings = st.lists(st.tuples(st.floats(-DAY, 5 * DAY), st.floats(0, 100), st.booleans()), max_size=60)


@settings(deadline=None)
@given(findings, st.floats(0.1, 50), st.floats(0, 100), st.floats(0, 100))
def test_laws(stream: list[tuple[float, float, bool]], per_day: float, one: float, other: float) -> None:
    budget = AlertBudget(per_day)
    for at, risk, critical in stream:
        assert budget.decide(at, risk, critical) is Decision.ALERT or not critical
    assert 15 <= budget.threshold <= 100.1
    twins = [AlertBudget(per_day), AlertBudget(per_day)]
    for twin in twins:
        twin.restore(unpack(pack(budget.snapshot())))
    low, high = sorted((one, other))
    alerted_low, alerted_high = (
        twin.decide(DAY, risk) is Decision.ALERT for twin, risk in zip(twins, (low, high), strict=True)
    )
    assert alerted_high >= alerted_low
    again = AlertBudget(per_day)
    again.restore(budget.snapshot())
    decisions = [[each.decide(at, risk) for at, risk, _ in stream] for each in (budget, again)]
    assert decisions[0] == decisions[1]
    assert len(pack(budget.snapshot())) < 10_000


def test_another_budget_can_go_on_from_what_was_learned() -> None:
    rng = np.random.default_rng(4)
    budget, larger = AlertBudget(5), AlertBudget(50)
    for at in poisson_times(rng, 200, days=30):
        budget.decide(at, 15 + 85 * rng.random())
    larger.restore(budget.snapshot())
    assert larger.threshold < budget.threshold


@pytest.mark.parametrize(
    "parameters",
    [
        {"alerts_per_day": 0},
        {"alerts_per_day": float("nan")},
        {"alerts_per_day": 1, "half_life_days": 0},
        {"alerts_per_day": 1, "burn_in_days": 0},
        {"alerts_per_day": 1, "floor": -1},
        {"alerts_per_day": 1, "floor": 50, "initial_threshold": 40},
        {"alerts_per_day": 1, "initial_threshold": 101},
    ],
)
def test_parameters_out_of_range(parameters: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"above 0|required"):
        AlertBudget(**parameters)


@pytest.mark.parametrize(
    ("at", "risk"), [(float("nan"), 1.0), (float("inf"), 1.0), (0.0, -1.0), (0.0, 101.0), (0.0, float("nan"))]
)
def test_findings_out_of_range(at: float, risk: float) -> None:
    with pytest.raises(ValueError, match="finite time"):
        AlertBudget(1).decide(at, risk)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("counts", np.full(1001, -1.0)),
        ("counts", np.full(1001, np.nan)),
        ("exposure", -1.0),
        ("clock", "x"),
        ("started", "x"),
    ],
)
def test_damaged_snapshot_is_refused(field: str, value: Any) -> None:
    snapshot = AlertBudget(1).snapshot()
    snapshot[field] = value
    with pytest.raises(ValueError, match="snapshot"):
        AlertBudget(1).restore(snapshot)
