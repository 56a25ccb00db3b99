"""Every model that makes findings is in the catalogue, with the severities that its word alone can give."""

import pytest

from detectors.judge import FLOOR
from detectors.scene import Pattern
from detectors.scoring import ONLINE_USED
from models.fusion import fuse, severity_of
from monitor.model_files import MODELS
from monitor.model_patterns import MODEL_PATTERNS


def test_every_model_in_use_has_its_place_in_the_catalogue() -> None:
    assert {pattern.id for pattern, _ in MODEL_PATTERNS} == {*ONLINE_USED, *MODELS}


@pytest.mark.parametrize("pattern", [pattern for pattern, _ in MODEL_PATTERNS], ids=lambda pattern: pattern.id)
def test_a_model_alone_gives_what_lies_between_the_floor_and_the_rarest(pattern: Pattern) -> None:
    assert pattern.severities == (severity_of(FLOOR), severity_of(fuse([], [1e-9])))
