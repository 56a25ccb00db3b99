"""Sentences of the models' findings: the golden file, and single sentences by hand."""

from pathlib import Path

import numpy as np
import pytest

from detectors.features import USER_FEATURES, Feature, Typical, sentence
from tests.detectors.reasons import all_told, reason_files

GOLDEN = Path(__file__).parents[1] / "golden" / "reasons"


def test_golden_file() -> None:
    """After a wanted change: `make golden`, and review the sentences as a privacy officer would."""
    for name, text in reason_files().items():
        assert (GOLDEN / name).read_text() == text


def test_every_odd_case_is_told_by_some_model_and_ordinary_work_by_none() -> None:
    assert [case for case, said in all_told().items() if said == "(not rare)"] == ["ordinary work"]


def test_a_sentence_by_hand() -> None:
    features = (
        Feature("charts", "opened {value:,.0f} charts", 100, beside=(("highest", "highest before: {other:,.0f}"),)),
        Feature("night", "came at night", 1, is_count=False, usual="as {usual:.0%} of events here"),
    )
    said = sentence("This user", [1_200, 1], [1, 0], features, usual=[3.4, 0.25], notes={"highest": 31})
    assert said == (
        "This user came at night (as 25% of events here) and opened 1,200 charts (usual here: 3; highest before: 31):"
        " a combination that is rare here."
    )
    assert sentence("This user", [12, 0], [0], features, usual=[3, 0], notes={}) == (
        "This user opened 12 charts (usual here: 3): a number that is rare here."
    )
    assert "unusual combination of ordinary numbers" in sentence("X", [1, 0], [], features, usual=[3, 0], notes={})


def test_usual_is_the_median_of_counts_and_the_share_of_flags() -> None:
    """Scaled by log(1 + x) up to 99: 9 becomes 0.5. Of four events one has the flag."""
    features = (Feature("count", "{value}", 99), Feature("flag", "{value}", 1, is_count=False))
    typical = Typical(2)
    assert typical.raw(features) == [0.0, 0.0]
    typical.learn(np.array([[0.5, 0.0], [0.5, 0.0], [0.5, 1.0], [1.0, 0.0]]))
    assert typical.raw(features) == pytest.approx([9.0, 0.25])
    assert typical.middle.tolist() == [0.5, 0.0]


def test_typical_goes_on_from_a_snapshot() -> None:
    rows = np.random.default_rng(0).random((3_000, 4))
    one, other = Typical(4), Typical(4)
    one.learn(rows[:2_000])
    other.restore(one.snapshot())
    for each in (one, other):
        each.learn(rows[2_000:])
    assert other.middle.tolist() == one.middle.tolist()


def test_no_feature_says_who_it_was() -> None:
    """Sentences leave the house: they hold numbers, never a reference."""
    assert all("{value" in feature.sentence or not feature.is_count for feature in USER_FEATURES)
