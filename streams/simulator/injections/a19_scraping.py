"""A19: charts are opened in the order of their numbers, fast by a script or slowly by a patient hand."""

from collections.abc import Iterator

from streams.simulator.injections.scene import Scene
from streams.simulator.people import is_watched
from streams.simulator.record import Simulated
from streams.simulator.sessions import ONSITE_CLASS, VPN_CLASS

FAST_CHARTS, FAST_SECONDS = 60, 20.0
"""60 charts, one every 20 s: 20 min, within the window of 30 min and over its 20 patients (domain.md A19)."""
SLOW_AN_HOUR, SLOW_HOURS, SLOW_DAYS = 3, 8, 3
LARGEST_STEP = 3


def fast(scene: Scene) -> Iterator[Simulated]:
    """Yield a run of charts whose numbers grow by one to three."""
    user = scene.staff("ma_registrar", "clinic")
    begin = scene.at(scene.rng.uniform(20.0, 22.0))
    yield scene.session(user, begin - 60, "login", kind=VPN_CLASS)
    for number, patient in enumerate(_run(scene, user, FAST_CHARTS)):
        at = round(begin + number * FAST_SECONDS + scene.rng.uniform(0, 1), 3)
        yield scene.opening(user, patient, at, kind=VPN_CLASS, category="demographics")


def slow(scene: Scene) -> Iterator[Simulated]:
    """Yield three charts an hour, 09:00 to 17:00, on up to three days: under the window of the rule for the fast."""
    user = scene.staff("ma_registrar", "clinic")
    days = min(SLOW_DAYS, scene.days_left)
    run = _run(scene, user, SLOW_AN_HOUR * SLOW_HOURS * days)
    for number, patient in enumerate(run):
        later, nth = divmod(number, SLOW_AN_HOUR * SLOW_HOURS)
        hour = 9.0 + (nth + 0.5 + scene.rng.uniform(-0.3, 0.3)) / SLOW_AN_HOUR
        yield scene.opening(user, patient, scene.at(hour, later), kind=ONSITE_CLASS, category="demographics")


def _run(scene: Scene, user: int, n: int) -> list[int]:
    """Return patients in the order of their numbers; the few kept for first accesses and the own chart are left out."""
    people = scene.hospital.patients.n
    step = scene.rng.integers(1, LARGEST_STEP + 1, n + n // 5 + 2).cumsum()
    run = scene.rng.integers(0, people - int(step[-1]) - 1) + step
    left_out = is_watched(run) | (run == scene.hospital.staff.patient[user])
    chosen: list[int] = run[~left_out][:n].tolist()
    return chosen
