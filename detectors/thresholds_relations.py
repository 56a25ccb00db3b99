"""Thresholds of the patterns that ask who a patient is to a user (domain.md §3.2 and §3.3; all configurable)."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class RelationThresholds:
    """Defaults: domain.md §3.3 where it has one; the others say where they come from."""

    coverage_share: float = 0.8
    coverage_least: int = 200
    coverage_per_user: int = 15
    """Below this share of explained accesses in a day, of at least so many, the context feed is doubted (§3.2).
    Of each user so many charts a day count, so that one user never makes a fifth of the least."""

    hr_event_days: float = 30.0
    """A02: notice or end of employment so shortly before the access makes it graver."""
    employee_health: tuple[str, ...] = ("employee health", "occupational health")
    """A02: departments that treat the staff, by a part of their names."""

    common_name_share: float = 0.002
    common_name_least: int = 3
    """A03: a surname of more of the known patients than this share (and than so many) is no evidence. In the
    simulated hospital, and in the US census of 2010, some sixty surnames are as common."""

    spike_users: float = 5.0
    spike_users_ordinary: float = 10.0
    """A06: users without a known reason in 24 hours at a patient of public interest, and at any other."""

    glass_days: float = 30.0
    glass_before_hours: float = 1.0
    glass_after_hours: float = 24.0
    glass_expiry_grace_minutes: float = 5.0
    """A07. The grace is ours: a chart that is open is closed within it."""
    glass_least: int = 5
    """A07: fewer emergency accesses in 30 days are not held against the role's 99th percentile; ours."""
    glass_codes: frozenset[str] = frozenset({"ETREAT", "BTG", "TREAT", "HRESCH", "COVERAGE"})
    """A07: reasons that are chosen from a list (v3-ActReason) and therefore always the same."""
    glass_departments: tuple[str, ...] = ("emergency", "intensive", "icu", "anesthes", "trauma", "code team")
    """A07: departments whose work it is, by a part of their names: no rate is held against them."""

    deceased_days: float = 30.0
    deceased_billing_days: float = 120.0
    deceased_roles: tuple[str, ...] = (
        "coding", "coder", "him", "health information", "release of information", "path", "transplant", "mortality",
        "quality", "coroner",
    )  # fmt: skip
    """A08: roles whose work goes on after a patient's death, by a part of role or department."""
    billing_roles: tuple[str, ...] = ("billing", "account", "claim", "collection")

    lift: float = 0.01
    lift_least: float = 50.0
    """A12. `lift_least`: so many accesses were to be expected before their absence means anything; ours."""

    category_days: float = 400.0
    seldom_share: float = 0.15
    seldom_least: int = 20
    usual_share: float = 0.055
    licensed: dict[str, tuple[str, ...]] = field(
        default_factory=lambda: {
            "PSY": ("psych", "behav", "mental"),
            "PSYTHPN": ("psych", "behav", "mental"),
            "SUD": ("addict", "substance", "detox", "psych", "behav"),
            "ETH": ("addict", "substance", "detox", "psych", "behav"),
            "HIV": ("infect", "immun", "hiv"),
            "SEX": ("obstet", "gynec", "women", "sexual", "urolog"),
            "GDIS": ("genetic", "oncolog"),
        }
    )
    """A01, A21. `seldom_share` is ours: where more of a user's charts have no known reason, as in a float pool, one
    more says little; it takes `seldom_least` charts to know.
    `usual_share` is what is expected of who is new: 94.5 of 100 accesses have a known reason (S:Fabbri13 has 94).
    `licensed` are departments whose daily work a protected category is, by a part of their names."""
    licensed_everywhere: tuple[str, ...] = ("pharm", "emergency", "laborator")
    """A21: shared services that meet every category."""

    clerical_roles: tuple[str, ...] = ("billing", "regist", "clerk", "account", "scheduler")
    clerical_readers: tuple[str, ...] = ("coding", "coder", "cdi", "denial", "appeal", "him", "health information")
    """A22: whose work needs no notes, and whose does although the first list names them."""
    clerical_days: int = 7
    clerical_least: int = 5

    interest_days: int = 4
    interest_window_days: int = 30
    """A24."""

    portal_accounts: int = 5
    portal_addresses: int = 3
    portal_days: float = 30.0
    portal_public: int = 50
    """A26. A family or a nursing home has one address; beyond `portal_public` accounts it is a public network."""
    proxy_export_days: float = 30.0
