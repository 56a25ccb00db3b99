"""The laws of fusion: bounded, monotone, without order; bands that fit the weights."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.fusion import RULE_WEIGHTS, ModelEvidence, fuse, severity_of

weights = st.lists(st.floats(0, 1), max_size=8)
p_values = st.lists(st.floats(1e-300, 1, exclude_min=True), max_size=8)


@given(weights, p_values)
def test_bounded(rules: list[float], models: list[float]) -> None:
    assert 0 <= fuse(rules, models) <= 100


@given(weights, p_values, st.randoms(use_true_random=False))
def test_order_does_not_matter(rules: list[float], models: list[float], random: Random) -> None:
    mixed_rules, mixed_models = random.sample(rules, len(rules)), random.sample(models, len(models))
    assert fuse(mixed_rules, mixed_models) == fuse(rules, models)


@given(weights, p_values, st.floats(0, 1), st.floats(1e-300, 1, exclude_min=True))
def test_more_evidence_never_lowers(rules: list[float], models: list[float], weight: float, p: float) -> None:
    risk = fuse(rules, models)
    assert fuse([*rules, weight], models) >= risk
    assert fuse(rules, [*models, p]) >= risk


@given(weights, p_values, st.floats(0, 1), st.floats(0, 1))
def test_stronger_evidence_never_lowers(rules: list[float], models: list[float], one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert fuse([*rules, high], models) >= fuse([*rules, low], models)
    assert fuse(rules, [*models, max(1 - high, 1e-9)]) >= fuse(rules, [*models, max(1 - low, 1e-9)])


@pytest.mark.parametrize(("severity", "weight"), RULE_WEIGHTS.items())
def test_one_rule_reaches_the_band_of_its_own_severity(severity: str, weight: float) -> None:
    assert fuse([weight], []) == pytest.approx(100 * weight, abs=1e-9)
    assert severity_of(fuse([weight], [])) == severity


@pytest.mark.parametrize(
    ("rules", "models", "risk"),
    [
        ([], [], 0.0),
        ([0.0], [1.0], 0.0),
        ([1.0], [], 100.0),
        ([0.4, 0.4], [], 64.0),  # 1 - 0.6 * 0.6
        ([0.7, 0.4, 0.15], [], 84.7),  # 1 - 0.3 * 0.6 * 0.85
        ([], [0.01], 0.0),
        ([], [1e-5], 69.0),
        ([], [1e-12], 69.0),
        ([], [10**-3.5], 34.5),  # half way from 1e-2 to 1e-5
        ([0.7], [1e-5, 1e-5], 97.117),  # 1 - 0.3 * 0.31 ** 2
    ],
)
def test_by_hand(rules: list[float], models: list[float], risk: float) -> None:
    assert fuse(rules, models) == pytest.approx(risk, abs=1e-6)


@pytest.mark.parametrize(
    ("risk", "severity"),
    [
        (0, "info"),
        (1.9, "info"),
        (14.999, "info"),
        (15, "low"),
        (39.9, "low"),
        (40, "medium"),
        (94.9, "high"),
        (100, "critical"),
    ],
)
def test_bands(risk: float, severity: str) -> None:
    assert severity_of(risk) == severity


def test_parameters() -> None:
    loud = ModelEvidence(ordinary=0.1, extreme=0.001, ceiling=1.0)
    assert fuse([], [0.01], loud) == pytest.approx(50)
    assert severity_of(60, {"calm": 0.1, "urgent": 0.6}) == "urgent"


@pytest.mark.parametrize(
    ("rules", "models"), [([1.1], []), ([-0.1], []), ([float("nan")], []), ([], [0.0]), ([], [1.1])]
)
def test_out_of_range(rules: list[float], models: list[float]) -> None:
    with pytest.raises(ValueError, match="lies in"):
        fuse(rules, models)


@pytest.mark.parametrize("risk", [-0.1, 100.1, float("nan")])
def test_risk_out_of_range(risk: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 100"):
        severity_of(risk)


@pytest.mark.parametrize(
    "evidence", [{"extreme": 0.0}, {"ordinary": 1e-6}, {"ordinary": 1.1}, {"ceiling": 1.1}, {"ceiling": -0.1}]
)
def test_evidence_out_of_range(evidence: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="model evidence"):
        ModelEvidence(**evidence)


def test_no_model_alone_makes_high_severity_and_two_that_agree_do() -> None:
    assert severity_of(fuse([], [1e-300])) == "medium"
    assert severity_of(fuse([], [1e-5, 1e-5])) == "high"  # 1 - 0.31 ** 2 = 0.904
