"""What an assessment must hold."""

from typing import Any, get_args

import pytest

from alerting.breach.assessment import (
    EXCLUSIONS,
    FACTORS,
    Assessment,
    Conclusion,
    Exclusion,
    Factor,
    missing,
    presumption,
    remarks,
)
from tests.alerting.breach.building import TEXT, an_assessment


def test_a_whole_assessment_lacks_nothing() -> None:
    assert missing(an_assessment()) == []
    assert missing(an_assessment(conclusion="low_probability")) == []


def test_an_empty_one_lacks_everything() -> None:
    lacks = missing(Assessment())
    assert [line.partition(":")[0] for line in lacks] == [
        "impermissible", "nature", "nature", "recipient", "recipient", "acquired", "acquired", "mitigation",
        "mitigation", "ground",
    ]  # fmt: skip


@pytest.mark.parametrize("name", list(FACTORS))
@pytest.mark.parametrize("conclusion", ["breach", "low_probability"])
@pytest.mark.parametrize("factor", [Factor(None, TEXT), Factor("low", ""), Factor("low", "n/a" + " " * 40)])
def test_every_factor_needs_rating_and_narrative(name: str, conclusion: str, factor: Factor) -> None:
    (lack,) = missing(an_assessment(conclusion=conclusion, **{name: factor}))
    assert lack.startswith(f"{name}:")


@pytest.mark.parametrize("name", list(FACTORS))
def test_other_conclusions_rest_on_their_ground(name: str) -> None:
    factors: dict[str, Any] = {name: Factor()}
    assert missing(an_assessment(conclusion="secured", **factors)) == []
    assert missing(an_assessment(conclusion="exclusion", exclusion="could_not_retain", **factors)) == []
    assert missing(an_assessment(conclusion="permitted", impermissible=False, **factors)) == []


@pytest.mark.parametrize("conclusion", get_args(Conclusion))
def test_every_conclusion_needs_a_ground(conclusion: Conclusion) -> None:
    assessment = an_assessment(
        conclusion=conclusion,
        impermissible=conclusion != "permitted",
        exclusion="could_not_retain" if conclusion == "exclusion" else None,
        ground="because",
    )
    assert [line.partition(":")[0] for line in missing(assessment)] == ["ground"]


@pytest.mark.parametrize(
    "fields",
    [
        {"conclusion": "exclusion"},
        {"conclusion": "breach", "exclusion": "could_not_retain"},
        {"conclusion": "permitted"},  # although it is said to be impermissible
        {"conclusion": "secured", "impermissible": False},
        {"conclusion": "low_probability", "impermissible": None},
    ],
)
def test_contradictions_are_found(fields: dict[str, Any]) -> None:
    assert len(missing(an_assessment(**fields))) == 1


def test_what_is_missing_quotes_nothing() -> None:
    assert "Jane" not in str(missing(an_assessment(ground="Jane Doe", nature=Factor(None, "Jane Doe"))))


def test_a_low_probability_with_grave_factors_is_remarked() -> None:
    low = Factor("low", TEXT)
    assessment = an_assessment(
        conclusion="low_probability", nature=low, recipient=low, acquired=Factor("medium", TEXT), mitigation=low
    )
    (remark,) = remarks(assessment)
    assert remark.startswith("acquired is rated medium")
    assert remarks(an_assessment()) == []


@pytest.mark.parametrize(
    ("assessment", "is_approved", "expected"),
    [
        (None, False, "undetermined"),
        (an_assessment(impermissible=None), False, "undetermined"),
        (an_assessment(), False, "presumed"),  # 164.402(2): presumed as soon as the use was not permitted
        (an_assessment(conclusion="low_probability"), False, "presumed"),  # one person alone changes nothing
        (an_assessment(), True, "breach"),
        (an_assessment(conclusion="low_probability"), True, "not_breach"),
        (an_assessment(conclusion="secured"), True, "not_breach"),
    ],
)
def test_a_breach_is_presumed(assessment: Assessment | None, is_approved: bool, expected: str) -> None:
    assert presumption(assessment, is_approved=is_approved) == expected


def test_factors_and_exclusions_are_those_of_the_rule() -> None:
    assert len(FACTORS) == 4
    assert tuple(EXCLUSIONS) == get_args(Exclusion)
    assert [text.partition(")")[0] for text in EXCLUSIONS.values()] == ["(i", "(ii", "(iii"]
