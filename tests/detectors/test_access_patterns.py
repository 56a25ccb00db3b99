"""Access patterns through the real stages: explained first, then judged (domain.md §3)."""

import itertools

import pytest

from detectors.events import (
    AppointmentContext,
    CareTeamContext,
    Data,
    EncounterContext,
    OrderContext,
    RosterContext,
    StaffContext,
    TaskContext,
)
from detectors.patterns.a16_travel import haversine_km
from detectors.patterns.a19_scraping import following_records
from detectors.profiles.user import Position
from detectors.work import most_in_window
from tests.detectors.watch import Watch, access, at

DAY = 24.0
SOMEBODY_ELSE = OrderContext(patient_ref="P9", user_ref="U9", at=at(0))
"""Keeps the context feed fresh without a tie to anyone in the test."""


def fresh(watch: Watch, hours: float) -> None:
    """Let the context feed be heard of shortly before `hours`."""
    watch.see(SOMEBODY_ELSE, known=at(hours))


# --- explanations -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tie", "template"),
    [
        (AppointmentContext(patient_ref="P1", user_ref="U1", start=at(40 * DAY + 13 * DAY)), "T1"),
        (AppointmentContext(patient_ref="P1", user_ref="U1", start=at(40 * DAY - 13 * DAY)), "T1"),
        (OrderContext(patient_ref="P1", user_ref="U1", at=at(40 * DAY - 89 * DAY)), "T2"),
        (EncounterContext(patient_ref="P1", encounter_id="E", admit_at=at(0), user_refs=["U1"]), "T2"),
        (AppointmentContext(patient_ref="P1", dept="ED", start=at(40 * DAY - 80 * DAY)), "T4"),
        (EncounterContext(patient_ref="P1", encounter_id="E", admit_at=at(0), dept="ED"), "T4"),
        (CareTeamContext(patient_ref="P1", user_ref="U1", from_=at(1)), "T6"),
        (TaskContext(patient_ref="P1", user_ref="U1", opened_at=at(40 * DAY - 1)), "T7"),
        (TaskContext(patient_ref="P1", pool="ED", opened_at=at(40 * DAY - 1)), "T7"),
    ],
)
def test_a_tie_explains_the_access(tie: Data, template: str) -> None:
    watch = Watch()
    watch.see(tie, known=at(40 * DAY - 1))
    watch.see(access("U1", "P1", 40 * DAY, dept="ED"))
    assert watch.notes["rel.templates"] == [template]
    assert watch.detected() == set()


@pytest.mark.parametrize(
    "tie",
    [
        AppointmentContext(patient_ref="P1", user_ref="U1", start=at(40 * DAY + 15 * DAY)),
        AppointmentContext(patient_ref="P1", user_ref="U1", start=at(40 * DAY - 15 * DAY)),
        AppointmentContext(patient_ref="P1", user_ref="U2", start=at(40 * DAY)),
        AppointmentContext(patient_ref="P1", user_ref="U1", start=at(40 * DAY), status="cancelled"),
        AppointmentContext(patient_ref="P1", dept="ED", start=at(40 * DAY - 91 * DAY)),
        OrderContext(patient_ref="P1", user_ref="U1", at=at(40 * DAY - 91 * DAY)),
        EncounterContext(
            patient_ref="P1", encounter_id="E", admit_at=at(-80 * DAY), discharge_at=at(-51 * DAY), dept="ED"
        ),
        CareTeamContext(patient_ref="P1", user_ref="U1", from_=at(1), to=at(39 * DAY)),
        TaskContext(patient_ref="P1", user_ref="U1", opened_at=at(0), closed_at=at(38 * DAY)),
        TaskContext(patient_ref="P1", pool="Coding", opened_at=at(40 * DAY)),
    ],
)
def test_a_tie_outside_its_window_or_to_others_does_not(tie: Data) -> None:
    watch = Watch()
    watch.see(tie, known=at(40 * DAY - 1))
    watch.see(access("U1", "P1", 40 * DAY, dept="ED"))
    assert watch.notes["rel.templates"] == []
    assert watch.notes["rel.explained"] is False
    assert watch.detected() == {"A01"}


def test_a_unit_explains_those_on_shift_there() -> None:
    watch = Watch()
    stay = EncounterContext(patient_ref="P1", encounter_id="E", admit_at=at(0), unit="4 West")
    watch.see(stay, RosterContext(user_ref="U1", start=at(7), end=at(19), unit="4 West"), known=at(0))
    watch.see(access("U1", "P1", 8))
    assert watch.notes["rel.templates"] == ["T3"]
    # Three hours of grace after the shift, one before (A11), and not a minute more.
    assert watch.see(access("U1", "P1", 21.9)) == []
    watch.see(RosterContext(user_ref="U2", start=at(7), end=at(19), unit="4 West"), known=at(1))
    watch.see(access("U2", "P1", 5.9))
    assert watch.notes["rel.templates"] == []


def test_an_explained_access_explains_the_next_for_thirty_days() -> None:
    watch = Watch()
    watch.see(AppointmentContext(patient_ref="P1", user_ref="U1", start=at(1)), known=at(0))
    watch.see(access("U1", "P1", 10 * DAY))
    fresh(watch, 39 * DAY)
    watch.see(access("U1", "P1", 39 * DAY))
    assert watch.notes["rel.templates"] == ["T8"]
    fresh(watch, 41 * DAY)
    watch.see(access("U1", "P1", 41 * DAY))
    assert watch.notes["rel.templates"] == []
    assert watch.notes["rel.first_pair"] is False
    assert watch.detected() == set(), "a known pair is no first access"


def test_without_fresh_context_nobody_is_accused() -> None:
    watch = Watch()
    watch.see(access("U1", "P1", 1, sensitive=["PSY"]))
    assert watch.notes["rel.context_ok"] is False
    assert watch.detected() == set()
    fresh(watch, 2)
    watch.see(access("U1", "P2", 2 + 3 * DAY - 0.1))
    assert watch.detected() == {"A01"}
    watch.see(access("U1", "P3", 2 + 3 * DAY + 0.1))
    assert watch.notes["rel.context_ok"] is False


def test_a_search_list_is_not_the_chart() -> None:
    watch = Watch()
    fresh(watch, 1)
    watch.see(access("U1", "P1", 2, action="query"))
    assert "rel.first_pair" not in watch.notes
    watch.see(access("U1", "P1", 3))
    assert watch.notes["rel.first_pair"] is True


def test_three_unexplained_patients_in_a_day_weigh_more() -> None:
    watch = Watch()
    fresh(watch, 1)
    watch.see(access("U1", "P1", 2), access("U1", "P2", 3), access("U1", "P2", 3.5))
    assert {finding.severity for finding in watch.findings} == {"low"}
    found = watch.see(access("U1", "P3", 4))
    assert watch.notes["user.unexplained_24h"] == 3
    assert [finding.severity for finding in found if finding.kind == "rule"] == ["low", "medium"]


# --- A05, A13, A16, A17 -----------------------------------------------------------------------------------------------


def test_a05_the_own_record() -> None:
    watch = Watch()
    watch.see(StaffContext(user_ref="U1", dept="ED", self_patient_ref="P7"), known=at(0))
    watch.see(access("U1", "P7", 1), access("U2", "P7", 1))
    mine = [finding for finding in watch.findings if finding.detector == "A05"]
    assert [(finding.entity.ref, finding.severity) for finding in mine] == [("U1", "low")]
    edits = [finding for finding in watch.see(access("U1", "P7", 2, action="update")) if finding.detector == "A05"]
    assert "medium" in {finding.severity for finding in edits}


def test_a13_success_after_the_account_ended() -> None:
    watch = Watch()
    watch.see(StaffContext(user_ref="U1", terminated_at=at(10)), known=at(0))
    watch.see(access("U1", None, 10.9, action="login"))
    assert watch.detected() == set(), "an hour of grace for the feed"
    watch.see(access("U1", None, 11.1, action="login", outcome="serious_failure"))
    assert watch.detected() == set(), "a refused attempt is no use"
    found = watch.see(access("U1", None, 11.1, action="login"))
    assert [(finding.detector, finding.severity) for finding in found] == [("A13", "critical")]


def test_a13_a_rehire_clears_the_end() -> None:
    watch = Watch()
    watch.see(StaffContext(user_ref="U1", terminated_at=at(10)), known=at(0))
    watch.see(StaffContext(user_ref="U1", hired_at=at(20)), known=at(20))
    watch.see(StaffContext(user_ref="U1", terminated_at=at(10)), known=at(5))
    assert watch.see(access("U1", None, 30, action="login")) == [], "the older record does not undo the newer"


NEW_YORK, LOS_ANGELES = (40.7128, -74.0060), (34.0522, -118.2437)


def test_haversine_agrees_with_the_golden_vector() -> None:
    distance = haversine_km(Position(0, *NEW_YORK, 0), Position(0, *LOS_ANGELES, 0))
    assert round(distance, 1) == 3935.8


def test_a16_two_logins_too_far_apart() -> None:
    watch = Watch()
    watch.see(access("U1", None, 1, action="login", geo=NEW_YORK))
    found = watch.see(access("U1", None, 3, action="login", geo=LOS_ANGELES))
    assert [(finding.detector, finding.severity) for finding in found] == [("A16", "high")]
    # 3935.8 km in 2 hours.
    assert found[0].features == {"distance_km": 3935.8, "speed_kmh": 1967.9}


def test_a16_does_not_depend_on_the_order_of_arrival() -> None:
    """Logins go by way of the partition of their address, so the far one may overtake those around it."""
    places = {1: NEW_YORK, 1.5: NEW_YORK, 3: LOS_ANGELES, 9: LOS_ANGELES}
    for order in itertools.permutations(places):
        watch = Watch()
        watch.see(*(access("U1", None, hours, action="login", geo=places[hours]) for hours in order))
        assert {(finding.detector, finding.entity.ref) for finding in watch.findings} == {("A16", "U1")}, order


def test_a16_two_places_at_one_moment() -> None:
    watch = Watch()
    watch.see(access("U1", None, 1, action="login", geo=NEW_YORK))
    found = watch.see(access("U1", None, 1, action="login", geo=LOS_ANGELES))
    # 3935.8 km in a second, the least time that counts.
    assert [finding.features["distance_km"] for finding in found] == [3935.8]


def test_a16_a_login_that_comes_late_is_held_against_those_about_it() -> None:
    watch = Watch()
    for hours in (1, 12, 13, 14, 15, 16):
        watch.see(access("U1", None, hours, action="login", geo=NEW_YORK))
    found = watch.see(access("U1", None, 2, action="login", geo=LOS_ANGELES))
    assert [finding.features["speed_kmh"] for finding in found] == [3935.8], "an hour after the first"


@pytest.mark.parametrize("hours", [4.38, 10])
def test_a16_a_flight_is_possible(hours: float) -> None:
    """3935.8 km at 900 km/h take 4.373 hours."""
    watch = Watch()
    watch.see(access("U1", None, 1, action="login", geo=NEW_YORK))
    assert watch.see(access("U1", None, 1 + hours, action="login", geo=LOS_ANGELES)) == []


def test_a17_ten_failures_then_success() -> None:
    watch = Watch()
    for number in range(10):
        watch.see(access("U1", None, 1 + number / 60, action="login_failed", outcome="minor_failure"))
    found = watch.see(access("U1", None, 1 + 10 / 60, action="login"))
    assert [(finding.detector, finding.severity) for finding in found] == [("A17", "high")]
    assert "10" in found[0].reasons[0]


def test_a17_nine_failures_or_an_old_tenth_are_a_forgotten_password() -> None:
    watch = Watch()
    for number in range(9):
        watch.see(access("U1", None, 1 + number / 60, action="login_failed", outcome="minor_failure"))
    assert watch.see(access("U1", None, 1.2, action="login")) == []
    watch.see(access("U2", None, 1, action="login_failed", outcome="minor_failure"))
    for number in range(9):
        watch.see(access("U2", None, 1.2 + number / 60, action="login_failed", outcome="minor_failure"))
    assert watch.see(access("U2", None, 1.4, action="login")) == [], "the first is 24 minutes old"


# --- A09, A19 ---------------------------------------------------------------------------------------------------------


def opened(watch: Watch, patients: int, *, hours: float = 1.0, minutes: float = 50, job: str = "nurse") -> None:
    """Open that many records evenly within some minutes."""
    for number in range(patients):
        watch.see(access("U1", f"P{number}", hours + number * minutes / 60 / patients, job=job))


def test_a09_more_patients_in_an_hour_than_the_role_opens() -> None:
    watch = Watch()
    opened(watch, 60)
    assert watch.detected() == set()
    found = watch.see(access("U1", "P60", 1.9))
    assert [(finding.detector, finding.severity) for finding in found] == [("A09", "medium")]
    assert "61" in found[0].reasons[0]
    assert watch.see(access("U1", "P61", 1.95)) == [], "one finding per user and hour"


def test_a09_a_clerk_opens_more() -> None:
    watch = Watch()
    opened(watch, 120, job="registration clerk")
    assert watch.detected() == set()


def test_a09_does_not_depend_on_the_order_of_arrival() -> None:
    hours = [1 + number / 80 for number in range(70)]
    for order in (hours, hours[::-1], hours[::2] + hours[1::2]):
        watch = Watch()
        for hour in order:
            watch.see(access("U1", f"P{hour}", hour))
        assert "A09" in watch.detected()


def test_a09_the_own_history_lowers_the_limit() -> None:
    watch = Watch()
    for hour in range(50):
        for number in range(4):
            watch.see(access("U1", f"P{hour}-{number}", hour + number / 10))
    # 4 an hour in 40 and more settled hours: four times that is under the floor of 20.
    assert watch.notes["user.patients_1h_limit"] == 20
    assert watch.notes["user.patients_1h_highest"] == 4


@pytest.mark.parametrize(
    ("hours", "most"),
    [(0.0, 4), (1.0, 4), (2.5, 4), (5.0, 4), (6.0, 3), (11.9, 3), (12.0, 3), (13.0, 0), (30.0, 0)],
)
def test_most_in_window_looks_at_every_window_around_the_time(hours: float, most: int) -> None:
    """Times 1, 2, 3, 5 and 12; windows of ten, open at their beginning, that end at a time and contain `hours`.

    The window that ends at 5 holds four; the one that ends at 12 holds 3, 5 and 12, for 2 lies at its open beginning.
    """
    assert most_in_window([5.0, 1.0, 12.0, 3.0, 2.0], hours, 10.0) == most


def test_a01_several_does_not_depend_on_the_order_of_arrival() -> None:
    for order in ((2, 3, 4), (4, 3, 2), (3, 4, 2)):
        watch = Watch()
        fresh(watch, 1)
        watch.see(*(access("U1", f"P{hour}", hour) for hour in order))
        assert "medium" in {finding.severity for finding in watch.findings if finding.kind == "rule"}


def test_a01_several_counts_a_patient_in_every_window_that_holds_an_access() -> None:
    """P2 is opened again a day later; that must not take it out of the first day, whichever comes first."""
    first_day = [access("U1", f"P{hour}", hour) for hour in (2, 3, 4)]
    again = access("U1", "P2", 30)
    for order in ([*first_day, again], [first_day[0], again, *first_day[1:]]):
        watch = Watch()
        fresh(watch, 1)
        watch.see(*order)
        assert "medium" in {finding.severity for finding in watch.findings if finding.kind == "rule"}


def test_a19_does_not_depend_on_the_order_of_arrival() -> None:
    """Partitions that lag by hours deliver the same accesses in another order."""
    accesses = [access("U1", f"P{number}", 1 + number / 60, rank=1_000 + 2 * number) for number in range(24)]
    later = [access("U1", f"Q{number}", 5 + number / 60, rank=90_000 - 977 * number) for number in range(5)]
    for order in (accesses, accesses[::-1], [*accesses[::2], *later, *accesses[1::2]]):
        watch = Watch()
        watch.see(*order)
        assert "A19" in watch.detected()


@pytest.mark.parametrize(
    ("ranks", "following", "different"),
    [
        ([], 0, 0),
        ([5], 0, 1),
        ([5, 5, 5], 0, 1),
        ([1, 2, 3, 4], 4, 4),
        ([9, 7, 5, 3], 4, 4),
        ([1, 2, 1, 3], 3, 3),
        ([1, 2, 9, 10, 11], 4, 5),
        ([1, 4, 8], 2, 3),
        ([5, 6, 4, 3, 2], 4, 5),
        ([10, 500, 30, 900], 0, 4),
    ],
)
def test_following_records(ranks: list[int], following: int, different: int) -> None:
    assert following_records(ranks, 3) == (following, different)


def test_a19_an_access_that_comes_days_late_is_no_failure() -> None:
    watch = Watch()
    for number in range(30):
        watch.see(access("U1", f"P{number}", 100 + number, rank=1_000 + 2 * number))
    watch.see(access("U1", "P99", 1, rank=1_001))
    assert watch.failures == []


def test_a19_gaps_in_the_numbers_do_not_hide_it() -> None:
    watch = Watch()
    for number in range(30):
        watch.see(access("U1", f"P{number}", 1 + number / 100, rank=2 * number + 10 * (number // 5)))
    # 29 steps, 5 of them over a gap: 24 records follow, and the first.
    assert max(finding.features.get("records", 0) for finding in watch.findings) >= 20
    assert watch.detected() == {"A19"}


def uneven(number: int) -> float:
    """Return the hour of an access, a minute after the one before on average, as unevenly as people work."""
    return 1 + number / 60 + 0.012 * (number % 2)


def test_a19_twenty_neighbours_in_half_an_hour() -> None:
    watch = Watch()
    for number in range(19):
        watch.see(access("U1", f"P{number}", uneven(number), rank=1_000 + 2 * number))
    assert watch.detected() == set()
    found = watch.see(access("U1", "P19", uneven(19), rank=1_038))
    assert {(finding.detector, finding.severity) for finding in found} == {("A19", "high")}
    assert {"records": 20.0, "following": 20.0} in [finding.features for finding in found]


def test_a19_a_day_at_the_desk_is_not_a_run() -> None:
    watch = Watch()
    for number in range(40):
        watch.see(access("U1", f"P{number}", uneven(number), rank=(number * 7_919) % 100_003))
    assert "A19" not in watch.detected()


def test_late_context_is_kept_for_the_next_access() -> None:
    watch = Watch()
    fresh(watch, 1)
    watch.see(access("U1", "P1", 2))
    watch.see(TaskContext(patient_ref="P1", user_ref="U1", opened_at=at(1)), known=at(3))
    watch.see(access("U1", "P1", 4))
    assert watch.notes["rel.templates"] == ["T7"]


def test_shift_and_department_names_are_compared_whole() -> None:
    watch = Watch()
    watch.see(EncounterContext(patient_ref="P1", encounter_id="E", admit_at=at(0), dept="Neurology: ED"), known=at(0))
    watch.see(access("U1", "P1", 1, dept="ED"))
    assert watch.notes["rel.templates"] == []
