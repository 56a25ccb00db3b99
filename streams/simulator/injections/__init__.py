"""Labelled injections: known-bad patterns put into an ordinary hospital, each in a module of its own."""

import math
from collections.abc import Callable, Iterator
from typing import NamedTuple

from streams.simulator.hospital import Hospital
from streams.simulator.injections import (
    a01_casual_snooping,
    a02_coworker,
    a03_household,
    a05_self_access,
    a06_news_spike,
    a07_break_glass,
    a09_mass_access,
    a10_mass_export,
    a13_terminated_account,
    a13b_before_leaving,
    a14_dormant_account,
    a15_shared_credentials,
    a16_impossible_travel,
    a17_failures_then_success,
    a18_privilege,
    a19_scraping,
    a20_service_account,
    a21_sensitive_category,
    a23_restricted_record,
    a24_repeat_interest,
    a25_access_then_money,
    a26_shared_portal,
    a30_vendor,
    b01_duplicate_burst,
    b02_unbundling,
    b04_upcoding,
    b05_impossible_day,
    b06_after_death,
    b08_phantom,
    b11_new_provider,
    b14_excluded_provider,
    b18_modifier_59,
    b20_referral_pair,
    b21_sharing,
    b22_refund_abuse,
    b23_own_account,
    b24_split_payments,
    b25_card_attack,
    b26_stolen_card,
    b27_payment_velocity,
    b28_bank_change,
    b30_round_amounts,
    b33_missing_deposit,
    b33_other_account,
    b34_charges,
    b35_drg,
)
from streams.simulator.injections.scene import Scene
from streams.simulator.record import Label, Simulated
from streams.simulator.sessions import Sessions
from streams.simulator.timing import generator
from streams.simulator.visits import Agenda


class Injection(NamedTuple):
    """How to inject a scenario, and how many incidents: per 30 days at scale 1, and at least below it.

    `span` is how many days an incident takes: it begins early enough, where the days asked for allow it.
    `quiet` is the share of the days that come first without it: what it departs from needs a past. One that is `apart`
    draws its days by itself, so that those of all others stay as they were before it was added.
    """

    inject: Callable[[Scene], Iterator[Simulated]]
    per_30_days: float
    least: float = 2
    span: int = 1
    quiet: float = 0.0
    apart: bool = False

    def incidents(self, scale: float, days: int) -> int:
        """Return how many incidents so many days have."""
        least = self.least if scale < 1 else 0.0
        return max(1, round(max(least, self.per_30_days * scale) * days / 30))


INJECTIONS: dict[str, Injection] = {
    "B01": Injection(b01_duplicate_burst.inject, 3),
    "B02": Injection(b02_unbundling.inject, 2, span=b02_unbundling.DAYS),
    "B04": Injection(b04_upcoding.inject, 3, span=b04_upcoding.DAYS, quiet=0.3),
    "B05": Injection(b05_impossible_day.inject, 2),
    "B06": Injection(b06_after_death.inject, 2),
    "B08": Injection(b08_phantom.inject, 1, span=b08_phantom.DAYS),
    "B11": Injection(b11_new_provider.inject, 1, span=b11_new_provider.DAYS, quiet=0.3),
    "B14": Injection(b14_excluded_provider.inject, 1),
    "B18": Injection(b18_modifier_59.inject, 1, span=b18_modifier_59.DAYS),
    "B20": Injection(b20_referral_pair.inject, 1, span=b20_referral_pair.DAYS, quiet=0.3),
    "B22": Injection(b22_refund_abuse.inject, 1, span=3),
    "B24": Injection(b24_split_payments.inject, 2, span=b24_split_payments.DAYS),
    "B25": Injection(b25_card_attack.inject, 2),
    "B28": Injection(b28_bank_change.inject, 2, span=b28_bank_change.DAYS),
    "A01": Injection(a01_casual_snooping.inject, 20, least=8),
    "A02": Injection(a02_coworker.inject, 12, least=4, span=2),
    "A03": Injection(a03_household.inject, 15, least=4),
    "A05": Injection(a05_self_access.inject, 4),
    "A06": Injection(a06_news_spike.inject, 1, least=1),
    "A07": Injection(a07_break_glass.inject, 8, least=3),
    "A09": Injection(a09_mass_access.inject, 3),
    "A10": Injection(a10_mass_export.inject, 2),
    "A13": Injection(a13_terminated_account.inject, 1),
    "A15": Injection(a15_shared_credentials.inject, 3),
    "A16": Injection(a16_impossible_travel.inject, 2),
    "A17": Injection(a17_failures_then_success.inject, 2),
    "A18": Injection(a18_privilege.inject, 1),
    "A19": Injection(a19_scraping.fast, 1),
    "A19-slow": Injection(a19_scraping.slow, 1, span=a19_scraping.SLOW_DAYS),
    "A20": Injection(a20_service_account.inject, 1, quiet=0.3),
    "A21": Injection(a21_sensitive_category.inject, 6, least=3, quiet=0.2),
    "A24": Injection(a24_repeat_interest.inject, 2, span=a24_repeat_interest.DAYS),
    "A13b": Injection(a13b_before_leaving.inject, 2, quiet=0.1),
    "A23": Injection(a23_restricted_record.inject, 2),
    "A25": Injection(a25_access_then_money.inject, 2),
    "A26": Injection(a26_shared_portal.inject, 2),
    "A30": Injection(a30_vendor.inject, 2),
    "B23": Injection(b23_own_account.inject, 2),
    "B27": Injection(b27_payment_velocity.inject, 2),
    "A14": Injection(a14_dormant_account.inject, 2, apart=True),
    "B21": Injection(b21_sharing.inject, 1, span=b21_sharing.DAYS, apart=True),
    "B26": Injection(b26_stolen_card.inject, 2, apart=True),
    "B30": Injection(b30_round_amounts.inject, 2, span=b30_round_amounts.DAYS, apart=True),
    "B33": Injection(b33_other_account.inject, 2, span=b33_other_account.DAYS, apart=True),
    "B33-deposit": Injection(b33_missing_deposit.inject, 1, span=b33_missing_deposit.DAYS, apart=True),
    "B34": Injection(b34_charges.inject, 2, span=b34_charges.DAYS, quiet=0.5, apart=True),
    "B35": Injection(b35_drg.inject, 1, span=b35_drg.DAYS, apart=True),
}
"""By scenario; numbers of domain.md §6.2 (A01: 20 incidents of two pairs are its 40 pairs on average; B06: two of three
claims; A05 and from A13b on: ours).

The least numbers are ours, so that recall can be judged at a small scale: where §6.2 has one, two make a
month below scale 1.
"""


def schedule(hospital: Hospital, days: int, agenda: Agenda | None = None) -> dict[int, list[Scene]]:
    """Return the incidents of each day: shuffled by the seed, then spread evenly over the days; some draw their own."""
    sessions, visits = Sessions(hospital), agenda or Agenda(hospital)
    scenes: dict[int, list[Scene]] = {}
    for name, ordinal, day in [*_spread(hospital, days), *_drawn(hospital, days)]:
        scene = Scene(
            hospital=hospital,
            agenda=visits,
            sessions=sessions,
            rng=generator(hospital.seed, f"injection:{name}:{ordinal}"),
            day=day,
            days_left=days - day,
            ordinal=ordinal,
            name=name,
            label=Label(scenario=name, incident=f"{name}-{ordinal + 1:03d}"),
        )
        scenes.setdefault(day, []).append(scene)
    return scenes


def _spread(hospital: Hospital, days: int) -> Iterator[tuple[str, int, int]]:
    """Yield scenario, ordinal and day of the incidents that share the days evenly."""
    planned = [
        (name, ordinal)
        for name, injection in INJECTIONS.items()
        for ordinal in range(injection.incidents(hospital.scale, days))
        if not injection.apart
    ]
    generator(hospital.seed, "schedule").shuffle(planned)
    for place, (name, ordinal) in enumerate(planned):
        injection = INJECTIONS[name]
        day = max(place * days // len(planned), math.floor(injection.quiet * days))
        yield name, ordinal, max(min(day, days - injection.span), 0)


def _drawn(hospital: Hospital, days: int) -> Iterator[tuple[str, int, int]]:
    """Yield scenario, ordinal and day of the incidents that are apart."""
    for name, injection in INJECTIONS.items():
        if not injection.apart:
            continue
        rng = generator(hospital.seed, f"schedule:{name}")
        last = max(days - injection.span, 0)
        first = min(math.floor(injection.quiet * days), last)
        for ordinal in range(injection.incidents(hospital.scale, days)):
            yield name, ordinal, int(rng.integers(first, last + 1))


def inject(scene: Scene) -> Iterator[Simulated]:
    """Yield the events of an incident, in any order; some may lie on later days."""
    return INJECTIONS[scene.name].inject(scene)
