"""A10, A13b, A14, A18 and A20: exports, accounts that end or wake up, rights, and service accounts."""

import pytest

from detectors.events import AppointmentContext, StaffContext, TaskContext
from detectors.events.access import AccessedPatient, Purpose
from detectors.itinerary import itinerary
from tests.detectors.looks import keep_fresh
from tests.detectors.money.events import DAY, changed, exported, of, opened, severities, staff
from tests.detectors.watch import Watch, access, at


def leaving(user: str, hours: float) -> StaffContext:
    return StaffContext(user_ref=user, notice_at=at(hours))


# --- A10 --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("records", "more", "severity"),
    [
        (501, {}, "high"),
        (500, {}, ""),
        (900, {"reason": Purpose(code="HRESCH")}, "medium"),
        (900, {"reason": Purpose(text_present=True)}, "high"),
        (900, {"reason": Purpose(code="HOPERAT", text_present=True)}, "high"),
        (900, {"reason": Purpose(code="HRESCH", text_present=True), "ip_class": "remote"}, "critical"),
        (250_000, {"reason": Purpose(code="HRESCH"), "app": "USB copy"}, "critical"),
        (900, {"ip_class": "remote"}, "critical"),
        (900, {"app": "USB copy"}, "critical"),
        (900, {"action": "transmit"}, "critical"),
        (900, {"ip_class": "vpn"}, "high"),
    ],
)
def test_a10_a_breachs_worth_at_once(records: int, more: dict[str, object], severity: str) -> None:
    watch = Watch()
    watch.see(exported(1, records, **more))  # type: ignore[arg-type] # by the table above
    assert severities(watch, "A10") == ([severity] if severity else [])


def peers_exported(watch: Watch, records: int) -> None:
    """Twenty users of the role, on two days; a day counts for the peers when it is over."""
    for day in (0, 1):
        for number in range(20):
            watch.see(exported(1 + day * DAY + number / 10, records, user=f"U{number + 10}"))


def test_a10_by_somebody_who_is_leaving_is_critical() -> None:
    watch = Watch()
    watch.see(leaving("U1", 0), exported(1, 700))
    assert of(watch, "A10")[0].reasons == [
        "700 records left the system at once, and no reason was given, by somebody who is leaving."
    ]
    assert severities(watch, "A10") == ["critical"]


def test_a10_far_beyond_the_role() -> None:
    watch = Watch()
    peers_exported(watch, 10)
    watch.see(exported(3 * DAY, 49, user="UX"))
    assert of(watch, "A10") == [], "fewer than fifty in a day say nothing"
    watch.see(exported(3 * DAY + 1, 1, user="UX"))
    assert severities(watch, "A10") == ["high"]
    assert of(watch, "A10")[0].reasons[0].startswith("This user moved 50 records in 24 hours out of the system; 99 %")


def test_a10_a_typed_reason_does_not_hide_what_is_far_beyond_the_role() -> None:
    watch = Watch()
    peers_exported(watch, 10)
    watch.see(exported(3 * DAY, 60, user="UX", reason=Purpose(text_present=True)))
    watch.see(exported(3 * DAY, 60, user="UY", reason=Purpose(code="PATRQST")))
    assert severities(watch, "A10") == ["high", "medium"]
    assert of(watch, "A10")[1].reasons[0].endswith(", and the reason given is release of information.")


@pytest.mark.parametrize(
    ("reason", "word"),
    [
        (None, "no reason was given"),
        (Purpose(), "no reason was given"),
        (Purpose(code="TREAT"), "the reason given explains no export"),
        (Purpose(code="HSYSADMIN"), "the reason given is administration"),
    ],
)
def test_a10_says_what_was_given_as_the_reason(reason: Purpose | None, word: str) -> None:
    watch = Watch()
    watch.see(exported(1, 700, reason=reason))
    assert of(watch, "A10")[0].reasons == [f"700 records left the system at once, and {word}."]


def test_a10_an_open_task_is_a_reason() -> None:
    watch = Watch()
    watch.see(TaskContext(patient_ref="P1", user_ref="U1", queue="release", opened_at=at(0)), known=at(0))
    sent = exported(1, 700)
    sent.patient = AccessedPatient(ref="P1")
    watch.see(sent)
    assert severities(watch, "A10") == ["medium"]


def test_a10_prints_over_weeks_add_up() -> None:
    watch = Watch()
    peers_exported(watch, 40)
    for day in range(8):
        watch.see(exported((day + 2) * DAY, 40, user="UX", action="print"))
    assert "records in 30 days" in of(watch, "A10")[0].reasons[0]


def test_a10_a_report_like_every_other_of_the_role_is_ordinary() -> None:
    watch = Watch()
    peers_exported(watch, 120)
    watch.see(exported(3 * DAY, 120, user="UX"))
    assert of(watch, "A10") == []


# --- A13b -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("record", "found"),
    [
        (StaffContext(user_ref="U1", notice_at=at(0)), True),
        (StaffContext(user_ref="U1", terminated_at=at(20 * DAY)), True),
        (StaffContext(user_ref="U1", terminated_at=at(60 * DAY)), False),
        (StaffContext(user_ref="U1", notice_at=at(0), hired_at=at(1)), False),
        (StaffContext(user_ref="U1"), False),
    ],
)
def test_a13b_half_of_what_would_alert_of_anybody(record: StaffContext, found: bool) -> None:
    watch = Watch()
    watch.see(record)
    for hour in (2, 3, 10):
        watch.see(access("U1", f"P{hour}", hour))
    for number in range(31):
        watch.see(access("U1", f"Q{number}", 14 + number / 60))
    assert severities(watch, "A13b") == (["high"] if found else [])


def test_a13b_half_of_an_export() -> None:
    watch = Watch()
    watch.see(leaving("U1", 0), exported(1, 249))
    assert of(watch, "A13b") == []
    watch.see(exported(2, 1))
    assert "moved 250 records out of the system in 24 hours" in of(watch, "A13b")[0].reasons[0]


# --- A14 --------------------------------------------------------------------------------------------------------------


def test_a14_back_after_months_then_a_chart_without_a_reason() -> None:
    watch = Watch()
    watch.see(access("U1", None, 1, action="login"), access("U1", None, 91 * DAY + 2, action="login"))
    (found,) = of(watch, "A14")
    assert (found.severity, found.reasons) == ("medium", ["This account was used again after 91 days."])
    keep_fresh(watch, 91 * DAY)
    watch.see(access("U1", "P1", 91 * DAY + 3), access("U1", "P2", 91 * DAY + 4), access("U1", "P3", 93 * DAY))
    assert severities(watch, "A14") == ["medium", "high"]


@pytest.mark.parametrize(
    ("days", "record"),
    [
        (89, staff("U1")),
        (91, staff("U1", status="on leave")),
        (91, StaffContext(user_ref="U1", hired_at=at(80 * DAY))),
    ],
)
def test_a14_a_holiday_a_leave_and_a_rehire_are_ordinary(days: int, record: StaffContext) -> None:
    watch = Watch()
    watch.see(access("U1", None, 1, action="login"), record, access("U1", None, days * DAY + 1, action="login"))
    assert of(watch, "A14") == []


def test_a14_the_directory_knows_of_months_before_the_first_access() -> None:
    watch = Watch()
    known = StaffContext(user_ref="U1", last_login_at=at(-100 * DAY))
    watch.see(known, access("U1", None, 1, action="login"))
    assert [found.reasons for found in of(watch, "A14")] == [["This account was used again after 100 days."]]


def test_a14_what_was_seen_here_is_known_better_than_by_the_directory() -> None:
    watch = Watch()
    watch.see(access("U1", None, 1, action="login"), StaffContext(user_ref="U1", last_login_at=at(-100 * DAY)))
    watch.see(access("U1", None, 2, action="login"), StaffContext(user_ref="U2"), access("U2", None, 3, action="login"))
    assert of(watch, "A14") == []


def test_a14_failed_logins_wake_nobody() -> None:
    watch = Watch()
    watch.see(access("U1", None, 1, action="login"), access("U1", None, 100 * DAY, action="login_failed"))
    assert of(watch, "A14") == []


# --- A18 --------------------------------------------------------------------------------------------------------------


def test_a18_what_is_changed_comes_before_who_changes_it() -> None:
    stops = itinerary(changed("privilege_change", 1, "grant:notes", actor="IAM", of="U1"))
    assert [stop.ref for stop in stops] == ["U1", "IAM"]
    assert [stop.ref for stop in itinerary(changed("privilege_change", 1, "grant:notes"))] == ["U1"]


def test_a18_a_right_of_ones_own() -> None:
    watch = Watch()
    watch.see(changed("privilege_change", 1, "grant:notes"))
    assert severities(watch, "A18") == ["critical"]


def test_a18_by_identity_management_for_somebody_else_is_ordinary() -> None:
    watch = Watch()
    watch.see(changed("privilege_change", 1, "grant:notes", actor="IAM", of="U1"))
    assert of(watch, "A18") == []


def test_a18_outside_identity_management() -> None:
    watch = Watch()
    watch.see(changed("privilege_change", 1, "grant:notes", actor="U2", of="U1", app="ehr"))
    assert severities(watch, "A18") == ["high"]
    assert watch.failures == []


@pytest.mark.parametrize(("hours", "right", "found"), [(3, "notes", True), (25, "notes", False), (3, "reports", False)])
def test_a18_granted_and_taken_away(hours: float, right: str, found: bool) -> None:
    watch = Watch()
    watch.see(changed("privilege_change", 1, "grant:notes", actor="IAM", of="U1"))
    watch.see(changed("privilege_change", 1 + hours, f"revoke:{right}", actor="IAM", of="U1"))
    assert severities(watch, "A18") == (["high"] if found else [])


@pytest.mark.parametrize(
    ("hours", "codes", "known", "found"),
    [(3, ("PSY",), False, True), (25, ("PSY",), False, False), (3, (), False, False), (3, ("PSY",), True, False)],
)
def test_a18_a_sensitive_record_with_the_new_right(
    hours: float, codes: tuple[str, ...], known: bool, found: bool
) -> None:
    watch = Watch()
    keep_fresh(watch, 30)
    if known:
        watch.see(AppointmentContext(patient_ref="P1", user_ref="U1", start=at(30)), known=at(0))
    watch.see(changed("privilege_change", 30, "grant:notes", actor="IAM", of="U1"))
    watch.see(opened("U1", "P1", 30 + hours, sensitive=codes))
    assert severities(watch, "A18") == (["high"] if found else [])


def test_a18_an_emergency_role_is_given_back_within_eight_hours() -> None:
    watch = Watch()
    watch.see(changed("privilege_change", 1, "grant:emergency_access", actor="IAM", of="U1"))
    watch.see(access("U1", None, 8, action="logout"))
    assert of(watch, "A18") == []
    watch.see(access("U1", None, 10, action="login"), access("U1", None, 11, action="logout"))
    assert [finding.reasons for finding in of(watch, "A18")] == [
        ["An emergency role has been held for 9 hours; after eight it is to be given back."]
    ]


# --- A20 --------------------------------------------------------------------------------------------------------------


def habitual(watch: Watch) -> None:
    """Four days, an access an hour, always the same."""
    for hour in range(96):
        watch.see(opened("S1", f"P{hour % 7}", hour, kind="service", ip="10.0.0.1", category="labs"))


@pytest.mark.parametrize(
    ("ip", "category", "severity"),
    [("10.0.0.1", "labs", ""), ("10.0.0.2", "labs", "low"), ("10.0.0.2", "note", "high")],
)
def test_a20_one_thing_is_a_feature_two_make_an_alert(ip: str, category: str, severity: str) -> None:
    watch = Watch()
    habitual(watch)
    assert of(watch, "A20") == []
    watch.see(opened("S1", "P1", 97, kind="service", ip=ip, category=category))
    assert severities(watch, "A20") == ([severity] if severity else [])


def test_a20_what_is_odd_within_a_day_comes_together() -> None:
    watch = Watch()
    habitual(watch)
    watch.see(opened("S1", "P1", 97, kind="service", ip="10.0.0.1", action="login"))
    watch.see(opened("S1", "P1", 110, kind="service", ip="10.0.0.1", category="note"))
    assert severities(watch, "A20") == ["medium", "high"]
    assert "used to sign in" in of(watch, "A20")[1].reasons[0]


def test_a20_far_more_in_an_hour() -> None:
    watch = Watch()
    habitual(watch)
    for number in range(20):
        watch.see(opened("S1", f"Q{number}", 97 + number / 100, kind="service", ip="10.0.0.1", category="labs"))
    assert any("far more charts in an hour" in finding.reasons[0] for finding in of(watch, "A20"))


def test_a20_the_first_days_of_an_account_are_its_habits() -> None:
    watch = Watch()
    watch.see(
        opened("S1", "P1", 1, kind="service", ip="10.0.0.1"), opened("S1", "P1", 30, kind="service", ip="10.0.0.9")
    )
    assert of(watch, "A20") == []


def test_a20_people_sign_in() -> None:
    watch = Watch()
    watch.see(*(access("U1", None, hour, action="login") for hour in range(100)))
    assert of(watch, "A20") == []
