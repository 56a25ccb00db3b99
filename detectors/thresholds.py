"""Every threshold of the detectors in one typed place: starting values of domain.md, all configurable."""

from dataclasses import dataclass, field

from detectors.explain import Windows
from detectors.thresholds_accounts import AccountThresholds
from detectors.thresholds_behaviour import BehaviourThresholds
from detectors.thresholds_claims import ClaimThresholds
from detectors.thresholds_money import MoneyThresholds
from detectors.thresholds_providers import ProviderThresholds
from detectors.thresholds_relations import RelationThresholds


@dataclass(frozen=True)
class Thresholds:
    """Thresholds of the patterns, named after them. Defaults: domain.md §2.2 and §3.3."""

    windows: Windows = field(default_factory=Windows)
    relations: RelationThresholds = field(default_factory=RelationThresholds)
    behaviour: BehaviourThresholds = field(default_factory=BehaviourThresholds)
    claims: ClaimThresholds = field(default_factory=ClaimThresholds)
    providers: ProviderThresholds = field(default_factory=ProviderThresholds)
    money: MoneyThresholds = field(default_factory=MoneyThresholds)
    accounts: AccountThresholds = field(default_factory=AccountThresholds)

    mass_access_caps: tuple[tuple[str, int], ...] = (
        ("regist", 150), ("clerk", 150), ("billing", 150), ("coding", 150), ("him", 150), ("research", 150),
        ("pharm", 150), ("lab", 150), ("rad", 150), ("service", 100_000),
    )  # fmt: skip
    """A09: different patients an hour, by a part of the role's or department's name; the first match holds."""
    mass_access_cap: int = 60
    """A09: for every other role (clinicians)."""
    mass_access_floor: int = 20
    """A09: the limit never falls below this, however quiet a user's own history is."""
    mass_access_own_factor: float = 4.0
    mass_access_own_hours: int = 40
    """A09: worked hours before the own history lowers the limit."""

    account_grace_hours: float = 1.0
    """A13: success later than this after the end of the account."""

    travel_speed_kmh: float = 900.0
    travel_distance_km: float = 500.0
    travel_accuracy_km: float = 100.0
    """A16."""

    login_failures_minutes: float = 15.0
    """A17: window in which failures are counted."""

    scraping_minutes: float = 30.0
    scraping_patients: int = 20
    scraping_step: int = 3
    scraping_share: float = 0.7
    scraping_critical: int = 200
    """A19: patients with ranks at most `step` apart, covering at least `share` of the window."""

    duplicate_claims: int = 200
    duplicate_share_medium: float = 0.01
    duplicate_share_high: float = 0.05
    duplicate_days: int = 30
    """B01: duplicate share of a provider's claims."""

    day_minutes_critical: float = 1440.0
    day_minutes_high: float = 960.0
    day_minutes_long: float = 720.0
    long_days: int = 5
    long_days_window: int = 14
    week_minutes_high: float = 6000.0
    """B05: 1440 minutes is a whole day, 6000 minutes is 100 hours a week (Fang & Gong)."""

    refunds_to_one_token: int = 3
    refund_days: float = 30.0
    refund_limit_share: float = 0.05
    refund_history_days: float = 30.0
    """B22. `refund_history_days`: payments must have been watched this long before a missing one means anything."""

    card_cards: int = 5
    card_attempts_minute: int = 10
    card_decline_share: float = 0.7
    card_attempts_hour: int = 20
    card_small_count: int = 6
    card_small_cents: int = 500
    card_sustained_seconds: float = 300.0
    """B25."""
