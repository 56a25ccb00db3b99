"""Where ZIP codes lie, site-supplied: columns `zip,lat,lon`; three digits stand for all codes that begin so."""

import csv
from collections.abc import Iterable, Mapping

from msgspec import Struct

from detectors.reference.service_minutes import TableError


class Place(Struct, frozen=True):
    """A point on the Earth, in degrees."""

    lat: float
    lon: float


def load(lines: Iterable[str]) -> dict[str, Place]:
    """Read the table.

    Raises:
        TableError: naming the line that cannot be read.
    """
    places: dict[str, Place] = {}
    reader = csv.DictReader(lines)
    try:
        for row in reader:
            place = Place(float(row["lat"]), float(row["lon"]))
            if not (-90 <= place.lat <= 90 and -180 <= place.lon <= 180) or len(row["zip"]) not in (3, 5):
                raise ValueError
            places[row["zip"]] = place
    except (KeyError, TypeError, ValueError, csv.Error):
        message = (
            f"places of ZIP codes, line {reader.line_num}: expected zip,lat,lon with three or five digits and degrees"
        )
        raise TableError(message) from None
    return places


def find(places: Mapping[str, Place], zip_code: str) -> Place | None:
    """Return where a ZIP code lies, by its five digits or its first three; None where unknown."""
    return places.get(zip_code[:5]) or places.get(zip_code[:3])
