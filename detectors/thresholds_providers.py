"""Thresholds of the patterns of a provider's conduct: starting values of domain.md §2.2, all configurable."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ProviderThresholds:
    """Thresholds of B04, B10 to B13, B17, B20, B21 and B34."""

    window_days: int = 90
    """B04, B10, B17: dates of service that are looked at, up to the newest."""

    levels_least: int = 50
    levels_z: float = 3.0
    levels_top_z: float = 2.0
    levels_recent_days: int = 14
    levels_change_z: float = 4.0
    levels_change: float = 0.2
    """B04: visits with a level; how far the mean level stands from the peers (robust z), and with it, of fewer than 20
    peers, who have no 95th percentile, the share of the two highest levels (ours). The change of that share in the
    last days against the provider's own past: z of two proportions, and points (ours)."""

    charge_share: float = 0.995
    charge_factor: float = 2.0
    charge_least: int = 200
    """B34: the share of all charges for a service that the usual do not exceed, times that, and charges that must be
    known: of fewer the largest is the percentile (ours)."""

    closed_least: int = 20
    """B10: office claims for closed days."""

    new_days: int = 60
    new_watched_days: int = 10
    new_month_factor: float = 3.0
    """B11: how long a provider is new; how long claims must have been watched before anybody can be; times the peers'
    median month."""

    volume_z: float = 4.0
    volume_days: int = 2
    volume_of_days: int = 3
    volume_factor: float = 2.0
    volume_history: int = 20
    """B12: robust z on 2 of 3 working days, and twice the own level; working days of history before it speaks."""

    places_km: float = 160.0
    places_speed_kmh: float = 110.0
    places_sure_km: float = 800.0
    places_day_minutes: float = 960.0
    """B13: two places on one day; what is billed and the way between them must fit into 16 hours."""

    modifier_least: int = 50
    modifier_nearly_all: float = 0.97
    """B17: visits with a procedure, and the share with modifier 25 that is as good as all."""

    referral_days: int = 180
    referral_least: int = 50
    referral_step: float = 0.4
    referral_z: float = 5.0
    referral_alone: float = 0.15
    referral_step_days: int = 60
    referral_side: int = 10
    referral_concentration: float = 0.7
    referral_new_days: int = 180
    referral_unseen: float = 0.5
    """B20: orders looked at; the rise of one recipient's share of the cost within 60 days, with so many orders before
    and after it; how far chance must be from it (z of the orders), and by how much it must exceed the peers' median
    rise; the Herfindahl index that is high. It is grave where the recipient has had its number for so many days at
    most, and of so many of its orders no visit is known. z, sides, the distance from the peers and these two are ours.
    """

    sharing_weeks: int = 13
    sharing_jaccard: float = 0.5
    sharing_providers: int = 3
    sharing_least: int = 20
    """B21: weeks of service that are looked at; the share in common, and of how many providers; pairs of patient and
    week below which nothing is said. Weeks and pairs are ours."""
