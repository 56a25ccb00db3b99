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
    for number, row in enumerate(csv.DictReader(lines), start=2):
        try:
            place = Place(float(row["lat"]), float(row["lon"]))
            if not (-90 <= place.lat <= 90 and -180 <= place.lon <= 180) or len(row["zip"]) not in (3, 5):
                raise ValueError
            places[row["zip"]] = place
        except (KeyError, TypeError, ValueError):
            message = f"line {number} of the table of ZIP codes: zip, lat and lon are needed"
            raise TableError(message) from None
    return places


def find(places: Mapping[str, Place], zip_code: str) -> Place | None:
    """Return where a ZIP code lies, by its five digits or its first three; None where unknown."""
    return places.get(zip_code[:5]) or places.get(zip_code[:3])
