"""When, where and on which machine a user works: A09 over the day, A11, A15, A16, A17, A17b, A29."""

import datetime

import pytest

from detectors.events import RosterContext, StaffContext, TaskContext
from detectors.events.access import (
    AccessedPatient,
    AccessEvent,
    Action,
    Actor,
    Client,
    Geo,
    Outcome,
    Resource,
    Session,
)
from detectors.finding import Finding
from detectors.thresholds import Thresholds
from detectors.thresholds_behaviour import BehaviourThresholds
from tests.detectors.test_access_patterns import LOS_ANGELES, NEW_YORK, fresh
from tests.detectors.watch import Watch, access, at

DAY, MINUTE, SECOND = 24.0, 1 / 60, 1 / 3600


def entry(
    user: str,
    hours: float,
    *,
    action: Action = "login",
    outcome: Outcome = "success",
    device: str = "D1",
    ip: str = "",
    ip_class: str = "",
    auth: str = "password",
    geo: tuple[float, float] | None = None,
) -> AccessEvent:
    """Return a login, or whatever else has no patient."""
    where = Geo(lat=geo[0], lon=geo[1], accuracy_km=10) if geo else None
    client = Client(device_id=device, ip=ip, ip_class=ip_class, geo=where)  # type: ignore[arg-type]  # one of its literals
    return AccessEvent(
        action=action,
        outcome=outcome,
        occurred_at=at(hours),
        actor=Actor(id=user),
        session=Session(id="S1", auth=auth),
        client=client,
    )


def work(user: str, hours: float, machine: str, place: str, *, session: str, away: bool = False) -> AccessEvent:
    """Return a look at a chart on a machine at a place."""
    return AccessEvent(
        action="read",
        occurred_at=at(hours),
        actor=Actor(id=user, job_code="clerk"),
        session=Session(id=session),
        client=Client(workstation=machine, location=place, ip_class="remote" if away else "onsite"),
        patient=AccessedPatient(ref="P1"),
    )


def named(findings: list[Finding], detector: str) -> list[Finding]:
    """Return what one detector found."""
    return [finding for finding in findings if finding.detector == detector and finding.kind == "rule"]


# --- A09, over the day and with work queues ---------------------------------------------------------------------------


def test_a09_what_a_work_queue_asks_for_does_not_count() -> None:
    """The research pull and the month-end: a task on every record (T7)."""
    watch = Watch(thresholds=Thresholds(mass_access_cap=20))
    for number in range(25):
        watch.see(TaskContext(patient_ref=f"P{number}", user_ref="U1", queue="research", opened_at=at(0)), known=at(0))
    for number in range(25):
        watch.see(access("U1", f"P{number}", 1 + number * MINUTE))
    assert watch.notes["user.patients_1h"] == 0
    assert watch.detected() == set()
    watch.see(*(access("U1", f"Q{number}", 2 + number * MINUTE) for number in range(21)))
    assert named(watch.findings, "A09"), "twenty-one more without a task are over the cap of twenty"


def test_a09_what_a_known_report_opens_does_not_count() -> None:
    listed = Thresholds(behaviour=BehaviourThresholds(report_apps=frozenset({"batch reports"})))
    for thresholds, expected in ((listed, set()), (Thresholds(), {"A09"})):
        watch = Watch(thresholds=thresholds)
        for number in range(61):
            opened = access("U1", f"P{number}", 1 + number * MINUTE / 2)
            opened.client = Client(app="batch reports")
            watch.see(opened)
        assert watch.detected() == expected


def test_a09_a_day_of_many_charts_against_the_own_days() -> None:
    """Twelve days of 8 hours with 3 charts: 24 a day, four times that is 96, under the floor of 100."""
    watch = Watch()
    for day in range(12):
        for hour in range(8):
            watch.see(*(access("U1", f"P{day}-{hour}-{n}", day * DAY + 8 + hour + n / 10) for n in range(3)))
    assert watch.detected() == set()
    for hour in range(9):
        watch.see(*(access("U1", f"Q{hour}-{n}", 12 * DAY + 8 + hour + n / 20) for n in range(12)))
    assert watch.detected() == set(), "12 an hour is under the floor of 20, and 7 closed hours hold 84"
    watch.see(*(access("U1", f"Q9-{n}", 12 * DAY + 17 + n / 20) for n in range(12)))
    watch.see(access("U1", "Q10", 12 * DAY + 18), access("U1", "Q11", 12 * DAY + 19))
    (found,) = named(watch.findings, "A09")
    assert found.severity == "medium"
    # Hours 8 to 16 of 12 charts each are closed when hour 18 begins.
    assert "Opened 108 charts so far on this day" in found.reasons[0]
    assert "the limit for this user is 100" in found.reasons[0]


# --- A11 --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hours", "away"),
    [(5.9, 1.1), (6.1, None), (12.0, None), (21.9, None), (22.1, 3.1), (19 + 7 * DAY - 0.1, 167.9), (9 * DAY, None)],
)
def test_a11_away_from_the_shift(hours: float, away: float | None) -> None:
    """The shift is 7 to 19: an hour of grace before, three after; after a week the roster says nothing."""
    watch = Watch()
    watch.see(RosterContext(user_ref="U1", start=at(7), end=at(19)), known=at(0))
    fresh(watch, hours)
    watch.see(access("U1", "P1", hours))
    assert watch.notes.get("user.outside_shift_hours") == away
    assert [finding.severity for finding in named(watch.findings, "A11")] == (["low"] if away else [])


def test_a11_a_known_reason_or_being_on_call_is_no_finding() -> None:
    watch = Watch()
    watch.see(
        RosterContext(user_ref="U1", start=at(7), end=at(19)),
        RosterContext(user_ref="U2", start=at(7), end=at(19)),
        RosterContext(user_ref="U2", start=at(20), end=at(32), on_call=True),
        TaskContext(patient_ref="P1", user_ref="U1", opened_at=at(0)),
        known=at(0),
    )
    watch.see(access("U1", "P1", 26), access("U2", "P2", 26))
    assert "A11" not in watch.detected()


def test_a11_an_hour_at_which_the_user_never_works() -> None:
    watch = Watch()
    for day in range(21):
        watch.see(*(access("U1", "P1", day * DAY + hour + 0.5) for hour in range(8, 17)))
    assert "A11" not in watch.detected()
    watch.see(access("U1", "P1", 21 * DAY + 7.5))
    assert "A11" not in watch.detected(), "a change of the clocks moves everything by an hour"
    found = watch.see(access("U1", "P1", 21 * DAY + 2.5))
    assert [finding.severity for finding in named(found, "A11")] == []
    found = watch.see(access("U1", "P1", 22 * DAY + 2.5))
    assert [finding.severity for finding in named(found, "A11")] == ["info"]


# --- A15 --------------------------------------------------------------------------------------------------------------


def to_and_fro(watch: Watch, changes: int, **second: object) -> list[Finding]:
    """Work at two machines in turn, 100 seconds apart, the sessions and places being different but for `second`."""
    there = {"machine": "W2", "place": "Clinic B", "session": "S2", **second}
    for number in range(changes + 1):
        hours = 9 + number * 100 * SECOND
        if number % 2:
            watch.see(work("U1", hours, **there))  # type: ignore[arg-type]  # of the test's own making
        else:
            watch.see(work("U1", hours, "W1", "Clinic A", session="S1"))
    return named(watch.findings, "A15")


def test_a15_two_places_in_turn() -> None:
    (found,) = to_and_fro(Watch(), 6)
    assert found.severity == "medium"
    assert "changed between them 6 times" in found.reasons[0]
    assert to_and_fro(Watch(), 5) == []


def test_a15_inside_and_outside_needs_less_and_weighs_more() -> None:
    (found,) = to_and_fro(Watch(), 4, place="", away=True)
    assert found.severity == "high"
    assert to_and_fro(Watch(), 3, place="", away=True) == []


@pytest.mark.parametrize("same", [{"session": "S1"}, {"place": "Clinic A"}, {"machine": "W1"}])
def test_a15_a_desktop_that_follows_its_user_is_one_session(same: dict[str, str]) -> None:
    assert to_and_fro(Watch(), 12, **same) == []


def test_a15_an_open_session_without_activity_is_nothing() -> None:
    """First here, then there: one change, however long the first session stays open."""
    watch = Watch()
    watch.see(*(work("U1", 9 + n * MINUTE, "W1", "Clinic A", session="S1") for n in range(10)))
    watch.see(*(work("U1", 9.17 + n * MINUTE, "W2", "Clinic B", session="S2") for n in range(10)))
    assert watch.notes["user.seat_switches"] == 1
    assert "A15" not in watch.detected()


def test_a15_slow_changes_are_a_way_through_the_house() -> None:
    watch = Watch()
    for number in range(12):
        place = "AB"[number % 2]
        watch.see(work("U1", 9 + number * 3 * MINUTE, f"W{place}", place, session=f"S{place}"))
    assert "A15" not in watch.detected()


def test_a15_does_not_depend_on_the_order_of_arrival() -> None:
    deeds = [work("U1", 9 + n * MINUTE, f"W{n % 2}", "AB"[n % 2], session=f"S{n % 2}") for n in range(10)]
    for order in (deeds, deeds[::-1], deeds[::2] + deeds[1::2]):
        watch = Watch()
        watch.see(*order)
        assert "A15" in watch.detected()


# --- A16 --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("ip_class", "found"), [("remote", {"A16"}), ("vpn", set()), ("cloud", set())])
def test_a16_a_gateway_is_no_place_of_a_person(ip_class: str, found: set[str]) -> None:
    watch = Watch()
    watch.see(entry("U1", 1, geo=NEW_YORK), entry("U1", 2, geo=LOS_ANGELES, ip="203.0.113.9", ip_class=ip_class))
    assert watch.detected() == found


def test_a16_a_gateway_in_between_hides_nothing() -> None:
    watch = Watch()
    watch.see(entry("U1", 1, geo=NEW_YORK), entry("U1", 1.2, geo=(41.9, -87.6), ip_class="vpn"))
    watch.see(entry("U1", 1.5, geo=LOS_ANGELES, ip_class="remote"))
    assert watch.detected() == {"A16"}


def test_a16_an_address_where_ten_users_come_from_is_an_egress() -> None:
    watch = Watch()
    for number in range(9):
        watch.see(entry(f"V{number}", 1 + number * MINUTE, geo=LOS_ANGELES, ip="203.0.113.9", ip_class="remote"))
    watch.see(entry("U1", 1, geo=NEW_YORK), entry("U2", 25.2, geo=NEW_YORK))
    watch.see(entry("U1", 2, geo=LOS_ANGELES, ip="203.0.113.9", ip_class="remote"))
    assert watch.detected() == set(), "the tenth"
    # A day later only U1 is left of them.
    watch.see(entry("U2", 26, geo=LOS_ANGELES, ip="203.0.113.9", ip_class="remote"))
    assert watch.detected() == {"A16"}


def test_a16_the_list_of_egresses() -> None:
    listed = Thresholds(behaviour=BehaviourThresholds(egress_places=((34.0, -118.2),)))
    watch = Watch(thresholds=listed)
    watch.see(entry("U1", 1, geo=NEW_YORK), entry("U1", 2, geo=LOS_ANGELES, ip_class="remote"))
    assert watch.detected() == set()


# --- A17, A17b --------------------------------------------------------------------------------------------------------


def failing(watch: Watch, users: int, *, entering: int = 0) -> None:
    """Let users fail at one address, half a minute apart, and others get in."""
    for number in range(entering):
        watch.see(entry(f"V{number}", 9 + number * SECOND, ip="203.0.113.9"))
    for number in range(users):
        watch.see(
            entry(
                f"U{number}", 9 + number * 30 * SECOND, action="login_failed", outcome="minor_failure", ip="203.0.113.9"
            )
        )


def test_a17_twenty_users_at_one_address() -> None:
    watch = Watch()
    failing(watch, 19)
    assert watch.detected() == set()
    watch = Watch()
    failing(watch, 22)
    (found,) = named(watch.findings, "A17")
    assert (found.severity, found.entity.type) == ("high", "instrument")
    assert found.reasons[0].startswith("From this address 20 users"), "and once a day for the address"


def test_a17_on_the_day_on_which_passwords_expire_most_get_in() -> None:
    watch = Watch()
    failing(watch, 30, entering=31)
    assert watch.detected() == set()


def test_a17_who_got_in_there_in_the_last_week_belongs_there() -> None:
    watch = Watch()
    watch.see(*(entry(f"U{number}", -100 + number, ip="203.0.113.9") for number in range(11)))
    failing(watch, 30)
    assert watch.detected() == set(), "nineteen strangers are left"


def test_a17b_refused_second_factors_and_then_a_login() -> None:
    for refusals, expected in ((5, {"A17b"}), (4, set())):
        watch = Watch()
        for number in range(refusals):
            watch.see(entry("U1", 9 + number * MINUTE, action="login_failed", outcome="minor_failure", auth="MFA push"))
        watch.see(entry("U1", 9.5))
        assert watch.detected() == expected


def test_a17b_a_reset_a_new_device_and_many_charts() -> None:
    watch = Watch()
    watch.see(entry("U1", 1, device="D1"))
    reset = entry("HELP", 30, action="user_attribute_change")
    reset.resource = Resource(type="Practitioner", id="U1", category="password")
    watch.see(reset)
    found = watch.see(entry("U1", 30.5, device="D2"))
    assert [(finding.detector, finding.severity) for finding in found] == [("A17b", "low")]
    watch.see(*(access("U1", f"P{number}", 30.6 + number * 20 * SECOND) for number in range(61)))
    assert [finding.severity for finding in named(watch.findings, "A17b")] == ["low", "high"]
    assert "61 charts were opened within an hour" in named(watch.findings, "A17b")[-1].reasons[0]


@pytest.mark.parametrize(("device", "hours"), [("D1", 30.5), ("D2", 31.1)])
def test_a17b_a_known_device_or_a_later_day_is_nothing(device: str, hours: float) -> None:
    watch = Watch()
    watch.see(entry("U1", 1, device="D1"))
    reset = entry("HELP", 30, action="user_attribute_change")
    reset.resource = Resource(type="Practitioner", id="U1", category="password")
    watch.see(reset, entry("U1", hours, device=device))
    assert watch.detected() == set()


# --- A29 --------------------------------------------------------------------------------------------------------------


def session(watch: Watch, user: str, hours: float, actions: tuple[Action, ...]) -> None:
    """Let a user do some deeds without a chart, a few seconds apart, over and over until there are twenty-four."""
    for number in range(24):
        watch.see(access(user, None, hours + number * 5 * SECOND, action=actions[number % len(actions)], job="nurse"))


def test_a29_an_order_that_the_role_never_takes() -> None:
    """Twelve nurses search twice and print; then one exports and imports. A session is judged when the next begins."""
    easy = Thresholds(behaviour=BehaviourThresholds(session_known_steps=300))
    watch = Watch(thresholds=easy)
    usual: tuple[Action, ...] = ("query", "query", "print")
    for round_ in range(4):
        for number in range(12):
            session(watch, f"U{number}", 1 + 2 * round_ + number / 10, usual)
    assert "A29" not in watch.detected()
    session(watch, "U0", 12, ("export", "import"))
    session(watch, "U0", 14, usual)
    (found,) = named(watch.findings, "A29")
    assert found.severity == "info"
    assert "The last session of 24 steps" in found.reasons[0]


def test_the_struct_of_a_shift_takes_its_place_in_the_profile() -> None:
    """A user whom nothing is known of but the staff record has an empty state, which costs next to nothing."""
    watch = Watch()
    watch.see(StaffContext(user_ref="U1", dept="ED"), known=at(0) + datetime.timedelta(hours=1))
    assert watch.failures == []
    assert len(watch.tables["user"]["U1"]) < 400
