"""Sentences that the models' findings carry, as files: a day of ordinary rows is learned, then odd ones are told."""

from collections.abc import Mapping, Sequence

import numpy as np

from detectors.features import INSTRUMENT_FEATURES, USER_FEATURES, Feature, sentence
from detectors.scoring import StageModels, score
from detectors.visit import StageName

Row = list[float]

ODD_USERS: dict[str, tuple[Row, Mapping[str, object]]] = {
    "mass access at night": ([212, 230, 3, 0, 1, 0.97, 1.6, 0, 0, 0], {"user.patients_1h_highest": 31}),
    "a new user's mass access": ([212, 230, 3, 0, 1, 0, 1.6, 0, 0, 0], {"user.patients_1h_highest": 0}),
    "an export without a reason": ([3, 20, 1, 1, 1, 0, 0.1, 4_800, 1, 0], {}),
    "many records that nothing explains": ([6, 40, 38, 1, 1, 0, 0.2, 0, 0, 0], {"user.patients_1h_highest": 9}),
    "a sensitive record at night": ([1, 2, 1, 1, 1, 1, 0, 0, 0, 1], {}),
    "ordinary work": ([3, 20, 0, 0, 0, 0, 0.1, 0, 0, 0], {"user.patients_1h_highest": 9}),
}

ODD_INSTRUMENTS: dict[str, tuple[Row, Mapping[str, object]]] = {
    "cards tried out": ([1.0, 12, 140, 96, 88, 1, 0], {}),
    "a large payment": ([18_400, 1, 1, 1, 0, 0, 0], {}),
    "refused again and again at night": ([60, 3, 9, 1, 9, 1, 1], {}),
}


def ordinary_users(n: int) -> list[Row]:
    """Return rows of a usual day: a few charts an hour, nearly all of them explained."""
    rng = np.random.default_rng(1)
    hour = rng.poisson(3, n).astype(float)
    columns = [hour, hour * 6 + rng.poisson(4, n), rng.poisson(0.3, n), rng.random(n) < 0.04, rng.random(n) < 0.3]
    rarity = np.where(rng.random(n) < 0.1, rng.random(n), rng.random(n) * 0.2)
    columns += [rarity, hour / 40, np.zeros(n), rng.random(n) < 0.01, rng.random(n) < 0.02]
    rows: list[Row] = np.column_stack(columns).tolist()
    return rows


def ordinary_instruments(n: int) -> list[Row]:
    """Return rows of usual payments: one card, one try, rarely refused."""
    rng = np.random.default_rng(2)
    declined = rng.random(n) < 0.05
    tries = 1.0 + (rng.random(n) < 0.03)
    columns = [rng.lognormal(4, 1, n), tries, tries, np.ones(n), declined, declined, rng.random(n) < 0.05]
    rows: list[Row] = np.column_stack(columns).tolist()
    return rows


def told(
    stage: StageName,
    subject: str,
    features: Sequence[Feature],
    ordinary: Sequence[Row],
    odd: Mapping[str, tuple[Row, Mapping[str, object]]],
) -> dict[str, str]:
    """Return the sentence for every odd row of a stage, and the models to which it is rare."""
    models = StageModels(stage, len(features), seed=1)
    for start in range(0, len(ordinary), 500):
        score(models, ordinary[start : start + 500], features, {})
    scored = score(models, [row for row, _ in odd.values()], features, {})
    found = dict.fromkeys(odd, "(not rare)")
    for index, _, columns in scored.notable(0.01, models.typical):
        name = list(odd)[index]
        row, notes = odd[name]
        said = sentence(subject, row, columns, features, usual=models.typical.raw(features), notes=notes)
        found[name] = said
    return found


def all_told() -> dict[str, str]:
    """Return the sentences of both stages that have features, by case."""
    users = told("user", "This user", USER_FEATURES, ordinary_users(4_000), ODD_USERS)
    subject = "This card, account, device or address"
    return users | told("instrument", subject, INSTRUMENT_FEATURES, ordinary_instruments(4_000), ODD_INSTRUMENTS)


def reason_files() -> dict[str, str]:
    """Return the file of sentences."""
    lines = ["# What models say of odd rows", ""]
    lines += [f"- {case}: {said}" for case, said in all_told().items()]
    return {"sentences.md": "\n".join(lines) + "\n"}
