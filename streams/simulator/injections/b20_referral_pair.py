"""B20: a physician begins to refer everything to one new laboratory, even for patients whom nobody saw.

Each incident has a physician of its own: who refers everything to two laboratories refers half to each.
"""

from collections.abc import Iterator

from detectors.events.billing import Party
from streams.simulator.injections.scene import Scene, line
from streams.simulator.providers import TAXONOMIES
from streams.simulator.record import Simulated

DAYS, ORDERS_A_DAY = 14, 12
"""More than the 50 of the rule (domain.md B20), and more than the physician orders elsewhere in these days."""
_CODES = ("80053", "80061", "83036", "84443")


def inject(scene: Scene) -> Iterator[Simulated]:
    """Yield the claims of the laboratory, which names the physician as referring; all are labelled."""
    hospital, rng = scene.hospital, scene.rng
    physician = scene.another("physician", "clinic")
    referring = Party(npi=hospital.npis[physician], entity="1")
    laboratory = scene.provider()
    billing = Party(
        npi=laboratory.npi, taxonomy=TAXONOMIES["laboratory"], tin_ref=f"TIN-{scene.name}-{scene.ordinal}",
        entity="2", zip=laboratory.zip,
    )  # fmt: skip
    for later, number in scene.over(DAYS, ORDERS_A_DAY):
        patient, dos = scene.patients(1)[0], scene.date(1 - later)
        services = [
            line(code, 1, int(rng.integers(3_000, 9_000)), dos, None, n=n)
            for n, code in enumerate(rng.choice(_CODES, 2, replace=False).tolist(), 1)
        ]
        at = scene.at(18.0, later) + number * 0.02
        yield scene.claim(
            patient, None, services, at, account=str(number), labelled=True, referring=referring, billing=billing
        )
