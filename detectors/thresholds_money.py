"""Thresholds of the patterns of payments, refunds and write-offs: starting values of domain.md §2.2, configurable."""

from dataclasses import dataclass


@dataclass(frozen=True)
class MoneyThresholds:
    """Thresholds of B22 to B30 and B33. Amounts are in cents. What has no figure in the catalogue is marked as ours."""

    related_days: float = 30.0
    """B23: a payment so soon after a write-off of the same amount."""
    related_share: float = 0.01
    """B23: amounts that differ by no more are the same; ours."""
    write_off_least: int = 10
    """B23: fewer write-offs in 30 days are not held against the role's 99th percentile; ours."""
    small_balance: int = 2_500
    """B23: smaller ones are swept by the hundred and not counted for the rate; ours."""
    reasons_least: int = 30
    reasons_share: float = 0.5
    reasons_earlier_days: float = 120.0
    """B23: write-offs in 30 days and before them, and the share to which the entropy of their reasons falls; ours."""

    split_days: float = 5.0
    split_from: float = 0.8
    split_items: int = 3
    split_sum: float = 1.5
    cash_limit: int = 1_000_000
    """B24: items in [0.8 T, T) whose sum is at least 1.5 T. $10,000 in cash is reported (26 U.S.C. 6050I)."""

    kiosks: frozenset[str] = frozenset()
    """B25: `terminal:…`, `ip:…` or `device:…` of kiosks and front desks, where many cards are ordinary."""
    portal_z: float = 6.0
    portal_least: int = 10
    portal_windows: int = 36
    """B25: refused payments in ten minutes over a whole channel; windows before it speaks. The last two are ours."""

    card_declines_day: int = 10
    card_declines_month: int = 16
    """B25b: more than 10 a day (Mastercard), from the 16th in 30 days (Visa)."""

    home_countries: frozenset[str] = frozenset({"", "US", "USA", "840"})
    mismatches_avs: frozenset[str] = frozenset({"N", "C"})
    mismatches_cvv: frozenset[str] = frozenset({"N"})
    """B26: results of the address check (N no match, C not verified abroad) and of the security code (N no match)."""
    payments_least: int = 5
    """B26: earlier payments of a patient before a larger one than all of them means anything; ours."""
    card_patients: int = 3
    card_patients_days: float = 90.0
    shared_cards: frozenset[str] = frozenset()
    """B26: unrelated patients on one card; tokens of cards that pay for many, as a charity's."""

    payments_hour: int = 5
    payments_day_factor: float = 3.0
    payments_day_least: int = 6
    payments_days: int = 5
    """B27: payments in an hour, and in 24 hours against the own median day. The last two are ours: payments in a day
    before the median matters, and days with payments that make one."""
    overpaid_days: float = 30.0

    reset_days: float = 7.0
    change_days: float = 45.0
    first_payment_days: float = 10.0
    change_indicators: int = 2
    assisted_channels: frozenset[str] = frozenset({"helpdesk", "email", "phone", "fax", "call_center"})
    planned_payees: frozenset[str] = frozenset()
    """B28: payees whose treasury announced a change."""

    benford_least: int = 300
    benford_deviation: float = 0.015
    benford_weeks: int = 26
    benford_from: int = 1_000
    endings_least: int = 1_000
    endings_share: float = 0.1
    """B29: amounts from $10, mean absolute deviation of the first digit (Nigrini); share of amounts that end in 00 or
    50 cents, of at least so many, where 2 % are expected of even endings; that share is ours."""

    round_least: int = 20
    round_step: int = 5_000
    same_amount: int = 10
    posted_days: float = 30.0
    """B30."""

    deposit_days: float = 10.0
    """B33: so long after a payment was announced its money must have come."""

    withheld_factor: float = 3.0
    withheld_least: int = 1_000_000
    """B33: what payers withhold in a month (WO, FB) against the median of the months before; both ours."""
