"""Decoys: ordinary work that looks suspicious and must not alert high (domain.md §6.2).

Some are scenes of their own, some are part of ordinary work and only marked, one repeats what was sent before.
"""

import datetime
import inspect
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

import msgspec

from detectors.events import AccessEvent, BillingTransaction
from streams.simulator.claims import fee_schedule_day
from streams.simulator.decoys import (
    clock_change,
    common_surname,
    float_pool,
    flu_clinic,
    gateway_outage,
    newborns,
    practice_acquisition,
    research_pull,
    vpn_egress,
)
from streams.simulator.hospital import Hospital
from streams.simulator.injections.scene import Scene
from streams.simulator.record import BILLING_SOURCE, Recorder, Simulated
from streams.simulator.sessions import Sessions
from streams.simulator.timing import Calendar, generator
from streams.simulator.visits import Agenda

_WEDNESDAY = 2
_FEE_SCHEDULE_DAYS = 2
_REPLAYED_UNTIL_HOUR, _REPLAYED_AFTER_HOURS = 11, 4


class Decoy(NamedTuple):
    """How to play a decoy, and when: so far into the days (0 to 1), or on every day that the calendar says."""

    play: Callable[[Scene], Iterator[Simulated]]
    share: float | None = None
    on: Callable[[Calendar, int], bool] | None = None


def _wednesday(calendar: Calendar, day: int) -> bool:
    return calendar.weekday(day) == _WEDNESDAY


def _clocks_change(calendar: Calendar, day: int) -> bool:
    return calendar.is_clock_change(day)


SCENES: dict[str, Decoy] = {
    "flu_clinic": Decoy(flu_clinic.inject, share=0.25),
    "float_pool": Decoy(float_pool.inject, share=0.35),
    "research_pull": Decoy(research_pull.inject, share=0.3),
    "practice_acquisition": Decoy(practice_acquisition.inject, share=0.4),
    "gateway_outage": Decoy(gateway_outage.inject, share=0.55),
    "common_surname": Decoy(common_surname.inject, share=0.6),
    "vpn_egress": Decoy(vpn_egress.inject, share=0.65),
    "newborns": Decoy(newborns.inject, on=_wednesday),
    "clock_change": Decoy(clock_change.inject, on=_clocks_change),
}
"""Decoys that are scenes of their own."""

MARKED = {
    "month_end_coding": "The last days of a month: coding works through three times as many charts.",
    "expired_passwords": "The first Monday of a month: many passwords have expired, and logins fail a few times.",
    "fee_schedule": "On the first of a month, or on day 17, charges rise by 12 %; the first claims are marked.",
    "claim_file_replay": "After a crash the claims of a morning are sent again, with the same claim numbers.",
}
"""Decoys that are ordinary work, and what they are."""

REPLAY_SHARE = 0.45


def descriptions() -> dict[str, str]:
    """Return every decoy and what it is, from the modules' own words."""
    own = {name: inspect.getdoc(inspect.getmodule(decoy.play)) or "" for name, decoy in SCENES.items()}
    return dict(sorted((own | MARKED).items()))


def scenes_of(hospital: Hospital, agenda: Agenda, sessions: Sessions, day: int, days: int) -> Iterator[Scene]:
    """Yield the scenes of `day`, of so many days."""
    for name, decoy in SCENES.items():
        due = decoy.on(hospital.calendar, day) if decoy.on else day == int((decoy.share or 0.0) * days)
        if due:
            yield Scene(
                hospital=hospital,
                agenda=agenda,
                sessions=sessions,
                rng=generator(hospital.seed, f"decoy:{name}", day),
                day=day,
                days_left=days - day,
                ordinal=0,
                name=name,
                decoy=name,
            )


def play(scene: Scene) -> Iterator[Simulated]:
    """Yield the events of a scene, in any order."""
    return SCENES[scene.name].play(scene)


def mark_accesses(hospital: Hospital, day: int, log: Iterator[Simulated]) -> Iterator[Simulated]:
    """Mark what of a day's accesses is a decoy; returns the log itself on days that have none."""
    if hospital.calendar.is_month_end(day):
        return _marked(log, "month_end_coding", _by_coding)
    if hospital.calendar.is_first_monday(day):
        return _marked(log, "expired_passwords", _is_failed_login)
    return log


def mark_claims(hospital: Hospital, claims: Iterator[Simulated]) -> Iterator[Simulated]:
    """Mark the claims for the first days of the new fee schedule."""
    first = hospital.calendar.date(fee_schedule_day(hospital))
    last = first + datetime.timedelta(days=_FEE_SCHEDULE_DAYS)

    def is_new(item: Simulated) -> bool:
        data = item.event.data
        claim = data.claim if isinstance(data, BillingTransaction) else None
        return bool(claim and claim.from_ and first <= claim.from_ < last)

    return _marked(claims, "fee_schedule", is_new)


def replayed(hospital: Hospital, claims: Iterable[Simulated]) -> Iterator[Simulated]:
    """Yield the claims of a morning's files again, four hours later, as new records about the same claims."""
    record = Recorder(BILLING_SOURCE, hospital.seed)
    later = datetime.timedelta(hours=_REPLAYED_AFTER_HOURS)
    for item in claims:
        data = item.event.data
        if not isinstance(data, BillingTransaction) or data.kind != "claim_submitted":
            continue
        # Services that were referred, and institutional claims: whoever sees patients is left to the patterns of days.
        if data.rendering and not data.referring:
            continue
        if data.occurred_at.hour < _REPLAYED_UNTIL_HOUR:
            again = msgspec.structs.replace(data, occurred_at=data.occurred_at + later)
            copy = record(f"replayed:{item.event.id}", item.event.time + later.total_seconds(), again)
            copy.decoy = "claim_file_replay"
            yield copy


def _marked(items: Iterator[Simulated], name: str, chosen: Callable[[Simulated], bool]) -> Iterator[Simulated]:
    for item in items:
        if chosen(item):
            item.decoy = name
        yield item


def _by_coding(item: Simulated) -> bool:
    data = item.event.data
    return isinstance(data, AccessEvent) and data.actor.dept == "Coding"


def _is_failed_login(item: Simulated) -> bool:
    data = item.event.data
    return isinstance(data, AccessEvent) and data.action == "login_failed"
