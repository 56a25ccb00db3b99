"""The events by which every Python detector and shipped rule finds something: those of its own tests, recorded."""

import datetime
from collections.abc import Callable
from functools import partial
from typing import Any
from unittest import mock

from msgspec import Struct

from detectors.events import Data
from detectors.events.access import Resource
from tests.detectors import test_access_patterns as access_patterns
from tests.detectors import test_behaviour as behaviour
from tests.detectors import test_behaviour_trail as trail
from tests.detectors import test_billing_patterns as billing_patterns
from tests.detectors import test_charges as charges
from tests.detectors import test_coverage as coverage
from tests.detectors import test_explained_late as explained_late
from tests.detectors import test_impossible_days as impossible_days
from tests.detectors import test_provider_conduct as provider_conduct
from tests.detectors import test_referrals as referrals
from tests.detectors import test_relations_people as people
from tests.detectors import test_relations_records as records
from tests.detectors import test_sharing as sharing
from tests.detectors import test_stays as stays
from tests.detectors.claims import test_filing as filing
from tests.detectors.claims import test_lines as lines
from tests.detectors.claims import test_payments as payments
from tests.detectors.claims import test_presence as presence
from tests.detectors.looks import look
from tests.detectors.money import test_access_then_money as access_then_money
from tests.detectors.money import test_accounts as accounts
from tests.detectors.money import test_amounts as amounts
from tests.detectors.money import test_cards as cards
from tests.detectors.money import test_payees as payees
from tests.detectors.money import test_refunds as refunds
from tests.detectors.money.events import DAY, posted
from tests.detectors.watch import Watch, access


class Seen(Struct, frozen=True):
    """One event as a test showed it: when a context event was known, and the id where the test gave one."""

    data: Data
    known: datetime.datetime | None = None
    id: str = ""


class Recording(Struct, frozen=True):
    """What a test showed to one watch, and the arguments with which it made that."""

    arguments: dict[str, Any]
    seen: list[Seen]


def record(scenario: Callable[[], None]) -> list[Recording]:
    """Run a test, and return what it showed to each watch that it made."""
    recordings: dict[Watch, Recording] = {}
    make, show = Watch.__init__, Watch.see

    def made(watch: Watch, **arguments: Any) -> None:
        make(watch, **arguments)
        recordings[watch] = Recording(arguments, [])

    def see(watch: Watch, *data: Data, known: datetime.datetime | None = None, id: str = "") -> object:  # noqa: A002
        recordings[watch].seen.extend(Seen(one, known, id) for one in data)
        return show(watch, *data, known=known, id=id)

    with mock.patch.object(Watch, "__init__", made), mock.patch.object(Watch, "see", see):
        scenario()
    return list(recordings.values())


def _b24c() -> None:
    """Three refunds to one card, each below the limit."""
    watch = Watch()
    for number in range(3):
        watch.see(posted("refund", number * DAY, 45_000, patient=f"P{number}", card="c", limit=50_000))


def _a09_double() -> None:
    """Of a nurse more than 120 patients in an hour, twice the cap."""
    watch = Watch()
    watch.see(*(access("U1", f"P{number}", 1 + number / 200) for number in range(125)))


def _a27_audit_log_read() -> None:
    """A nurse reads the audit log."""
    watch = Watch()
    watch.see(look("U1", None, 9, resource=Resource(category="audit_log")))


SCENARIOS: dict[str, Callable[[], None]] = {
    "A06": people.test_a06_who_may_be_on_shift_counts_half,
    "A07": partial(records.test_a07_an_emergency_goes_with_a_visit, tie=None, expected=["low", "medium"]),
    "A10": accounts.test_a10_by_somebody_who_is_leaving_is_critical,
    "A13b": accounts.test_a13b_half_of_an_export,
    "A14": accounts.test_a14_the_directory_knows_of_months_before_the_first_access,
    "A16": access_patterns.test_a16_two_logins_too_far_apart,
    "A18": partial(
        accounts.test_a18_a_sensitive_record_with_the_new_right, hours=3, codes=("PSY",), known=False, found=True
    ),
    "A19": access_patterns.test_a19_twenty_neighbours_in_half_an_hour,
    "A20": accounts.test_a20_what_is_odd_within_a_day_comes_together,
    "A23": records.test_a23_a_place_on_the_list_that_comes_late_withdraws_and_the_departments_tie_does_not,
    "A24": people.test_a24_four_separate_days,
    "A25": access_then_money.test_a25_an_explanation_that_arrives_late_withdraws_it,
    "A25b": partial(access_then_money.test_a25b_what_it_takes_to_use_an_identity, patients=10, job="nurse", found=True),
    "B01": billing_patterns.test_b01_the_same_lines_again_are_a_duplicate,
    "B01b": lines.test_b01b_another_provider_of_the_same_group_and_specialty,
    "B01c": payments.test_b01c_a_line_that_is_paid_again,
    "B02": lines.test_b02_an_edit_holds_on_its_last_day,
    "B03": lines.test_b03_a_day_is_added_up_over_claims_and_a_line_is_not,
    "B04": provider_conduct.test_b04_a_provider_far_above_the_peers,
    "B05": impossible_days.test_b05_more_than_a_day_has,
    "B05b": filing.test_b05b_more_than_twelve_hours_one_by_one,
    "B06": presence.test_b06_a_death_that_is_learnt_after_the_claim_is_seen_when_it_is_paid,
    "B07": presence.test_b07_a_stay_that_is_billed_later_is_seen_when_the_claim_is_paid,
    "B08": presence.test_b08_claims_of_before_the_provider_was_known_count_once_it_is,
    "B09": presence.test_b09_five_visits_of_a_patient_that_are_one,
    "B10": provider_conduct.test_b10_office_claims_on_weekends_that_peers_do_not_have,
    "B11": provider_conduct.test_b11_a_new_provider_that_bills_more_than_the_peers,
    "B12": provider_conduct.test_b12_a_jump_on_two_of_three_days,
    "B13": provider_conduct.test_b13_a_neighbouring_town_or_time_for_the_way_is_possible,
    "B15": provider_conduct.test_b15_a_number_without_its_check_digit_goes_to_billing_quality,
    "B16": filing.test_b16_many_are_a_cluster_of_the_same_queue,
    "B17": provider_conduct.test_b17_modifier_25_with_nearly_every_procedure,
    "B18": partial(lines.test_b18_a_habit_of_thirty_pairs, modifier="59", fires=True),
    "B19": filing.test_b19_a_habit_of_excuses,
    "B20": referrals.test_b20_a_rise_is_seen_within_a_month,
    "B21": sharing.test_b21_three_practices_with_the_same_patients_in_the_same_weeks,
    "B35": stays.test_b35_more_complications_than_any_peer,
    "B22": billing_patterns.test_b22_four_refunds_by_one_clerk_to_one_card,
    "B22b": refunds.test_b22_a_payment_that_an_outage_stopped_is_no_payment,
    "B22c": partial(
        refunds.test_b22_a_refund_to_an_employees_card_is_critical, user="U1", words="the very user who posted it"
    ),
    "B23": partial(refunds.test_b23_whose_account_it_is, patient="PC", severity="medium", words="a colleague"),
    "B23b": refunds.test_b23_fewer_reasons_than_before,
    "B23c": refunds.test_b23_what_was_written_off_is_paid,
    "B24": refunds.test_b24_refunds_split_below_the_limit,
    "B24b": refunds.test_b24_cash_below_the_reporting_limit_by_any_cashier,
    "B24c": _b24c,
    "B25": billing_patterns.test_b25_five_cards_from_one_address_in_ten_minutes,
    "B25b": cards.test_b25b_more_than_ten_refusals_in_a_day,
    "B25c": cards.test_b25_a_whole_channel_has_more_refusals_than_ever,
    "B26": partial(
        cards.test_b26_a_check_that_failed_and_a_card_from_abroad, of_card={"avs": "N", "country": "RO"}, found=True
    ),
    "B26b": partial(
        cards.test_b26_one_card_for_unrelated_patients,
        homes=(("PA", "N1", "A1"), ("PB", "N2", "A2"), ("PC", "N3", "A3")),
        found=True,
    ),
    "B27": refunds.test_b27_more_than_five_payments_in_an_hour,
    "B28": payees.test_b28_signs_of_the_user_of_the_payee_and_of_the_account_come_together,
    "B29": amounts.test_b29_amounts_that_nearly_all_begin_with_four,
    "B30": amounts.test_b30_the_same_amount_ten_times,
    "B31": payments.test_b31_a_change_of_the_diagnosis_is_one_too,
    "B32": partial(payments.test_b32_a_void_after_an_audit_began, queue="Payer audit", hours=14, fires=True),
    "B33": payees.test_b33_a_change_of_long_ago_announces_nothing,
    "B33b": payees.test_b33_what_does_not_add_up_is_said_once_for_a_payment,
    "B33c": payees.test_b33_money_that_comes_late_withdraws_it,
    "B34": charges.test_b34_few_charges_are_no_measure,
    "B36": presence.test_b36_another_group_and_a_voided_surgery,
    "Q01": coverage.test_below_four_in_five_accusations_become_information,
    "Q02": partial(
        coverage.test_stale_context_is_said_once_instead_of_silence, n=24, expected=[("Q02", "all departments")]
    ),
    "a01_unexplained_first_access": access_patterns.test_a01_several_does_not_depend_on_the_order_of_arrival,
    "a01_unexplained_sensitive": records.test_a21_an_explained_access_is_known_ever_after,
    "a01_unexplained_several": access_patterns.test_a01_several_does_not_depend_on_the_order_of_arrival,
    "a02_coworker": people.test_a02_the_second_day_is_graver_and_an_explanation_withdraws,
    "a02_coworker_repeated": people.test_a02_the_second_day_is_graver_and_an_explanation_withdraws,
    "a03_family": people.test_a03_by_the_records_of_staff_and_patient,
    "a04_neighbour": people.test_a04_a_neighbour_is_a_feature_only,
    "a05_self_access": access_patterns.test_a05_the_own_record,
    "a05_self_edit": access_patterns.test_a05_the_own_record,
    "a06_public_interest": people.test_a06_a_person_of_public_interest,
    "a07_after_expiry": partial(records.test_a07_after_it_has_expired, minutes=6, expected=["high"]),
    "a07_break_glass": partial(records.test_a07_a_reason_is_given, code="", text=False, expected=True),
    "a07_many_uses": partial(records.test_a07_more_often_than_the_role, dept="Oncology", expected=["high"]),
    "a07_no_reason": partial(records.test_a07_a_reason_is_given, code="", text=False, expected=True),
    "a07_same_reason": partial(records.test_a07_the_same_words_five_times, code="pt care", expected=["high"]),
    "a08_deceased": partial(
        people.test_a08_the_dead_are_left_alone_but_for_work, days=121, job="billing", expected=["medium"]
    ),
    "a09_mass_access": access_patterns.test_a09_more_patients_in_an_hour_than_the_role_opens,
    "a09_mass_access_day": behaviour.test_a09_a_day_of_many_charts_against_the_own_days,
    "a09_mass_access_double": _a09_double,
    "a11_outside_shift": partial(behaviour.test_a11_away_from_the_shift, hours=186.9, away=167.9),
    "a11_unusual_hour": behaviour.test_a11_an_hour_at_which_the_user_never_works,
    "a12_department": people.test_a12_departments_that_have_nothing_to_do_with_each_other,
    "a13_account_ended": access_patterns.test_a13_success_after_the_account_ended,
    "a15_inside_and_outside": behaviour.test_a15_inside_and_outside_needs_less_and_weighs_more,
    "a15_two_machines": behaviour.test_a15_two_places_in_turn,
    "a17_failures_then_success": access_patterns.test_a17_ten_failures_then_success,
    "a17_many_users": behaviour.test_a17_twenty_users_at_one_address,
    "a17b_refused_pushes": behaviour.test_a17b_refused_second_factors_and_then_a_login,
    "a17b_reset_mass_access": behaviour.test_a17b_a_reset_a_new_device_and_many_charts,
    "a17b_reset_new_device": behaviour.test_a17b_a_reset_a_new_device_and_many_charts,
    "a18_emergency_role_kept": accounts.test_a18_an_emergency_role_is_given_back_within_eight_hours,
    "a18_granted_and_revoked": partial(accounts.test_a18_granted_and_taken_away, hours=3, right="notes", found=True),
    "a18_outside_identity_management": accounts.test_a18_outside_identity_management,
    "a18_self_grant": accounts.test_a18_a_right_of_ones_own,
    "a19_even_pace": access_patterns.test_a19_gaps_in_the_numbers_do_not_hide_it,
    "a19_lookups": explained_late.test_a19_falls_when_tasks_leave_too_few_without_a_reason_and_may_come_again,
    "a19_slow_run": access_patterns.test_a19_twenty_neighbours_in_half_an_hour,
    "a19b_searches": trail.test_a19b_fifty_searches_and_few_charts,
    "a19b_wide_searches": partial(
        trail.test_a19b_searches_that_list_everybody, searches=10, results=100, found={"A19b"}
    ),
    "a21_first_of_category": records.test_a21_an_explained_access_is_known_ever_after,
    "a21_part_two": partial(records.test_a21_what_is_protected_most_is_so_every_time, code="SUD", expected="medium"),
    "a21_separate_notes": partial(
        records.test_a21_what_is_protected_most_is_so_every_time, code="PSYTHPN", expected="high"
    ),
    "a22_clerical_note": records.test_a22_more_than_the_role,
    "a22_clerical_notes": records.test_a22_more_than_the_role,
    "a26_proxy_export": partial(records.test_a26_a_new_proxy_takes_records_away, days=1, expected=[("son", "medium")]),
    "a26_shared_device": records.test_a26_a_public_network_is_nobody,
    "a27_audit_log_read": _a27_audit_log_read,
    "a27_audit_tamper": coverage.test_other_patterns_are_not_suppressed,
    "a29_sequence": behaviour.test_a29_an_order_that_the_role_never_takes,
    "a30_vendor_outside": partial(
        records.test_a30_a_vendor_keeps_to_the_session, hours=243.0, expected=[("V1", "high")]
    ),
    "a30_vendor_unapproved": records.test_a30_a_ticket_is_enough_and_without_any_session_it_weighs_less,
    "b14_excluded_party": partial(billing_patterns.test_b14_an_excluded_party_in_any_role, role="billing"),
    "b22_just_below_limit": partial(billing_patterns.test_b22_just_below_the_approval_limit, cents=47500, fires=True),
    "b22_refund_over_payment": billing_patterns.test_b22_two_refunds_larger_than_the_payment,
    "b22_refund_to_other_instrument": refunds.test_b22_with_a_clerk_the_rule_of_the_clerk_speaks,
    "b22_refund_without_payment": (
        billing_patterns.test_b22_no_payment_means_something_only_after_thirty_days_of_watching
    ),
    "b22_self_approved": billing_patterns.test_b22_who_posts_does_not_approve,
    "b23_reversed_after_close": partial(refunds.test_b23_reversed_after_the_period, period="2026-02-28", days=2),
    "b27_overpaid_then_refunded": partial(
        refunds.test_b27_overpaid_then_refunded_to_another_card, owed=10000, card="card-2", days=3, found=True
    ),
}
"""Detector or rule to a test of its own in which it finds something."""
