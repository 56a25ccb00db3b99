"""B29 and B30: first digits, last digits, round and repeated amounts."""

import datetime
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.stages.amounts import extended, middle, z_of_count
from detectors.stages.digits import BENFORD, chance_deviation, mean_deviation
from detectors.stages.fiscal_periods import end_of_period
from tests.detectors.money.events import DAY, of, posted, severities
from tests.detectors.watch import Watch


def test_benfords_law() -> None:
    """The shares of domain.md §9."""
    expected = (0.3010, 0.1761, 0.1249, 0.0969, 0.0792, 0.0669, 0.0580, 0.0512, 0.0458)
    assert tuple(round(share, 4) for share in BENFORD) == expected
    assert math.isclose(sum(BENFORD), 1.0)


def test_the_deviation_of_amounts_that_all_begin_with_nine() -> None:
    """Eight digits are missing and one is all: the deviations add up to 2 (1 - 0.0458) over nine digits."""
    assert round(mean_deviation([0] * 8 + [100]), 4) == round(2 * (1 - 0.04576) / 9, 4)
    assert mean_deviation([round(share * 1_000_000) for share in BENFORD]) < 1e-6


def test_chance_shrinks_with_the_root_of_the_number() -> None:
    assert math.isclose(chance_deviation(100), 10 * chance_deviation(10_000))
    assert 0.010 < chance_deviation(300) < 0.020


def amounts_of(first: int, n: int) -> list[int]:
    """Amounts from 10 to 9,999 dollars that begin with one digit."""
    return [(first * 10 ** (3 + number % 3)) + number for number in range(n)]


def test_b29_amounts_that_nearly_all_begin_with_four() -> None:
    watch = Watch()
    for number, amount in enumerate(amounts_of(4, 310)):
        watch.see(posted("refund", number / 100, amount, patient="P"))
    assert of(watch, "B29") == [], "the week is not over"
    watch.see(posted("refund", 8 * DAY, 45_00))
    (found,) = of(watch, "B29")
    assert (found.severity, found.features["amounts"]) == ("info", 311.0)
    assert found.reasons[0].startswith("The 311 amounts that this user decided in 26 weeks deviate by 0.2")


@pytest.mark.parametrize("amounts", [[4_321] * 310, amounts_of(4, 250)])
def test_b29_one_price_alone_or_few_amounts_say_nothing(amounts: list[int]) -> None:
    """The law is about amounts that span orders of magnitude."""
    watch = Watch()
    for number, amount in enumerate(amounts):
        watch.see(posted("refund", number / 100, amount))
    watch.see(posted("refund", 8 * DAY, 4_500))
    assert of(watch, "B29") == []


def test_b30_the_same_amount_ten_times() -> None:
    watch = Watch()
    for number in range(9):
        watch.see(posted("refund", number, 3_333, patient=f"P{number}"))
    assert of(watch, "B30") == []
    watch.see(posted("write_off", 9, 3_333))
    assert severities(watch, "B30") == ["low"]
    assert "10 refunds and write-offs of the same amount in 30 days" in of(watch, "B30")[0].reasons[0]


@pytest.mark.parametrize(
    ("amount", "others", "grave"),
    [
        pytest.param(3_333, 9, True, id="most of what is posted"),
        pytest.param(3_333, 12, False, id="less than half"),
        pytest.param(2_500, 9, False, id="a small fee"),
    ],
)
def test_b30_one_amount_that_is_most_of_what_is_posted(amount: int, others: int, grave: bool) -> None:
    """Eleven of twenty, or of twenty-three."""
    watch = Watch()
    for number in range(others):
        watch.see(posted("refund", number / 100, 10_001 + number, patient=f"Q{number}"))
    for number in range(11):
        watch.see(posted("write_off", 1 + number, amount, patient=f"P{number}"))
    assert severities(watch, "B30") == (["low", "medium"] if grave else ["low"])


def test_b30_the_same_amount_over_months_is_not() -> None:
    watch = Watch()
    for number in range(12):
        watch.see(posted("refund", number * 4 * DAY, 3_333, patient=f"P{number}"))
    assert of(watch, "B30") == []


def test_b30_more_round_amounts_than_the_role() -> None:
    watch = Watch()
    for clerk in range(15):
        for number in range(20):
            amount = 1_001 + number * 7 + clerk
            watch.see(posted("refund", clerk / 100 + number * 30, amount, patient="P", user=f"U{clerk + 10}"))
    for number in range(21):
        watch.see(posted("refund", 27 * DAY + number, 5_000 * (number + 1), patient=f"Q{number}", user="UX"))
    assert {finding.entity.ref for finding in of(watch, "B30")} == {"UX"}
    assert "100% round amounts (multiples of 50 USD)" in of(watch, "B30")[0].reasons[0]


@given(st.lists(st.integers(0, 1_000), min_size=2, max_size=30))
def test_running_figures_are_those_of_the_whole(values: list[int]) -> None:
    figures = (0, 0.0, 0.0)
    for value in values:
        figures = extended(figures, value)
    mean = sum(values) / len(values)
    assert figures[0] == len(values)
    assert math.isclose(figures[1], mean, abs_tol=1e-6)
    assert math.isclose(figures[2], sum((value - mean) ** 2 for value in values), abs_tol=1e-3)


def test_a_count_varies_at_least_like_a_poisson_count() -> None:
    assert z_of_count((100, 4.0, 0.0), 10) == 3.0
    assert z_of_count((101, 4.0, 1_600.0), 12) == 2.0


def test_the_middle() -> None:
    assert (middle([3, 1, 2]), middle([4, 1, 2, 3])) == (2, 2.5)


@pytest.mark.parametrize(
    ("text", "end"),
    [("2026-02", "2026-02-28"), ("202802", "2028-02-29"), ("20260315", "2026-03-15"), ("2026-13", ""), ("Q1", "")],
)
def test_fiscal_periods(text: str, end: str) -> None:
    assert end_of_period(text) == (datetime.date.fromisoformat(end) if end else None)
