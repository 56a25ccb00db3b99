"""The cases that we put into the public sets: every one is of our making, and says what must find it.

Neither set has labels for what Wardwatch looks for. So each function adds one wrongdoing among the real rows, near the
end of their time, and returns it as a `Case`; the people who do it are new, the patients are those of the set.
"""

import datetime
from collections.abc import Iterator

from detectors.events import AccessEvent, BillingTransaction, ExclusionContext
from detectors.events.billing import Line
from tests.acceptance import handbook, synthea
from tests.acceptance.world import Case, World, event_of

ELSEWHERE = "organisation-without-patients"
HOUR, MINUTE, SECOND = (datetime.timedelta(seconds=n) for n in (3600, 60, 1))
DAY = 24 * HOUR

THERAPY = "90837"
"""Psychotherapy of 53 minutes at least, in the table of service minutes."""

CHARTS_AT_ONCE = 130
"""Charts opened in one hour: more than twice the 60 of a clinician (A09)."""


def into_synthea(world: World) -> World:
    """Add one case of each pattern that claims and accesses can show."""
    patients = list(dict.fromkeys(_patients(world)))
    now = _noon(world)
    since = datetime.datetime.fromtimestamp(world.context[0].time, datetime.UTC)
    _snooping(world, patients[:4], now, since)
    _mass_access(world, patients[:CHARTS_AT_ONCE], now, since)
    _ended_account(world, patients[0], now, since)
    _excluded_provider(world, patients[1], now)
    _impossible_day(world, patients[:30], now)
    _duplicates(world, patients, now)
    world.events.sort(key=lambda event: event.time)
    return world


def into_handbook(world: World) -> World:
    """Add one case of each pattern that payments can show."""
    now = _noon(world)
    _attack_on_terminal(world, now)
    _attack_from_address(world, now)
    _refunds_to_own_card(world, now)
    world.events.sort(key=lambda event: event.time)
    return world


def _snooping(world: World, patients: list[str], now: datetime.datetime, since: datetime.datetime) -> None:
    """A01: somebody opens charts of patients whom nobody of the own department has met."""
    user = "snooper-1"
    world.context.append(synthea.staff_record(user, ELSEWHERE, "physician", since))
    for n, patient in enumerate(patients):
        world.events.append(synthea.access(user, ELSEWHERE, "physician", patient, now + n * HOUR))
    _case(world, Case("snooping", "A01", "user", user))


def _mass_access(world: World, patients: list[str], now: datetime.datetime, since: datetime.datetime) -> None:
    """A09: a nurse opens charts by the hundred within one hour."""
    user = "collector-1"
    world.context.append(synthea.staff_record(user, ELSEWHERE, "nurse", since))
    for n, patient in enumerate(patients):
        world.events.append(synthea.access(user, ELSEWHERE, "nurse", patient, now + n * 20 * SECOND))
    _case(world, Case("mass access", "A09", "user", user))


def _ended_account(world: World, patient: str, now: datetime.datetime, since: datetime.datetime) -> None:
    """A13: an account is used a week after it ended."""
    user = "leaver-1"
    world.context.append(synthea.staff_record(user, ELSEWHERE, "physician", since, terminated_at=now - 7 * DAY))
    world.events.append(synthea.access(user, ELSEWHERE, "physician", patient, now))
    _case(world, Case("ended account", "A13", "user", user))


def _excluded_provider(world: World, patient: str, now: datetime.datetime) -> None:
    """B14: a provider on an exclusion list renders a service that is billed."""
    npi = synthea.npi_of("excluded-1")
    exclusion = ExclusionContext(from_=(now - 90 * DAY).date(), npi=npi, list="LEIE")
    world.context.append(event_of(synthea.PAYER, f"exclusion:{npi}", exclusion, (now - 60 * DAY).timestamp()))
    line = Line(n=1, code="99213", charge=12_000)
    world.events.append(synthea.claim("case-excluded", patient, "clinic-1", "excluded-1", lines=[line], at=now))
    _case(world, Case("excluded provider", "B14", "provider", npi))


def _impossible_day(world: World, patients: list[str], now: datetime.datetime) -> None:
    """B05: thirty psychotherapies of at least 53 minutes by one person on one date: 26.5 hours."""
    for n, patient in enumerate(patients):
        line = Line(n=1, code=THERAPY, units=1, charge=18_000)
        number = f"case-day-{n}"
        world.events.append(synthea.claim(number, patient, "clinic-1", "tireless-1", lines=[line], at=now + n * MINUTE))
    _case(world, Case("impossible day", "B05", "provider", synthea.npi_of("tireless-1")))


def _duplicates(world: World, patients: list[str], now: datetime.datetime) -> None:
    """B01: of 240 claims of one provider in two days 40 repeat an earlier one line by line."""
    start = now - 2 * DAY
    for n in range(240):
        original = n if n < 200 else n - 200
        patient = patients[original % len(patients)]
        line = Line(n=1, code="36415", charge=900 + original, dos_from=start.date())
        world.events.append(
            synthea.claim(
                f"case-burst-{n}", patient, "clinic-2", "repeater-1", lines=[line], at=start + n * 10 * MINUTE
            )
        )
    _case(world, Case("duplicate burst", "B01", "provider", synthea.npi_of("repeater-1")))


def _attack_on_terminal(world: World, now: datetime.datetime) -> None:
    """B25: thirty cards within half a minute at one terminal, nine of ten refused."""
    for n in range(30):
        patient = f"customer-attack-{n}"
        response = "00" if n % 10 == 9 else "05"
        world.events.append(
            handbook.payment(
                f"case-terminal-{n}", patient, f"tok-stolen-{n}", 100, now + n * SECOND,
                terminal="terminal-attacked", response=response,
            )
        )  # fmt: skip
    _case(world, Case("card attack at a terminal", "B25", "instrument", "terminal:terminal-attacked"))


def _attack_from_address(world: World, now: datetime.datetime) -> None:
    """B25: twelve cards within four minutes from one address."""
    for n in range(12):
        world.events.append(
            handbook.payment(
                f"case-address-{n}", f"customer-portal-{n}", f"tok-guessed-{n}", 4_000, now + n * 20 * SECOND,
                ip="203.0.113.77",
            )
        )  # fmt: skip
    _case(world, Case("card attack from an address", "B25", "instrument", "ip:203.0.113.77"))


def _refunds_to_own_card(world: World, now: datetime.datetime) -> None:
    """B22: a clerk refunds five payments of different patients to one card, which paid none of them."""
    clerk, card = "clerk-1", "tok-card-of-the-clerk"
    payments = [
        event
        for event in world.events
        if event.time < now.timestamp()
        and isinstance(event.data, BillingTransaction)
        and event.data.kind == "patient_payment"
        and event.data.amounts is not None
        and event.data.amounts.paid > 0
    ]
    for n, paid in enumerate(payments[:5]):
        world.events.append(handbook.refund(f"case-refund-{n}", paid, card, clerk, now + n * MINUTE))
    world.identifiers.add(card)
    _case(world, Case("refunds to another card", "B22", "user", clerk))


def _case(world: World, case: Case) -> None:
    world.cases.append(case)
    world.identifiers.add(case.ref.partition(":")[2] or case.ref)


def _patients(world: World) -> Iterator[str]:
    return (
        event.data.patient.ref
        for event in world.events
        if isinstance(event.data, AccessEvent) and event.data.patient is not None
    )


def _noon(world: World) -> datetime.datetime:
    """Return noon of the day before the newest access, or payment where there is none: most of the set lies before.

    Remittances come weeks after the last encounter, when the context is stale and A01 rightly says nothing.
    """
    accesses = [event.time for event in world.events if isinstance(event.data, AccessEvent)]
    newest = datetime.datetime.fromtimestamp(max(accesses or [event.time for event in world.events]), datetime.UTC)
    return newest.replace(hour=12, minute=0, second=0, microsecond=0) - DAY
