"""What rests on an access being unexplained weighs less where that is usual; expected values worked out by hand."""

import pytest

from detectors.entity_risk import add_hit, risk_of
from detectors.events import OrderContext, PatientContext
from detectors.finding import Finding
from detectors.profiles.history import History
from tests.detectors.watch import Watch, access, at

DAY = 24.0


def a01(watch: Watch) -> list[Finding]:
    return [finding for finding in watch.findings if finding.detector == "A01" and finding.severity == "low"]


def watching(charts: int) -> Watch:
    """A user who opened so many charts on Monday, none of them for a known reason; the context feed is fresh."""
    watch = Watch()
    for day in (0, 1, 2):
        watch.see(OrderContext(patient_ref="P9", user_ref="U9", at=at(day * DAY)), known=at(day * DAY + 1))
    watch.see(*(access("U1", f"P{number}", 8 + number / 10, dept="Pool") for number in range(charts)))
    return watch


@pytest.mark.parametrize(
    ("charts", "risk"),
    [
        (0, 15.0),
        (2, 15.0),  # (2 + 0.055 * 20) / (2 + 20) = 0.141 is still seldom
        (10, 15.0 * 0.15 / 0.37),  # (10 + 1.1) / (10 + 20) = 0.37
    ],
)
def test_the_more_charts_have_no_known_reason_the_less_one_more_weighs(charts: int, risk: float) -> None:
    watch = watching(charts)
    (found,) = [f for f in watch.see(access("U1", "P100", 2 * DAY + 8, dept="Pool")) if f in a01(watch)]
    assert found.risk == pytest.approx(risk, abs=1e-5)
    assert watch.scores[-1].risk == pytest.approx(risk, abs=1e-5), "the event's own risk follows"


def test_with_somebody_whom_others_treat_a_tie_may_be_missing() -> None:
    watch = watching(0)
    watch.see(OrderContext(patient_ref="P100", user_ref="U9", dept="Cardiology", at=at(2 * DAY)), known=at(2 * DAY))
    watch.see(access("U1", "P100", 2 * DAY + 8, dept="Pool"))
    assert [finding.risk for finding in a01(watch)] == pytest.approx([0.6 * 15.0])


def test_a_well_known_patient_is_no_chance_whoever_opens_the_record() -> None:
    watch = watching(10)
    watch.see(PatientContext(patient_ref="P100", vip=True), known=at(2 * DAY))
    watch.see(access("U1", "P100", 2 * DAY + 8, dept="Pool"))
    assert [finding.risk for finding in watch.findings if (finding.detector, finding.kind) == ("A06", "rule")] == [70.0]


def test_a_hit_that_counts_in_part_adds_that_part_to_the_risk_of_the_entity() -> None:
    history = History()
    add_hit(history, "A01", "low", 0.0, 0.25)
    assert risk_of(history, 0.0) == 0.25 * 2.0
