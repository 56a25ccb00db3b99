"""What several detectors say of one event is fused: of what is news, and never of one detector alone."""

import msgspec
import pytest

from detectors.finding import Severity
from detectors.judge import Looked, final_risk
from detectors.profiles.history import History
from detectors.visit import Signal, Stop, Visit


def rule(detector: str, severity: Severity, *, fresh: bool = True) -> Signal:
    return Signal(detector, "rule", severity, 1.0, f"{detector} says so.", fresh)


def looked(*signals: Signal) -> Looked:
    visit = Visit("e", "urn:test", "org.wardwatch.phi.access.v1", 0.0, 0.0, msgspec.Raw(b""), [Stop("user", "U")])
    visit.signals = list(signals)
    return Looked(visit, "U", None, None, History())


def test_two_detectors_make_a_fused_finding() -> None:
    score, finding = final_risk(looked(rule("A01", "medium"), rule("A05", "low")), "user")
    assert finding is not None
    assert score.risk == finding.risk == pytest.approx(100 * (1 - 0.6 * 0.85))  # weights 0.40 and 0.15
    assert finding.reasons == ["A01 says so.", "A05 says so."]


@pytest.mark.parametrize(
    "signals",
    [
        [rule("A09", "critical")],
        [rule("B05", "critical", fresh=False), rule("B01", "info")],
        [rule("A01", "info"), rule("A05", "info")],
    ],
)
def test_one_alone_what_was_reported_and_what_is_small_make_none(signals: list[Signal]) -> None:
    score, finding = final_risk(looked(*signals), "user")
    assert score.risk > 0
    assert finding is None


def test_what_was_reported_before_does_not_make_news_graver() -> None:
    score, finding = final_risk(
        looked(rule("B05", "critical", fresh=False), rule("B04", "medium"), rule("B01", "low")), "provider"
    )
    assert finding is not None
    assert score.risk == pytest.approx(100 * (1 - 0.05 * 0.6 * 0.85))
    assert finding.severity == "medium"
    assert finding.risk == pytest.approx(49.0)
