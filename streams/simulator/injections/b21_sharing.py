"""B21: three practices that have nothing to do with each other bill for the same people, week by week."""

from collections.abc import Iterator

from detectors.events.billing import Party
from streams.simulator.injections.scene import Scene, line
from streams.simulator.providers import RING_FROM, TAXONOMIES, npi
from streams.simulator.record import Simulated

DAYS = 17
PATIENTS, DAYS_BETWEEN = 18, 4
"""Seen every fourth day over more than two weeks: on some working days of each week by all three."""
PRACTICES = (("therapy", "97110", 8_000), ("imaging", "71046", 9_000), ("Family Medicine", "99213", 14_000))
"""What each is, what it bills, and for how many cents at least."""


def ring_of(ordinal: int) -> list[tuple[Party, Party]]:
    """Return who renders and who bills in each practice of an incident; each has its own tax number and address."""
    first = RING_FROM + 10 * ordinal
    return [
        (
            Party(npi=npi(first + number), taxonomy=TAXONOMIES[kind], entity="1", zip=f"0245{number}"),
            Party(
                npi=npi(first + len(PRACTICES) + number),
                taxonomy=TAXONOMIES[kind],
                tin_ref=f"TIN-B21-{ordinal}-{number}",
                entity="2",
                zip=f"0245{number}{1000 + ordinal}",
            ),
        )
        for number, (kind, _, _) in enumerate(PRACTICES)
    ]


def inject(scene: Scene) -> Iterator[Simulated]:
    """Yield the claims of all three for the same patients, those of one day within a day; all are labelled."""
    patients, ring = scene.patients(PATIENTS), ring_of(scene.ordinal)
    for later, number in scene.over(DAYS, -(-PATIENTS // DAYS_BETWEEN)):
        patient = patients[number % len(patients)]
        for place, ((person, practice), (_, code, cents)) in enumerate(zip(ring, PRACTICES, strict=True)):
            charge = cents + int(scene.rng.integers(0, 6_000))
            service = line(code, 1, charge, scene.date(-later), person)
            at = scene.at((10.0, 14.0, 18.0)[place], later) + number * 0.02
            account = f"{number}-{place}"
            yield scene.claim(patient, person, [service], at, account=account, labelled=True, billing=practice)
