"""Scoring of a step's rows: several models, one calibration, a state that goes on, and grounds that people can read."""

import msgspec
import numpy as np
import pytest

from detectors.features import USER_FEATURES, Typical, scaled
from detectors.scoring import MOST_GROUNDS, ONLINE_USED, Scored, StageModels, Word, score
from models import BATCH
from tests.detectors.reasons import ODD_USERS, ordinary_users

WIDTH = len(USER_FEATURES)
ROWS = ordinary_users(1_500)
ODD = [row for row, _ in ODD_USERS.values()]


def taught(n: int = 1_000) -> StageModels:
    models = StageModels("user", WIDTH, seed=1)
    for start in range(0, n, 250):
        score(models, ROWS[start : start + 250], USER_FEATURES, {})
    return models


def test_every_model_speaks_once_it_is_warm() -> None:
    forest = BATCH["isolation_forest"].train(scaled(ROWS, USER_FEATURES), seed=1)
    models = StageModels("user", WIDTH, seed=1)
    assert [word.name for word in score(models, ROWS[:10], USER_FEATURES, {"forest": forest}).words] == ["forest"]
    words = score(taught(), ROWS[1_000:1_010], USER_FEATURES, {"forest": forest}).words
    assert [(word.name, word.kind) for word in words] == [
        *((name, "online") for name in ONLINE_USED),
        ("forest", "batch"),
    ]
    assert all(((word.p > 0) & (word.p <= 1)).all() for word in words)


def test_a_stage_without_features_has_no_models() -> None:
    models = StageModels("patient", 0, seed=1)
    models.restore(models.snapshot())
    assert models.online == {}


def test_a_snapshot_goes_on_exactly() -> None:
    one, other = taught(), taught(250)
    other.restore(one.snapshot())
    first, second = (score(models, ROWS[1_000:] + ODD, USER_FEATURES, {}) for models in (one, other))
    assert [word.p.tolist() for word in first.words] == [word.p.tolist() for word in second.words]
    told = [
        [
            (index, [word.name for word in words], columns)
            for index, words, columns in scored.notable(0.05, models.typical)
        ]
        for scored, models in ((first, one), (second, other))
    ]
    assert told[0] == told[1] != []
    assert one.snapshot() == other.snapshot()


@pytest.mark.parametrize("part", [*ONLINE_USED, "calibrator", "typical"])
def test_a_damaged_snapshot_is_refused(part: str) -> None:
    parts = msgspec.msgpack.decode(taught().snapshot(), type=dict[str, bytes])
    for damaged in ({**parts, part: parts[part][:-9]}, {name: parts[name] for name in parts if name != part}):
        with pytest.raises(ValueError, match=r"damaged|snapshot"):
            taught().restore(msgspec.msgpack.encode(damaged))


def test_grounds_are_few_and_above_the_ordinary() -> None:
    models = taught()
    scored = score(models, ODD, USER_FEATURES, {})
    found = list(scored.notable(0.05, models.typical))
    assert found
    for index, words, columns in found:
        assert words
        assert len(columns) <= MOST_GROUNDS
        assert (scored.rows[index][columns] > models.typical.middle[columns]).all()


def test_models_that_find_one_row_rare_have_equal_votes() -> None:
    """One model saw the first column, the other the second and a little of the third: 1, 1 and 0.3 of a vote."""
    p = np.array([0.001])
    words = [
        Word("one", "online", p, lambda rows: rows[:, 0] / 10),
        Word("two", "online", p, lambda rows: rows[:, 1] + 0.3 * rows[:, 2]),
        Word("silent", "online", np.array([0.5]), lambda rows: rows[:, 3] * 99),
    ]
    found = list(Scored(np.ones((1, 4)), words).notable(0.01, Typical(4)))
    assert [(index, [word.name for word in rare], columns) for index, rare, columns in found] == [
        (0, ["one", "two"], [0, 1, 2])
    ]


def test_nothing_is_notable_among_nothing() -> None:
    models = taught()
    assert list(score(models, ROWS[:50], USER_FEATURES, {}).notable(0.0, models.typical)) == []
    assert list(Scored(np.zeros((0, WIDTH)), []).notable(0.01, models.typical)) == []
