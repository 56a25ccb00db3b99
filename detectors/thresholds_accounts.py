"""Thresholds of the patterns of accounts and rights: starting values of domain.md §3.3, all configurable."""

from dataclasses import dataclass


@dataclass(frozen=True)
class AccountThresholds:
    """Thresholds of A10, A13b, A14, A18, A20 and A25. What has no figure in the catalogue is marked as ours."""

    export_records: int = 500
    """A10: one export of more patients is a breach of the size that is reported at once (45 CFR 164.408)."""
    export_margin: float = 1.25
    export_least: int = 50
    export_least_bytes: int = 50_000_000
    """A10: what left in 24 hours or 30 days, times the role's 99th percentile, and the least that counts; ours."""
    carriers: tuple[str, ...] = ("usb", "removable", "mail", "cloud", "ftp", "webdrive")
    """A10: ways out of the house, by a part of the name of the application, or of what was written to."""
    leaving_days: float = 30.0
    leaving_share: float = 0.5
    """A10, A13b: how long before the end of the account, and at which part of a limit."""

    idle_days: float = 90.0
    returned_hours: float = 24.0
    """A14: first success after so long; what follows within hours belongs to it."""

    grant_hours: float = 24.0
    emergency_hours: float = 8.0
    identity_managers: tuple[str, ...] = ("iam", "identity", "sailpoint", "okta", "entra", "imprivata", "provision")
    """A18: applications through which rights are granted, by a part of their names."""

    service_days: float = 3.0
    service_known_days: float = 30.0
    service_volume_z: float = 6.0
    service_hours: int = 48
    """A20: days that an account must have been watched; how long what it did stays known; hours that make a baseline.
    The first and the last are ours."""

    unrelated_days: float = 7.0
    identity_parts: frozenset[str] = frozenset({"demographics", "identity", "insurance", "coverage", "appointment"})
    registration: tuple[str, ...] = ("regist", "schedul", "patient access", "front desk", "call center")
    """A25: parts of a record by which a patient is identified; roles whose work it is to change them."""
    altered_patients: int = 10
    """A25: patients in 7 days whose identity is changed before it is more than a slip of the mouse; ours."""
    identity_bulk: int = 10
    """A25: patients in 24 hours of whom both demographics and insurance were opened without a known reason; ours."""
