"""A27, sources that stop: the arithmetic by hand, outages in steady and in small feeds, and what must be no alarm."""

import math

import numpy as np
import pytest

from detectors.arrivals import DAY, HOUR, SLOT_SECONDS, WEEK
from detectors.finding import Entity, Finding
from detectors.source_volume import Reading, SourceWatch, Usual, chance_of_at_most, outage_at, reading_at, usual_volume
from tests.detectors.arrivals import EHR, NOON, a_book, arrivals, slot


@pytest.mark.parametrize(
    ("received", "usual", "chance"),
    [
        (0, Usual(5.0, 0.0), math.exp(-5)),
        (1, Usual(2.0, 1.0), 3 * math.exp(-2)),  # (1 + 2) e^-2
        (3, Usual(4.0, 4.0), (1 + 4 + 8 + 32 / 3) * math.exp(-4)),
        # Variance 6 at mean 2: size 1, success 1/3: P(0) = 1/3, P(1) = 2/9.
        (0, Usual(2.0, 6.0), 1 / 3),
        (1, Usual(2.0, 6.0), 5 / 9),
        (0, Usual(0.0, 0.0), 1.0),
    ],
)
def test_the_chance_of_so_few(received: int, usual: Usual, chance: float) -> None:
    assert chance_of_at_most(received, usual) == pytest.approx(chance, rel=1e-12)


def test_the_chance_is_right_where_its_terms_are_small() -> None:
    # P(X <= mean) of a Poisson distribution is 1/2 + 2 / (3 sqrt(2 pi mean)) to first order.
    assert chance_of_at_most(10_000, Usual(10_000.0, 0.0)) == pytest.approx(
        0.5 + 2 / (300 * math.sqrt(2 * math.pi)), abs=1e-5
    )
    assert 0.0 <= chance_of_at_most(5, Usual(1e6, 0.0)) < 1e-300


def test_usual_is_the_median_of_past_weeks() -> None:
    """Weeks back: 90, 120, 0 (an outage), 100, 110, 130, each slot; three slots together."""
    level = {1: 90, 2: 120, 3: 0, 4: 100, 5: 110, 6: 130}
    usual = usual_volume(arrivals(lambda one: level.get(round((NOON - one) / WEEK), 0), weeks=6.4), NOON - 3, NOON)
    assert usual is not None
    assert usual.level == 3 * 105


def test_usual_of_a_young_source_is_the_lowest_day_but_one() -> None:
    """Seven and a half days of 100 each slot, but for one day without anything and one of 40."""
    volume = {2: 0, 5: 40}
    found = arrivals(lambda one: volume.get((NOON - 1 - one + HOUR * 2) // DAY, 100), weeks=7.5 / 7)
    assert usual_volume(found, NOON - 3, NOON) == Usual(120.0, 0.0)
    assert usual_volume(arrivals(lambda _: 100, weeks=6.5 / 7), NOON - 3, NOON) is None


def test_summer_time_is_no_outage() -> None:
    """Shift begins at 12:00 in the past, and at 13:00 today: the hour before the past begin counts, too."""

    def volume(one: int) -> int:
        into_day = one % DAY / HOUR
        return 100 if into_day >= (12 if one < NOON - DAY else 13) else 0

    found = arrivals(volume, end=NOON + HOUR)
    assert found.between(NOON, NOON + HOUR) == 0
    readings = [reading for end in range(NOON, NOON + HOUR + 1) if (reading := reading_at(found, end))]
    assert readings
    assert not any(reading.silent for reading in readings)


def test_a_steady_source_that_stops_is_seen_after_fifteen_minutes() -> None:
    found = arrivals(lambda one: 100 if one < NOON else 0, end=NOON + 3)
    assert [reading.silent for end in range(NOON, NOON + 3) if (reading := reading_at(found, end))] == [False] * 3
    reading = reading_at(found, NOON + 3)
    assert reading is not None
    assert (reading.start, reading.received, reading.usual, reading.silent) == (NOON, 0, 300.0, True)


@pytest.mark.parametrize(("each", "silent"), [(20, False), (19, True)])
def test_a_fifth_of_the_usual_volume_is_the_limit(each: int, silent: bool) -> None:
    reading = reading_at(arrivals(lambda one: 100 if one < NOON - 3 else each), NOON)
    assert reading is not None
    assert reading.silent is silent


def test_a_small_source_is_judged_over_a_longer_stretch() -> None:
    """Five an hour: an hour of nothing has a chance of e^-5 = 0.7 %, two of 0.005 %, four of 2e-9."""

    def silent_for(hours: int) -> Reading | None:
        return reading_at(arrivals(lambda one: int(one < NOON - hours * HOUR and one % 12 < 5)), NOON)

    for hours in (1, 2, 3):
        reading = silent_for(hours)
        assert reading is not None
        assert not reading.silent
    reading = silent_for(4)
    assert reading is not None
    assert (reading.end - reading.start, reading.received, reading.usual, reading.silent) == (4 * HOUR, 0, 20.0, True)


def test_a_source_that_varies_much_from_week_to_week_needs_more() -> None:
    """Weeks of 20, 60, 140, 60, 20, 140 in 15 minutes: median 60, deviation 1.4826 x 40, so P(0) is about 5 %."""
    each = (20, 60, 140, 60, 20, 140)
    found = arrivals(lambda one: each[(NOON - 1 - one) // WEEK % 6] // 3 if one < NOON - 3 else 0)
    usual = usual_volume(found, NOON - 3, NOON)
    assert usual is not None
    assert chance_of_at_most(0, usual) > 0.01


def finding_of(findings: list[Finding]) -> Finding:
    assert len(findings) == 1
    return findings[0]


def watched(book_end: int, volume: dict[str, int]) -> list[tuple[int, Finding]]:
    """What a watch says from noon on where a source of 494 in five minutes sends what `volume` says from a time on."""
    starts = sorted((slot(text), each) for text, each in volume.items())

    def each(one: int) -> int:
        return next((n for start, n in reversed(starts) if one >= start), 494)

    watch, book = SourceWatch(), a_book(each, end=book_end)
    sources = list(book.sources())
    return [(end, finding) for end in range(slot("2026-03-02T08:00"), book_end) for finding in watch.look(sources, end)]


def test_an_outage_is_said_once_and_its_end_once() -> None:
    said = watched(NOON, {"2026-03-02T09:00": 4, "2026-03-02T10:30": 494})
    (stopped_at, stopped), (returned_at, returned) = said
    assert stopped_at == slot("2026-03-02T09:15")
    assert stopped.reasons == [
        f"{EHR} sent 12 events between 2026-03-02 09:00 and 09:15 UTC; 1,482 are usual at this hour. "
        "Ask the owner of the feed whether it is down or under maintenance."
    ]
    assert (stopped.detector, stopped.kind, stopped.severity) == ("a27_source_volume", "rule", "high")
    assert stopped.entity == Entity("source", EHR)
    assert stopped.at == slot("2026-03-02T09:15") * SLOT_SECONDS
    assert stopped.window == "2026-03-02T09:00Z"
    # 494 + 4 + 4 = 502 of 1,482 in fifteen minutes are more than a fifth: back after five minutes.
    assert returned_at == slot("2026-03-02T10:35")
    assert returned.reasons == [
        f"{EHR} is back: it sent 502 events between 2026-03-02 10:20 and 10:35 UTC; it was silent for "
        "about 1.6 hours. Ask whether what is missing will be sent again."
    ]
    assert (returned.detector, returned.severity, returned.window) == ("a27_source_back", "info", stopped.window)


def test_another_watch_that_comes_later_makes_the_same_finding() -> None:
    """It starts four hours into the outage, in which the night says nothing for a while."""

    def volume(one: int) -> int:
        return 0 if one >= NOON - 5 * HOUR or 2 <= one % DAY / HOUR < 9 else 100

    book = a_book(volume)
    watch, ends = SourceWatch(), range(NOON - 6 * HOUR, NOON)
    early = [finding for end in ends for finding in watch.look(book.sources(), end)]
    late = finding_of(SourceWatch().look(book.sources(), NOON))
    assert finding_of(early) == late


def test_hours_that_say_nothing_do_not_end_an_outage() -> None:
    """By day 100 in five minutes, by night nothing: an outage from 15:00 to the next noon is one."""
    down = slot("2026-03-01T15:00")

    def volume(one: int) -> int:
        return 100 if one < down and 8 <= one % DAY / HOUR < 20 else 0

    watch, book = SourceWatch(), a_book(volume)
    said = [finding for end in range(down - HOUR, NOON + 1) for finding in watch.look(book.sources(), end)]
    assert finding_of(said).window == "2026-03-01T15:00Z"


def test_nobody_watched_is_no_outage() -> None:
    found = arrivals(lambda one: 100 if one < NOON - 6 else 0)
    reading = reading_at(found, NOON)
    assert reading is not None
    assert reading.silent
    book = a_book(lambda one: 100 if one < NOON - 6 else 0)
    book.advance(NOON + 2)  # two slots that nobody marked
    assert reading_at(dict(book.sources())[EHR], NOON + 2) is None


def test_an_outage_begins_with_its_first_silent_stretch() -> None:
    outage = outage_at(EHR, arrivals(lambda one: 100 if one < NOON - 10 else 0), NOON)
    assert outage is not None
    assert outage.first.start == NOON - 10


def test_ordinary_random_feeds_raise_nothing() -> None:
    """Poisson feeds of 1 to 2,000 events an hour, with days and weekends, over two weeks each after six."""
    random = np.random.default_rng(3)
    for hourly in (1, 5, 30, 200, 2_000):
        end = NOON + 2 * WEEK
        slots = np.arange(end - 8 * WEEK, end)
        hours, weekdays = slots % DAY / HOUR, slots // DAY % 7
        shape = np.where((hours > 7) & (hours < 19), 1.0, 0.25) * np.where(weekdays < 2, 0.4, 1.0)
        counts = dict(zip(slots.tolist(), random.poisson(hourly / HOUR * shape).tolist(), strict=True))
        book = a_book(counts.__getitem__, end=end, weeks=8)
        sources, watch = list(book.sources()), SourceWatch()
        assert [finding for one in range(NOON, end, 7) for finding in watch.look(sources, one)] == []
