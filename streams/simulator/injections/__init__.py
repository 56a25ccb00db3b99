"""Labelled injections: known-bad patterns put into an ordinary hospital, each in a module of its own."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from streams.simulator.hospital import Hospital
from streams.simulator.injections import (
    a01_casual_snooping,
    a05_self_access,
    a09_mass_access,
    a13_terminated_account,
    a16_impossible_travel,
    a17_failures_then_success,
    a19_scraping,
    b01_duplicate_burst,
    b05_impossible_day,
    b14_excluded_provider,
    b22_refund_abuse,
    b25_card_attack,
)
from streams.simulator.injections.scene import Scene
from streams.simulator.record import Label, Simulated
from streams.simulator.timing import generator


class Injection(NamedTuple):
    """How to inject a scenario, and how many incidents: per 30 days at scale 1, and at least, at any scale."""

    inject: Callable[[Scene], Iterator[Simulated]]
    per_30_days: float
    least: int = 1


INJECTIONS: dict[str, Injection] = {
    "B01": Injection(b01_duplicate_burst.inject, 3),
    "B05": Injection(b05_impossible_day.inject, 2),
    "B14": Injection(b14_excluded_provider.inject, 1),
    "B22": Injection(b22_refund_abuse.inject, 1),
    "B25": Injection(b25_card_attack.inject, 2),
    "A01": Injection(a01_casual_snooping.inject, 20, least=2),
    "A05": Injection(a05_self_access.inject, 4),
    "A09": Injection(a09_mass_access.inject, 3),
    "A13": Injection(a13_terminated_account.inject, 1),
    "A16": Injection(a16_impossible_travel.inject, 2),
    "A17": Injection(a17_failures_then_success.inject, 2),
    "A19": Injection(a19_scraping.fast, 1),
    "A19-slow": Injection(a19_scraping.slow, 1),
}
"""By scenario; numbers of domain.md §6.2 (A01: 20 incidents of two pairs on average make its 40 pairs; A05: ours)."""


def schedule(hospital: Hospital, days: int) -> dict[int, list[Scene]]:
    """Return the incidents of each day: shuffled by the seed, then spread evenly over the days."""
    planned = [
        (name, ordinal)
        for name, injection in INJECTIONS.items()
        for ordinal in range(max(injection.least, round(injection.per_30_days * days / 30 * hospital.scale)))
    ]
    generator(hospital.seed, "schedule").shuffle(planned)
    scenes: dict[int, list[Scene]] = {}
    for place, (name, ordinal) in enumerate(planned):
        day = place * days // len(planned)
        scene = Scene(
            hospital=hospital,
            rng=generator(hospital.seed, f"injection:{name}:{ordinal}"),
            day=day,
            days_left=days - day,
            ordinal=ordinal,
            name=name,
            label=Label(scenario=name, incident=f"{name}-{ordinal + 1:03d}"),
        )
        scenes.setdefault(day, []).append(scene)
    return scenes


def inject(scene: Scene) -> Iterator[Simulated]:
    """Yield the events of an incident, in any order; some may lie on later days."""
    return INJECTIONS[scene.name].inject(scene)
