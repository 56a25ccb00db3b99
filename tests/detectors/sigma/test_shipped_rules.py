"""The rules that come with Wardwatch: their own tests, and what all of them have to keep."""

import re
from pathlib import Path

import pytest

from detectors.notes import NOTE_NAMES
from detectors.sigma import CompiledRule, RuleSet, load_rules, shipped_rules
from detectors.sigma.testing import RuleTest, run_test

RULES: RuleSet = load_rules([shipped_rules()], NOTE_NAMES)
BY_NAME = {rule.name: rule for rule in RULES.rules}


@pytest.mark.parametrize("test", RULES.tests, ids=[f"{test.rule}: {test.name}" for test in RULES.tests])
def test_of_the_rule_file(test: RuleTest) -> None:
    assert run_test(test, BY_NAME[test.rule]) is None


def test_every_rule_is_shown_both_kinds_of_events() -> None:
    assert RULES.check() == []


# domain.md §2.2 and §3.3, column "sev".
LEVELS = {
    "a01_unexplained_first_access": ("A01", "low"),
    "a01_unexplained_sensitive": ("A01", "medium"),
    "a01_unexplained_several": ("A01", "medium"),
    "a02_coworker": ("A02", "medium"),
    "a02_coworker_repeated": ("A02", "high"),
    "a03_family": ("A03", "medium"),
    "a04_neighbour": ("A04", "info"),
    "a05_self_access": ("A05", "low"),
    "a05_self_edit": ("A05", "medium"),
    "a06_public_interest": ("A06", "high"),
    "a07_after_expiry": ("A07", "high"),
    "a07_break_glass": ("A07", "low"),
    "a07_many_uses": ("A07", "high"),
    "a07_no_reason": ("A07", "medium"),
    "a07_same_reason": ("A07", "high"),
    "a08_deceased": ("A08", "medium"),
    "a09_mass_access": ("A09", "medium"),
    "a09_mass_access_day": ("A09", "medium"),
    "a09_mass_access_double": ("A09", "high"),
    "a11_outside_shift": ("A11", "low"),
    "a11_unusual_hour": ("A11", "info"),
    "a12_department": ("A12", "info"),
    "a13_account_ended": ("A13", "critical"),
    "a15_inside_and_outside": ("A15", "high"),
    "a15_two_machines": ("A15", "medium"),
    "a17_failures_then_success": ("A17", "high"),
    "a17_many_users": ("A17", "high"),
    "a17b_refused_pushes": ("A17b", "high"),
    "a17b_reset_mass_access": ("A17b", "high"),
    "a17b_reset_new_device": ("A17b", "low"),
    "a18_emergency_role_kept": ("A18", "high"),
    "a18_granted_and_revoked": ("A18", "high"),
    "a18_outside_identity_management": ("A18", "high"),
    "a18_self_grant": ("A18", "critical"),
    "a19_even_pace": ("A19", "high"),
    "a19_lookups": ("A19", "high"),
    "a19_slow_run": ("A19", "high"),
    "a19b_searches": ("A19b", "medium"),
    "a19b_wide_searches": ("A19b", "medium"),
    "a21_first_of_category": ("A21", "high"),
    "a21_part_two": ("A21", "medium"),
    "a21_separate_notes": ("A21", "high"),
    "a22_clerical_note": ("A22", "low"),
    "a22_clerical_notes": ("A22", "medium"),
    "a26_proxy_export": ("A26", "medium"),
    "a26_shared_device": ("A26", "high"),
    "a27_audit_log_read": ("A27", "high"),
    "a27_audit_tamper": ("A27", "critical"),
    "a29_sequence": ("A29", "info"),
    "a30_vendor_outside": ("A30", "high"),
    "a30_vendor_unapproved": ("A30", "medium"),
    "b14_excluded_party": ("B14", "critical"),
    "b22_just_below_limit": ("B22", "high"),
    "b22_refund_over_payment": ("B22", "high"),
    "b22_refund_to_other_instrument": ("B22", "high"),
    "b22_refund_without_payment": ("B22", "high"),
    "b22_self_approved": ("B22", "high"),
    "b23_reversed_after_close": ("B23", "medium"),
    "b27_overpaid_then_refunded": ("B27", "high"),
}


def test_patterns_and_levels_are_those_of_the_catalogue() -> None:
    assert {rule.name: (rule.catalogue, rule.severity) for rule in RULES.rules} == LEVELS


@pytest.mark.parametrize("rule", RULES.rules, ids=BY_NAME)
def test_metadata_is_complete(rule: CompiledRule) -> None:
    header = rule.header
    assert header.name == header.file.removesuffix(".yml")
    assert header.references
    assert header.falsepositives
    assert header.tags == (f"wardwatch.{rule.catalogue.lower()}",)
    assert re.fullmatch(r"[A-Z].*\.", header.wardwatch.reason)
    assert len(rule.title) <= 60


def test_files_are_written_as_sigma_asks() -> None:
    for entry in shipped_rules().iterdir():
        if entry.name.endswith(".yml"):
            lines = Path(str(entry)).read_text().splitlines()
            assert not [line for line in lines if "\t" in line or line != line.rstrip()], entry.name
