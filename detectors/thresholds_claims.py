"""Thresholds of the claim patterns: starting values of domain.md §2.2, all configurable."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ClaimThresholds:
    """Thresholds of B01b to B09, B16, B18, B19, B31, B32, B35 and B36, named after what they hold for."""

    window_days: int = 90
    """B02, B06, B07, B08, B16, B18: days of service over which a provider's claims are counted."""

    pairs_least: int = 20
    pairs_share_ceiling: float = 0.25
    pairs_split: int = 10
    """B02: pairs that make a rate; the rate that is telling where there are no peers to compare with; pairs spread over
    claims of several days that make it grave."""

    units_drug_prefix: str = "J"
    """B03: codes billed by a small unit, where milligrams are easily typed for units."""

    one_to_one_minutes: float = 720.0
    """B05b: time with one patient at a time, for one date of service; the long day of B05."""

    death_grace_days: int = 1
    death_interpretation_days: int = 30
    death_patients_critical: int = 3
    """B06."""

    elsewhere_series: int = 3
    elsewhere_in_person: tuple[str, ...] = ("11", "12", "13", "14", "15", "49", "50", "71", "72")
    """B07: places of service (CMS place-of-service code set) where a patient who lies in hospital cannot be."""

    presence_days: int = 2
    phantom_least: int = 10
    phantom_several: int = 5
    phantom_share: float = 0.05
    phantom_history: int = 20
    phantom_coverage: float = 0.8
    presence_not_expected_at: tuple[str, ...] = ("02", "10", "41", "42", "81")
    presence_not_by: tuple[str, ...] = ("bill", "coding", "coder", "him", "claim", "collect", "research", "quality")
    """B08. A provider is judged once `phantom_history` claims were held against the feeds, where on an ordinary day
    (the median) `phantom_coverage` of them are found there. Telehealth, ambulance and outside laboratories need no
    visit; people who work on bills see nobody."""

    cloned_claims: int = 15
    cloned_share: float = 0.8
    cloned_visits: int = 5
    cloned_expected: tuple[tuple[str, str], ...] = (
        ("90460", "90759"), ("G0008", "G0010"), ("90935", "90999"), ("96360", "96549"), ("87426", "87428"),
        ("87635", "87637"), ("U0001", "U0005"),
    )  # fmt: skip
    """B09: ranges of codes, both ends included, that are alike by nature: vaccination, dialysis, infusion and
    chemotherapy, tests of a campaign."""

    mismatch_cluster: int = 10
    mismatch_newborn_days: int = 28
    """B16."""

    bypass_least: int = 30
    bypass_share_ceiling: float = 0.8
    """B18: pairs that make a share; the share that is telling without peers."""

    filing_indicators: tuple[str, ...] = ("MA", "MB")
    dates_moved_days: int = 30
    delay_reasons_least: int = 10
    delay_reasons_share: float = 0.2
    """B19: payers (SBR09) with the limit of one calendar year; others have contracts."""

    denial_changes: int = 2
    denial_days: int = 180
    denial_chains: int = 5
    denial_chains_share: float = 0.02
    """B31."""

    raise_share: float = 0.2
    raise_days: int = 60
    audit_days: float = 14.0
    """B32."""

    drg_stays: int = 30
    drg_z: float = 3.0
    drg_weight: float = 1.5
    drg_short_least: int = 5
    drg_short_share: float = 0.2
    drg_single_least: int = 20
    drg_single_share: float = 0.8
    """B35: stays that make a share, and how far it stands from the peers (robust z); the weight that is high, and how
    many of its stays are too short; stays with a major complication, and the share that rests on one secondary
    diagnosis. OIG found a single one in half of them; weight and shares are ours."""

    peers_least: int = 10
    """Pairs from which on a provider stands among its peers."""
