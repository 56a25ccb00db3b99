"""The hospital: its places, staff and patients, and how they look on events."""

import datetime
from dataclasses import dataclass

import numpy as np

from detectors.events.access import AccessedPatient, Actor, Geo
from detectors.events.billing import BilledPatient, Clerk, Member, Party
from streams.simulator.layout import Layout, build_layout
from streams.simulator.parameters import HABIT_SIGMA, OUTSIDE, PROVIDER_EFFECT_SIGMA, ROLES
from streams.simulator.people import CAMPUS, Patients, Staff, draw_patients, draw_staff, is_watched
from streams.simulator.providers import (
    ORGANISATION_NPI,
    ORGANISATION_TAXONOMY,
    OUTSIDE_FROM,
    TAXONOMIES,
    effects,
    npi,
)
from streams.simulator.timing import START, Calendar, Floats, Ints, calendar_from, generator, instant

_BLOCKS = 200
"""At any scale: one pair of user and patient in 200 are neighbours (5,538 of a million accesses; §6.1)."""
_DECEASED_DAYS_BEFORE = 90
_ZIPS = ("02114", "02115", "02118", "02120", "02127")
_AGE_BANDS = tuple(f"{decade}-{decade + 9}" for decade in range(0, 100, 10))


@dataclass(frozen=True, slots=True)
class Hospital:
    """A hospital drawn from a seed: the same scale, seed and calendar give the same hospital.

    Structs that it returns are shared between events: encode events, do not change them.
    """

    scale: float
    seed: int
    calendar: Calendar
    layout: Layout
    patients: Patients
    staff: Staff
    actors: list[Actor]
    npis: list[str]
    charges: Floats
    habits: Floats
    outside: dict[str, range]
    """Providers outside the staff by kind (laboratory, imaging, therapy), as numbers beyond those of the staff."""
    parties: list[Party]
    """What claims say of each provider."""

    def accessed(self, patient: int) -> AccessedPatient:
        """Return a patient as an access shows them."""
        people = self.patients
        return AccessedPatient(
            ref=patient_ref(patient),
            mrn_rank=patient,
            vip=bool(people.vip[patient]),
            deceased_at=self.deceased_at(patient),
            is_employee=bool(people.employee[patient]),
            last_name_tok=surname_token(people.surname[patient]),
            address_tok=address_token(people.address[patient]),
            geo5=area_code(people.area[patient]),
            block_tok=block_token(people.address[patient]),
            age_band=_AGE_BANDS[int(people.birth_day[patient]) // 3653],
        )

    def billed(self, patient: int) -> BilledPatient:
        """Return a patient as a claim shows them."""
        people = self.patients
        died = self.deceased_at(patient)
        return BilledPatient(
            ref=patient_ref(patient),
            birth_date=self.calendar.date(0) - datetime.timedelta(days=int(people.birth_day[patient])),
            sex="FM"[int(people.sex[patient])],  # type: ignore[arg-type]  # "F" or "M": mypy sees a str
            death_date=died.date() if died else None,
            zip3=area_code(people.area[patient])[:3],
            state="MA",
        )

    def member(self, patient: int) -> Member:
        """Return a patient as insured person."""
        return Member(ref=f"MBR{patient:06d}", payer_id=f"PAYER{patient % 7 + 1}", relationship="18")

    def deceased_at(self, patient: int) -> datetime.datetime | None:
        """Return when a patient died: three months before the start, or not at all."""
        if not self.patients.deceased[patient]:
            return None
        return instant(self.calendar.begin(-_DECEASED_DAYS_BEFORE))

    def rendering(self, provider: int) -> Party:
        """Return a provider as a claim shows them; laboratories are organisations."""
        return self.parties[provider]

    def is_laboratory(self, provider: int) -> bool:
        """Return whether a provider is a laboratory, which bills itself."""
        return provider in self.outside["laboratory"]

    def organisation(self) -> Party:
        """Return the hospital as billing provider."""
        return Party(
            npi=ORGANISATION_NPI, taxonomy=ORGANISATION_TAXONOMY, tin_ref="TIN-HOSPITAL", entity="2", zip="021140001"
        )

    def clerk(self, user: int) -> Clerk:
        """Return a member of staff as the one who posted a transaction."""
        actor = self.actors[user]
        return Clerk(ref=actor.id, role=actor.roles[0], dept=actor.dept)

    def home(self, user: int) -> Geo:
        """Return where a member of staff lives, as an address database knows it."""
        staff = self.staff
        return Geo(
            lat=round(float(staff.latitude[user]), 4), lon=round(float(staff.longitude[user]), 4), accuracy_km=10.0
        )

    def strangers(self) -> Ints:
        """Return living patients who do not come (`people.is_watched`), without VIPs and relatives of the staff."""
        people = self.patients
        alive = np.flatnonzero(~(people.deceased | people.vip | people.employee)[: people.n])
        alive = alive[is_watched(alive)]
        return alive[~np.isin(people.address[alive], self.staff.address)]

    def treats(self, user: int, patient: int) -> bool:
        """Return whether a patient attends the clinic where a member of staff works."""
        place = self.staff.place[user]
        return bool(place == self.patients.first_clinic[patient] or place == self.patients.second_clinic[patient])


ONSITE = Geo(lat=CAMPUS[0], lon=CAMPUS[1], accuracy_km=1.0)


def build_hospital(scale: float, seed: int, calendar: Calendar | None = None) -> Hospital:
    """Draw a hospital.

    Args:
        scale: 1.0 is the default hospital of domain.md §6.2; sizes grow linearly.
        seed: a whole number, not negative.
        calendar: the days that it will live through; those from `START` on where none is given.

    Raises:
        ValueError: for a scale that is not positive or a negative seed.
    """
    if scale <= 0 or seed < 0:
        raise ValueError("scale must be positive and seed not negative")
    layout = build_layout(scale)
    calendar = calendar or calendar_from(START)
    patients = draw_patients(scale, layout, generator(seed, "patients"))
    staff = draw_staff(scale, layout, patients, generator(seed, "staff"))
    actors = [
        Actor(
            id=user_ref(user),
            type="service" if ROLES[role].name == "service" else "human",
            roles=[ROLES[role].name],
            dept=layout.names[place],
            job_code=f"J{role:02d}",
        )
        for user, (role, place) in enumerate(zip(staff.role.tolist(), staff.place.tolist(), strict=True))
    ]
    outside: dict[str, range] = {}
    beyond = len(actors)
    for kind, (at_scale_one, least) in OUTSIDE.items():
        outside[kind] = range(beyond, beyond + max(least, round(at_scale_one * scale)))
        beyond = outside[kind].stop
    npis = [npi(number) for number in range(len(actors))]
    npis += [npi(OUTSIDE_FROM + number) for number in range(beyond - len(actors))]
    kinds = [actor.dept for actor in actors] + [kind for kind, numbers in outside.items() for _ in numbers]
    parties = [_party(number, kind, npis[number]) for number, kind in enumerate(kinds)]
    return Hospital(
        scale=scale,
        seed=seed,
        calendar=calendar,
        layout=layout,
        patients=patients,
        staff=staff,
        actors=actors,
        npis=npis,
        charges=effects(generator(seed, "charges"), len(npis), PROVIDER_EFFECT_SIGMA),
        habits=effects(generator(seed, "habits"), len(npis), HABIT_SIGMA),
        outside=outside,
        parties=parties,
    )


def _party(number: int, kind: str, own: str) -> Party:
    organisation = kind == "laboratory"
    return Party(
        npi=own,
        taxonomy=TAXONOMIES.get(kind, TAXONOMIES["Family Medicine"]),
        tin_ref=f"TIN-LAB-{number}" if organisation else "",
        entity="2" if organisation else "1",
        zip=_ZIPS[number % len(_ZIPS)],
    )


def patient_ref(patient: int) -> str:
    """Return the MRN of a patient."""
    return f"MRN{patient:06d}"


def user_ref(user: int) -> str:
    """Return the account of a member of staff."""
    return f"U{user:05d}"


def surname_token(surname: int) -> str:
    """Return a last name as a token-to-be."""
    return f"name-{surname:04d}"


def address_token(address: int) -> str:
    """Return an address as a token-to-be."""
    return f"address-{address:06d}"


def block_token(address: int) -> str:
    """Return the street block of an address as a token-to-be."""
    return f"block-{address % _BLOCKS:03d}"


def area_code(area: int) -> str:
    """Return a postal code of five digits."""
    return f"{2100 + area:05d}"
