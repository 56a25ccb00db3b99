"""The places of the hospital: clinics, wards and offices, as many as the scale calls for."""

import math
from dataclasses import dataclass

_CLINICS = (
    "Family Medicine", "Obstetrics", "Psychiatry", "Cardiology", "Orthopedics", "Internal Medicine", "Pediatrics",
    "Neurology", "Oncology", "Gastroenterology", "Dermatology", "Urology",
)  # fmt: skip
_SHARED: tuple[tuple[str, str], ...] = (
    ("Emergency", "emergency"),
    ("Hospital Medicine", "hospital"),
    ("Pharmacy", "ancillary"),
    ("Laboratory", "ancillary"),
    ("Radiology", "ancillary"),
    ("Patient Accounts", "accounts"),
    ("Coding", "coding"),
    ("Health Information", "records"),
    ("Integration", "integration"),
)
_LEAST_CLINICS, _LEAST_UNITS, _MOST_UNITS = 3, 2, 16


@dataclass(frozen=True, slots=True)
class Layout:
    """The names of the places and their kinds, by index; wards ("units") are places too."""

    names: tuple[str, ...]
    kinds: tuple[str, ...]

    def of_kind(self, kind: str) -> list[int]:
        """Return the places of a kind: clinic, unit, emergency, hospital, ancillary, accounts, coding, records."""
        return [place for place, own in enumerate(self.kinds) if own == kind]

    def named(self, name: str) -> int:
        """Return the place of that name."""
        return self.names.index(name)


def build_layout(scale: float) -> Layout:
    """Return the places at `scale`.

    Their number grows with the root of the scale: a hospital ten times as large has larger departments, too.
    """
    clinics = _CLINICS[: max(_LEAST_CLINICS, min(len(_CLINICS), round(len(_CLINICS) * math.sqrt(scale))))]
    units = max(_LEAST_UNITS, min(_MOST_UNITS, round(_MOST_UNITS * math.sqrt(scale))))
    places = [
        *((name, "clinic") for name in clinics),
        *_SHARED,
        *((f"Unit {number // 2 + 1}{'AB'[number % 2]}", "unit") for number in range(units)),
    ]
    return Layout(names=tuple(name for name, _ in places), kinds=tuple(kind for _, kind in places))
