"""In which order records are opened and searched for: A19 slow, even and without a reason, A19b."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.events import TaskContext
from detectors.events.access import Query
from detectors.partition import PartitionState
from detectors.stages.user_trail import longest_run
from tests.detectors.test_access_patterns import fresh, uneven
from tests.detectors.test_behaviour import named
from tests.detectors.watch import Watch, access, at

DAY, MINUTE, SECOND = 24.0, 1 / 60, 1 / 3600


# --- A19, slow --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("trail", "run"),
    [
        ({5: 0}, 1),
        ({5: 0, 7: 10, 9: 20}, 3),
        ({5: 20, 7: 10, 9: 0}, 3),
        ({5: 0, 7: 20, 9: 10}, 2),
        ({5: 0, 12: 10}, 1),
        ({5: 0, 11: 10, 17: 30}, 3),
        ({5: 0, 7: 10, 9: 20, 8: 5}, 3),
        ({5: 10, 4: 0, 6: 20, 7: 30}, 4),
        ({5: 40, 6: 30, 7: 20, 8: 10, 3: 60, 4: 0}, 5),
        ({5: 0, 8: 20, 9: 10, 10: 30, 11: 40}, 4),
        ({5: 0, 7: 1_000, 9: 1_010}, 1),
    ],
)
def test_longest_run(trail: dict[int, int], run: int) -> None:
    """Steps of six at most, 500 seconds at most, through record 5."""
    assert longest_run(trail, 5, 6, 500, 1) == run


@given(st.lists(st.integers(0, 60), unique=True, min_size=1, max_size=12))
def test_longest_run_agrees_with_trying_every_chain(ranks: list[int]) -> None:
    """The oracle follows every chain from the record, onwards in time and back in time, in both directions."""
    trail = {rank: time for time, rank in enumerate(ranks)}

    def chain(rank: int, towards: int, then: int) -> int:
        onward = [rank + towards * step for step in range(1, 7)]
        follows = [other for other in onward if other in trail and (trail[other] - trail[rank]) * then > 0]
        return 1 + max((chain(other, towards, then) for other in follows), default=0)

    middle = ranks[len(ranks) // 2]
    assert longest_run(trail, middle, 6, 1_000, len(ranks) + 1) == 0, "there cannot be so many"
    expected = max(chain(middle, -towards, -1) + chain(middle, towards, 1) - 1 for towards in (1, -1))
    assert longest_run(trail, middle, 6, 1_000, 1) == expected


def slowly(watch: Watch, records: int, *, step: int = 2, start: float = 9.0) -> None:
    """Open three records an hour in the order of their numbers, and others in between; first, one of the highest."""
    watch.see(access("U9", "P-top", 1, rank=90_000))
    others = random.Random(3).sample(range(100_000, 900_000), records)
    for number in range(records):
        hours = start + number / 3
        watch.see(access("U1", f"P{number}", hours, rank=1_000 + step * number, job="clerk"))
        watch.see(access("U1", f"Q{number}", hours + 0.11, rank=others[number], job="clerk"))


def test_a19_three_records_an_hour_in_their_order() -> None:
    watch = Watch()
    slowly(watch, 19)
    assert watch.detected() == set()
    watch = Watch()
    slowly(watch, 20)
    (found,) = named(watch.findings, "A19")
    assert found.severity == "high"
    assert "Opened 20 records within three days in the order of their numbers" in found.reasons[0]


def test_a19_a_run_within_other_work_of_the_same_minutes() -> None:
    """One record in three belongs to the run: far from seven in ten, and in a quarter of an hour."""
    watch = Watch()
    others = iter(random.Random(5).sample(range(100_000, 900_000), 100))
    for number in range(20):
        hours = 9 + number * 0.8 * MINUTE
        watch.see(access("U1", f"P{number}", hours, rank=1_000 + 2 * number, job="clerk"))
        watch.see(
            *(access("U1", f"Q{number}-{n}", hours + 0.2 * MINUTE, rank=next(others), job="clerk") for n in (1, 2))
        )
    (found,) = named(watch.findings, "A19")
    assert found.reasons[0].startswith("Opened 20 records within three days")


def test_a19_a_run_that_is_over_is_not_told_again() -> None:
    watch = Watch()
    slowly(watch, 20)
    watch.see(access("U1", "P90", 9 + DAY, rank=1_021, job="clerk"))
    assert len(named(watch.findings, "A19")) == 1, "a record in the middle of it, the day after"
    watch.see(access("U1", "P91", 10 + DAY, rank=1_040, job="clerk"))
    assert len(named(watch.findings, "A19")) == 2, "the run goes on"


def test_a19_larger_steps_are_no_run() -> None:
    watch = Watch()
    slowly(watch, 30, step=7)
    assert "A19" not in watch.detected()


def test_a19_slow_does_not_depend_on_the_order_of_arrival() -> None:
    accesses = [access("U1", f"P{n}", 9 + n / 3, rank=1_000 + 3 * n, job="clerk") for n in range(24)]
    for order in (accesses, accesses[::-1], accesses[1::2] + accesses[::2]):
        watch = Watch()
        watch.see(*order)
        assert "A19" in watch.detected()


def test_a19_records_of_a_work_queue_do_not_count() -> None:
    watch = Watch()
    for number in range(30):
        watch.see(TaskContext(patient_ref=f"P{number}", user_ref="U1", opened_at=at(0)), known=at(0))
    slowly(watch, 30)
    assert "A19" not in watch.detected()


@pytest.mark.parametrize(("first", "found"), [(900_000, set()), (899_000, {"A19"})])
def test_a19_new_records_are_opened_in_their_order(first: int, found: set[str]) -> None:
    """The day before, 900,000 was the highest number; a registrar goes through the newborns, one a minute."""
    watch = Watch()
    watch.see(access("U9", "P0", 1, rank=900_000))
    for number in range(30):
        watch.see(access("U1", f"N{number}", DAY + uneven(number), rank=first + 1 + number))
    assert watch.detected() == found


def test_a19_whoever_creates_records_does_so_in_their_order() -> None:
    watch = Watch()
    watch.see(*(access("U1", f"N{n}", uneven(n), rank=500 + n, action="create") for n in range(30)))
    assert "A19" not in watch.detected()


def test_a_rank_is_new_by_the_days_before() -> None:
    state = PartitionState()
    assert not state.is_new_rank(10, 0.0, 7), "nothing is known"
    state.see_rank(100, 0.0)
    assert not state.is_new_rank(101, 3_600.0, 7), "nothing but this day is known"
    assert state.is_new_rank(101, 86_400.0, 7)
    assert not state.is_new_rank(100, 86_400.0, 7)
    state.see_rank(200, 86_400.0)
    assert state.is_new_rank(150, 7 * 86_400.0, 7), "the first day was seven days before"
    assert not state.is_new_rank(150, 8 * 86_400.0, 7)
    for day in range(40):
        state.see_rank(day, day * 86_400.0)
    assert len(state.ranks) == 16


# --- A19, even and without a reason -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("jitter", "found"), [(0.0, {"A19"}), (3.0, {"A19"}), (16.0, set())])
def test_a19_an_even_pace_is_a_script(jitter: float, found: set[str]) -> None:
    """Every 20 seconds, now and then so many seconds later: gaps of 20 +- 16 have a coefficient of variation of 0.8."""
    watch = Watch()
    for number in range(20):
        hours = 9 + (20 * number + jitter * (number % 2)) * SECOND
        watch.see(access("U1", f"P{number}", hours, rank=(number * 7_919) % 100_003, job="clerk"))
    assert watch.detected() == found


def test_a19_nineteen_are_not_enough_and_a_list_is_no_pace() -> None:
    watch = Watch()
    watch.see(*(access("U1", f"P{n}", 9 + 20 * n * SECOND, rank=(n * 7_919) % 100_003, job="clerk") for n in range(19)))
    watch.see(*(access("U2", f"P{n}", 9, rank=(n * 7_919) % 100_003, job="clerk") for n in range(30)))
    assert watch.detected() == set()


@pytest.mark.parametrize(("explained", "found"), [(3, {"A19"}), (4, set())])
def test_a19_thirty_lookups_nearly_all_without_a_reason(explained: int, found: set[str]) -> None:
    """27 of 30 are nine in ten, 26 of 30 are less."""
    watch = Watch()
    fresh(watch, 8)
    for number in range(explained):
        context = TaskContext(patient_ref=f"P{number}", user_ref="U1", queue="consult", opened_at=at(8))
        watch.see(context, known=at(8))
    for number in range(30):
        watch.see(access("U1", f"P{number}", 9.01 + number * 40 * SECOND, job="clerk"))
    assert watch.detected() & {"A19"} == found


# --- A19b -------------------------------------------------------------------------------------------------------------


def search(watch: Watch, searches: int, *, results: int = 8, job: str = "nurse") -> None:
    """Search so often within fifty minutes."""
    for number in range(searches):
        one = access("U1", None, 9 + number * 50 * MINUTE / searches, action="query", job=job)
        one.query = Query(result_count=results)
        watch.see(one)


def test_a19b_fifty_searches_and_few_charts() -> None:
    watch = Watch()
    search(watch, 49)
    assert watch.detected() == set()
    watch = Watch()
    watch.see(access("U1", "P1", 9), access("U1", "P2", 9.01))
    search(watch, 50)
    (found,) = named(watch.findings, "A19b")
    assert found.severity == "medium"
    assert found.reasons == ["Made 50 searches within an hour and opened 2 charts in that time."]


def test_a19b_who_opens_one_chart_in_ten_searches_is_at_work() -> None:
    watch = Watch()
    watch.see(*(access("U1", f"P{number}", 9 + number / 100) for number in range(6)))
    search(watch, 60)
    assert watch.detected() == set()


def test_a19b_a_call_centre_searches_all_day() -> None:
    watch = Watch()
    search(watch, 120, job="call center agent", results=300)
    assert watch.detected() == set()


@pytest.mark.parametrize(("searches", "results", "found"), [(10, 100, {"A19b"}), (9, 100, set()), (10, 99, set())])
def test_a19b_searches_that_list_everybody(searches: int, results: int, found: set[str]) -> None:
    watch = Watch()
    search(watch, searches, results=results)
    assert watch.detected() == found
