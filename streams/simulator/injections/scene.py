"""What an injection has to work with: a hospital, a day, chance of its own, and hands to make events with."""

import datetime
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count

import msgspec
import numpy as np

from detectors.events import AccessEvent, BillingTransaction, Data, EncounterContext
from detectors.events.access import Action, BreakGlass, Client, Geo, Purpose, Resource, Session, Source, Volume
from detectors.events.billing import Claim, Diagnosis, Line, Party
from streams.simulator.accesses import resource_of
from streams.simulator.claim_records import totals
from streams.simulator.hospital import Hospital, patient_ref, user_ref
from streams.simulator.people import is_watched
from streams.simulator.providers import npi
from streams.simulator.record import ACCESS_SOURCE, BILLING_SOURCE, CONTEXT_SOURCE, Label, Recorder, Simulated
from streams.simulator.roster import duty_of
from streams.simulator.sessions import ONSITE_CLASS, Sessions, clients_of, session_id
from streams.simulator.timing import HOUR, Ints, Rows, instant
from streams.simulator.visits import INPATIENT, Agenda

_INJECTED_PROVIDERS_FROM = 80_000_000
_SCENARIOS = 9000
_LATELY_DAYS = 4
"""A unit's tie to a patient lasts a week after discharge (domain.md T3)."""
_HAVE_STRANGERS = ("A01", "A07", "A18", "A21", "A24", "A23", "A25")


@dataclass(frozen=True, slots=True)
class Scene:
    """One incident (or decoy) on one day. `days_left` counts the days from `day` on, itself included."""

    hospital: Hospital
    agenda: Agenda
    sessions: Sessions
    rng: np.random.Generator
    day: int
    days_left: int
    ordinal: int
    name: str
    label: Label | None = None
    decoy: str = ""
    _number: "count[int]" = field(default_factory=count)

    @property
    def labels(self) -> tuple[Label, ...]:
        """The labels of what belongs to the incident."""
        return (self.label,) if self.label else ()

    def at(self, hour: float, later: int = 0) -> float:
        """Return an hour of the day, or of a day later, in seconds since the epoch."""
        return round(self.hospital.calendar.begin(self.day + later) + hour * HOUR, 3)

    def date(self, before: int = 0) -> datetime.date:
        """Return the date of the day, or of a day before it."""
        return self.hospital.calendar.date(self.day - before)

    def staff(self, role: str, kind: str) -> int:
        """Choose someone of a role at a kind of place."""
        return int(self.rng.choice(self.hospital.staff.working_in(role, self.hospital.layout.of_kind(kind))))

    def another(self, role: str, kind: str) -> int:
        """Return someone of a role at a kind of place whom no other incident of this scenario is about."""
        candidates = self.hospital.staff.working_in(role, self.hospital.layout.of_kind(kind))
        return int(candidates[(zlib.crc32(self.name.encode()) + self.ordinal) % len(candidates)])

    def at_work(self, candidates: Ints, day: int | None = None) -> int:
        """Choose one of some members of staff: of those who work by day on the day, where there are any."""
        hospital = self.hospital
        day = self.day if day is None else day
        duty = duty_of(hospital, day)
        evening = hospital.calendar.begin(day) + 12 * HOUR
        there = candidates[duty.working[candidates] & (duty.start[candidates] < evening)]
        return int(self.rng.choice(there if len(there) else candidates))

    def strangers(self, n: int) -> list[int]:
        """Choose different patients who do not come to the hospital in these weeks; each scenario has its own."""
        everyone = self.hospital.strangers()
        own = everyone[_HAVE_STRANGERS.index(self.name) :: len(_HAVE_STRANGERS)]
        chosen: list[int] = self.rng.choice(own, n, replace=False).tolist()
        return chosen

    def over(self, days: int, each: int) -> Iterator[tuple[int, int]]:
        """Yield, for the working days of so many, so many times a day, the day (0 is this one) and a running number."""
        span = range(min(days, self.days_left))
        working = [later for later in span if self.hospital.calendar.weekday(self.day + later) < 5] or [*span]
        for number in range(len(working) * each):
            yield working[number // each], number

    def former(self) -> int:
        """Return someone whose account should have been closed."""
        gone = np.flatnonzero(self.hospital.staff.former)
        return int(gone[self.ordinal % len(gone)])

    def patients(self, n: int) -> list[int]:
        """Choose different living patients who come to the hospital at times."""
        people = self.hospital.patients
        living = np.flatnonzero(~people.deceased[: people.n])
        living = living[~is_watched(living)]
        chosen: list[int] = self.rng.choice(living, min(n, len(living)), replace=False).tolist()
        return chosen

    def lately_on_wards(self) -> Rows:
        """Return the stays that began before the day and ended on it, later, or in the four days before."""
        stays = np.concatenate(
            [self.agenda.stays(self.day - _LATELY_DAYS), self.agenda.between(self.day - _LATELY_DAYS + 1, self.day - 1)]
        )
        there: Rows = stays[stays["kind"] == INPATIENT]
        return there

    def provider(self) -> Party:
        """Return an outside provider of this incident alone."""
        number = _INJECTED_PROVIDERS_FROM + zlib.crc32(self.name.encode()) % _SCENARIOS * 1000 + self.ordinal
        return Party(npi=npi(number), taxonomy="2085R0202X", entity="1", zip="02118")

    def session(
        self,
        user: int,
        at: float,
        action: Action,
        *,
        kind: int,
        elsewhere: Geo | None = None,
        labelled: bool = False,
        part: str = "x",
    ) -> Simulated:
        """Return a login, failed login or logout."""
        silent, located = clients_of(self.hospital, user, kind, self.day % 40, elsewhere)
        access = AccessEvent(
            action=action,
            occurred_at=instant(at),
            actor=self.hospital.actors[user],
            outcome="minor_failure" if action == "login_failed" else "success",
            session=self._session(user, part),
            client=silent if action == "logout" else located,
        )
        return self.record(ACCESS_SOURCE, at, access, labelled=labelled)

    def opening(
        self,
        user: int,
        patient: int,
        at: float,
        *,
        kind: int,
        category: str = "summary",
        action: Action = "read",
        sensitivity: int | None = None,
        labelled: bool = True,
    ) -> Simulated:
        """Return one look at one part of a chart."""
        client, _ = clients_of(self.hospital, user, kind, self.day % 40)
        code = int(self.hospital.patients.sensitive[patient]) if sensitivity is None else sensitivity
        access = AccessEvent(
            action=action,
            occurred_at=instant(at),
            actor=self.hospital.actors[user],
            session=self._session(user, "x"),
            client=client,
            patient=self.hospital.accessed(patient),
            resource=resource_of(category, code),
        )
        return self.record(ACCESS_SOURCE, at, access, labelled=labelled)

    def look(
        self,
        user: int,
        patient: int,
        at: float,
        *,
        resource: Resource | None = None,
        action: Action = "read",
        override: BreakGlass | None = None,
        volume: Volume | None = None,
        labelled: bool = True,
        shift: int | None = None,
    ) -> Simulated:
        """Return an access from the session and machine of the user's shift on that day, or that began on `shift`."""
        day = self.hospital.calendar.day_of(at) if shift is None else shift
        session, client, _ = self.sessions.of(day, user)
        access = AccessEvent(
            action=action,
            occurred_at=instant(at),
            actor=self.hospital.actors[user],
            session=session,
            client=client,
            patient=self.hospital.accessed(patient),
            resource=resource or resource_of("summary", int(self.hospital.patients.sensitive[patient])),
            break_glass=override,
            volume=volume,
        )
        return self.record(ACCESS_SOURCE, at, access, labelled=labelled)

    def arrival(self, user: int, at: float, action: Action = "login") -> Simulated:
        """Return the login or logout of a user's session of the day, for who is not on duty by the plan."""
        session, client, located = self.sessions.of(self.day, user)
        access = AccessEvent(
            action=action,
            occurred_at=instant(at),
            actor=self.hospital.actors[user],
            session=session,
            client=client if action == "logout" else located,
        )
        return self.record(ACCESS_SOURCE, at, access, labelled=False)

    def deed(
        self,
        user: int,
        action: Action,
        at: float,
        *,
        resource: Resource,
        kind: int | None = ONSITE_CLASS,
        purpose: Purpose | None = None,
        volume: Volume | None = None,
        app: str = "",
        labelled: bool = True,
    ) -> Simulated:
        """Return what a user does to no single patient: an export, a change of rights, a change of a password.

        `kind` says from which kind of place; None is the user's own session and machine of the day.
        """
        if kind is None:
            session, client, _ = self.sessions.of(self.day, user)
        else:
            session = self._session(user, "x")
            client, _ = clients_of(self.hospital, user, kind, self.day % 40)
        client = msgspec.structs.replace(client, app=app or client.app)
        access = AccessEvent(
            action=action,
            occurred_at=instant(at),
            actor=self.hospital.actors[user],
            session=session,
            client=client,
            resource=resource,
            purpose=purpose,
            volume=volume,
        )
        return self.record(ACCESS_SOURCE, at, access, labelled=labelled)

    def active(self, user: int, patient: int, at: float, client: Client, part: str) -> Simulated:
        """Return a look at a chart in a session of its own, on a machine given."""
        access = AccessEvent(
            action="read",
            occurred_at=instant(at),
            actor=self.hospital.actors[user],
            session=self._session(user, part),
            client=client,
            patient=self.hospital.accessed(patient),
            resource=resource_of("summary", int(self.hospital.patients.sensitive[patient])),
        )
        return self.record(ACCESS_SOURCE, at, access, labelled=True)

    def visit(self, user: int | None, patient: int, at: float, *, dept: str = "") -> Simulated:
        """Return the visit of a patient to a physician, or to a department, as the hospital's other systems know it."""
        own = dept or (self.hospital.actors[user].dept if user is not None else "")
        encounter = EncounterContext(
            patient_ref=patient_ref(patient),
            encounter_id=f"E{self.name}:{self.ordinal}:{self.day}:{next(self._number)}",
            class_="outpatient",
            dept=own,
            unit=own,
            user_refs=[] if user is None else [user_ref(user)],
            admit_at=instant(at),
            discharge_at=instant(at + HOUR / 2),
            facility="main",
        )
        return self.known(at, encounter)

    def claim(
        self,
        patient: int,
        rendering: Party | None,
        lines: Sequence[Line],
        at: float,
        *,
        account: str,
        labelled: bool,
        referring: Party | None = None,
        billing: Party | None = None,
    ) -> Simulated:
        """Return a professional claim as submitted, all lines on one date of service."""
        day = lines[0].dos_from
        transaction = BillingTransaction(
            kind="claim_submitted",
            occurred_at=instant(at),
            src=Source(system="billing", format="x12_837p", file_id=f"file-{self.name}-{self.ordinal}"),
            claim=Claim(
                pcn=f"PCN-{self.name}-{self.ordinal}-{account}",
                frequency="1",
                type="professional",
                pos="11",
                from_=day,
                through=day,
                filing_indicator="MB",
                dx=[Diagnosis(code="M545", system="icd10cm", role="principal", seq=1)],
            ),
            patient=self.hospital.billed(patient),
            member=self.hospital.member(patient),
            billing=billing or self.hospital.organisation(),
            rendering=rendering,
            referring=referring,
            lines=list(lines),
            amounts=totals(list(lines)),
        )
        return self.record(BILLING_SOURCE, at, transaction, labelled=labelled)

    def record(self, source: str, at: float, data: Data, *, labelled: bool, completes: bool = False) -> Simulated:
        """Return an event of this scene, with its labels where it belongs to the incident."""
        key = f"{self.name}:{self.ordinal}:{self.day}:{next(self._number)}"
        labels = tuple(msgspec.structs.replace(label, completes=completes) for label in self.labels)
        item = Recorder(source, self.hospital.seed)(key, at, data, labels if labelled else ())
        item.prompt = True
        if self.decoy and source != CONTEXT_SOURCE:
            item.decoy = self.decoy
        return item

    def known(self, at: float, data: Data) -> Simulated:
        """Return a context event of this scene."""
        return self.record(CONTEXT_SOURCE, at, data, labelled=False)

    def _session(self, user: int, part: str) -> Session:
        return Session(id=session_id(self.day, user, f"-{part}{self.name}{self.ordinal}"), auth="password")


def line(
    code: str, units: int, charge: int, day: datetime.date, rendering: Party | None, *, n: int = 1, modifier: str = ""
) -> Line:
    """Return a service line of a claim."""
    return Line(
        n=n,
        code=code,
        code_system="HC",
        units=float(units),
        unit_basis="UN",
        modifiers=[modifier] if modifier else [],
        charge=charge,
        dos_from=day,
        dos_to=day,
        rendering_npi=rendering.npi if rendering else "",
    )
