"""Diagnosis-related groups of inpatient stays: three families, by complications, with made-up weights."""

import numpy as np

from streams.simulator.timing import Ints

DRG_COLUMNS = ("MS-DRG", "MDC", "TYPE", "MS-DRG Title", "Weights", "Geometric mean LOS", "Arithmetic mean LOS")
"""As in Table 5 of Medicare's inpatient rule; titles are of the US government, figures are ours."""

DRG_WEIGHTS = (
    ("193", "04", "MED", "SIMPLE PNEUMONIA AND PLEURISY WITH MCC", "1.60", "4.4", "5.6"),
    ("194", "04", "MED", "SIMPLE PNEUMONIA AND PLEURISY WITH CC", "1.00", "3.4", "4.2"),
    ("195", "04", "MED", "SIMPLE PNEUMONIA AND PLEURISY WITHOUT CC/MCC", "0.70", "2.4", "2.9"),
    ("637", "10", "MED", "DIABETES WITH MCC", "1.55", "4.4", "5.5"),
    ("638", "10", "MED", "DIABETES WITH CC", "0.90", "3.2", "4.0"),
    ("639", "10", "MED", "DIABETES WITHOUT CC/MCC", "0.65", "2.3", "2.7"),
    ("689", "11", "MED", "KIDNEY AND URINARY TRACT INFECTIONS WITH MCC", "1.52", "4.3", "5.3"),
    ("690", "11", "MED", "KIDNEY AND URINARY TRACT INFECTIONS WITHOUT MCC", "0.85", "3.0", "3.6"),
)

_WITH_MCC, _WITH_CC, _WITHOUT = np.array([193, 637, 689]), np.array([194, 638, 690]), np.array([195, 639, 690])
_BY_NIGHTS = ((2, 0.02, 0.25), (4, 0.18, 0.45), (10_000, 0.45, 0.40))
"""Up to so many nights: the shares with a major and with another complication. Who is sicker stays longer."""


def groups_of(nights: Ints, rng: np.random.Generator) -> Ints:
    """Draw the group of each stay."""
    family, fate = rng.integers(0, 3, len(nights)), rng.random(len(nights))
    bands = np.searchsorted([up_to for up_to, _, _ in _BY_NIGHTS], nights)
    major = np.array([share for _, share, _ in _BY_NIGHTS])[bands]
    other = np.array([share for _, _, share in _BY_NIGHTS])[bands]
    groups: Ints = np.where(
        fate < major, _WITH_MCC[family], np.where(fate < major + other, _WITH_CC[family], _WITHOUT[family])
    )
    return groups
