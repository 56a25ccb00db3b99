"""Verdicts move the rank of findings like those that were judged; without enough of both kinds they say nothing."""

import math

import numpy as np
import pytest

from alerting.feedback.features import HASHED, WIDTH, rows_of
from alerting.feedback.ranking import Ranking
from detectors.finding import Finding
from tests.alerting.building import MONDAY, a_finding


def taught(confirmed: list[Finding], cleared: list[Finding]) -> Ranking:
    ranking = Ranking.of(None)
    for finding in confirmed:
        ranking.learn([finding], is_confirmed=True)
    for finding in cleared:
        ranking.learn([finding], is_confirmed=False)
    return ranking


def test_a_row_holds_the_numbers_of_a_finding() -> None:
    (row,) = rows_of([a_finding(at=MONDAY, risk=40.0, severity="high")])
    # Monday, 09:14:03 is 33,243 s of the day.
    turn = 2 * math.pi * 33_243 / 86_400
    assert row[HASHED:].tolist() == [0.4, 3.0, 1.0, math.sin(turn), math.cos(turn), 0.0]
    assert sorted(value for value in row[:HASHED] if value) == [1.0, pytest.approx(math.log(213))]  # 212 charts
    assert rows_of([]).shape == (0, WIDTH)


def test_a_number_that_is_none_is_left_out() -> None:
    finding = a_finding()
    finding.features = {"a": float("nan"), "b": float("inf"), "c": -1.0}
    (row,) = rows_of([finding])
    assert sorted(value for value in row[:HASHED] if value) == [-math.log(2), 1.0]


def test_until_both_kinds_were_judged_the_risk_is_the_rank() -> None:
    ranking = taught([a_finding("A09") for _ in range(60)], [a_finding("B22") for _ in range(9)])
    assert ranking.share == 0.0
    assert ranking.ranks([a_finding("A09", risk=33.0)]) == [33.0]


def test_what_was_confirmed_goes_before_what_was_cleared() -> None:
    ranking = taught([a_finding("A09") for _ in range(30)], [a_finding("B22") for _ in range(20)])
    assert ranking.share == 0.25  # half of a full say of 0.5: 50 of 100 cases
    confirmed, cleared = ranking.ranks([a_finding("A09", risk=20.0), a_finding("B22", risk=20.0)])
    assert 0.75 * 20 <= cleared < confirmed <= 0.75 * 20 + 0.25 * 100


def test_a_snapshot_is_the_same_ranking() -> None:
    ranking = taught([a_finding("A09") for _ in range(30)], [a_finding("B22") for _ in range(20)])
    again = Ranking.of(ranking.snapshot())
    findings = [a_finding(detector, risk=risk) for detector in ("A09", "B22", "A01") for risk in (5.0, 50.0)]
    assert again.ranks(findings) == ranking.ranks(findings)
    assert (again.confirmed, again.cleared) == (30, 20)
    assert np.isfinite(ranking.ranks(findings)).all()
