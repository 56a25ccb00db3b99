"""The risk that an entity has come to; expected values by hand from the weights and the decay of domain.md §2.2."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.entity_risk import TAU_SECONDS, add_hit, risen, risk_of
from detectors.events import OrderContext, StaffContext
from detectors.finding import Severity
from detectors.profiles.history import History
from tests.detectors.watch import Watch, access, at

DAY = 86_400.0


def after(*hits: tuple[str, Severity, float]) -> History:
    history = History()
    for rule, severity, time in hits:
        add_hit(history, rule, severity, time)
    return history


def test_hits_are_weighed_by_severity_and_fade() -> None:
    assert risk_of(after(("A01", "low", 0.0), ("A05", "medium", 0.0), ("B01", "info", 0.0)), 0.0) == 2.0 + 8.0 + 0.5
    assert risk_of(after(("A01", "low", 0.0)), TAU_SECONDS) == pytest.approx(2.0 / math.e)
    assert risk_of(after(("A01", "low", 0.0), ("A01", "low", TAU_SECONDS)), TAU_SECONDS) == pytest.approx(
        2.0 / math.e + 2.0
    )


def test_what_is_grave_by_itself_does_not_count() -> None:
    assert risk_of(after(("A13", "critical", 0.0), ("A09", "high", 0.0)), 0.0) == 0.0


def test_one_rule_alone_makes_no_case() -> None:
    history = after(*(("A01", "low", 0.0) for _ in range(100)))
    assert risk_of(history, 0.0) == 20.0
    assert risen(history, 0.0) is None


@given(
    st.permutations([("A01", "low", 0.0), ("A01", "low", DAY), ("A05", "medium", 5 * DAY), ("A01", "info", 2 * DAY)])
)
def test_the_order_of_hits_does_not_matter(hits: list[tuple[str, Severity, float]]) -> None:
    expected = (
        2 * math.exp(-5 / 14) + 2 * math.exp(-4 / 14) + 0.5 * math.exp(-3 / 14) + 8
    )  # as of the fifth day, tau = 14 days
    assert risk_of(after(*hits), 5 * DAY) == pytest.approx(expected)


def test_each_level_is_reported_once_until_it_was_fallen_below() -> None:
    history = after(*(("A01", "medium", 0.0) for _ in range(3)))  # capped at 20
    add_hit(history, "A05", "medium", 0.0)
    hit = risen(history, 0.0)
    assert hit is not None
    assert (hit.severity, hit.features) == ("medium", {"risk": 28.0, "rules": 2.0, "hits": 4.0})
    assert "A01 (3 times), A05 (once)" in hit.reason
    assert risen(history, 0.0) is None
    for rule in ("A05", "A05", "A11", "A11", "A11"):
        add_hit(history, rule, "medium", 0.0)
    graver = risen(history, 0.0)
    assert graver is not None
    assert (graver.severity, graver.features["risk"]) == ("high", 60.0)
    assert risen(history, 30 * DAY) is None  # 60 * exp(-30 / 14) = 7
    for rule in ("A01", "A01", "A01", "A05"):
        add_hit(history, rule, "medium", 30 * DAY)
    again = risen(history, 30 * DAY)
    assert again is not None
    assert again.severity == "medium"


def test_rules_that_have_faded_are_forgotten() -> None:
    history = after(("A01", "medium", 0.0), ("A01", "medium", 0.0), ("A01", "medium", 0.0), ("A05", "medium", 0.0))
    risen(history, 0.0)
    assert risen(history, 365 * DAY) is None
    assert history.shares == {}


def test_serial_small_things_of_one_user_become_a_finding() -> None:
    watch = Watch()
    # Three unexplained first accesses on each of four days, A01 low each and A01 medium a day; then the own record.
    watch.see(StaffContext(user_ref="U1", dept="ED", self_patient_ref="P0"), known=at(0))
    for day in range(4):
        watch.see(OrderContext(patient_ref="P9", user_ref="U9", at=at(day * 24)), known=at(day * 24 + 9))
        watch.see(*(access("U1", f"P{day}{n}", day * 24 + 10, dept="ED") for n in range(1, 4)))
    assert "R01" not in watch.detected()
    watch.see(*(access("U1", "P0", 3 * 24 + 11 + hour, dept="ED", action="update") for hour in range(2)))
    found = [finding for finding in watch.findings if finding.detector == "R01"]
    assert [(finding.severity, finding.entity.ref) for finding in found] == [("medium", "U1")]
