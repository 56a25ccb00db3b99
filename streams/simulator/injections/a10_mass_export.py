"""A10: someone exports the records of more than 500 patients at once, without a ticket."""

from collections.abc import Iterator

from detectors.events.access import Resource, Volume
from streams.simulator.injections.scene import Scene
from streams.simulator.record import Simulated
from streams.simulator.sessions import ONSITE_CLASS, REMOTE_CLASS

RECORDS = (700, 1800)
"""Over 500, the size at which a breach must be reported at once (domain.md §4.1, H17)."""
_BYTES_A_RECORD = 40_000


def inject(scene: Scene) -> Iterator[Simulated]:
    """Yield a login and the export; from outside in every other incident."""
    rng = scene.rng
    user = scene.staff("billing_coding", "accounts") if scene.ordinal % 2 else scene.staff("physician", "clinic")
    kind = REMOTE_CLASS if scene.ordinal % 2 else ONSITE_CLASS
    at = scene.at(rng.uniform(18.5, 21.5))
    yield scene.session(user, at - 300, "login", kind=kind)
    records = int(rng.integers(*RECORDS))
    listing = Resource(type="List", category="report", id=f"EXPORT-{scene.ordinal + 1:04d}")
    volume = Volume(records=records, bytes=records * _BYTES_A_RECORD)
    yield scene.deed(user, "export", at, resource=listing, kind=kind, volume=volume)
