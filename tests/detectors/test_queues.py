"""What goes to another queue says nothing of guilt: no signal, no risk, no fused finding."""

from detectors.patterns import DETECTORS
from detectors.scene import Hit, Pattern, Scene
from detectors.stage import Stage
from detectors.thresholds import Thresholds
from tests.detectors.watch import RULES, Watch, access

MISTAKE = Pattern("X98", "A mistake in coding", 1, "medium", "user", "event", (), (), (), "billing_quality")


def _always(scene: Scene, thresholds: Thresholds) -> Hit:
    return Hit("medium", "The code is for somebody older.")


def test_a_finding_of_another_queue_is_no_ground_for_suspicion() -> None:
    watch = Watch()
    watch.stages["user"] = Stage("user", RULES, detectors={"X98": (MISTAKE, _always), **DETECTORS})
    for number in range(20):
        (finding,) = watch.see(access("U1", f"P{number}", float(number)))
        assert (finding.detector, finding.queue) == ("X98", "billing_quality")
    assert {score.risk for score in watch.scores} == {0.0}
    assert "R01" not in watch.detected()
