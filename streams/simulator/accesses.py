"""Access events: chart opens spread into audit events, within sessions that begin and end."""

from collections.abc import Iterator
from typing import get_args

import numpy as np

from detectors.events import AccessEvent
from detectors.events.access import AccessedPatient, Action, BreakGlass, Outcome, Query, Resource, Volume
from streams.simulator.hospital import Hospital
from streams.simulator.parameters import EMERGENCY_OVERRIDES, EXPORTS, FAILED_LOGIN_SHARE, ROLES
from streams.simulator.people import ROLE_INDEX, SENSITIVE_CODES
from streams.simulator.record import ACCESS_SOURCE, Recorder, Simulated
from streams.simulator.sessions import Sessions
from streams.simulator.timing import HOUR, Floats, Ints, Rows, generator, instant

ACCESS = np.dtype(
    [("at", "f8"), ("user", "i4"), ("patient", "i4"), ("action", "i1"), ("part", "i1"), ("shift", "i4"), ("n", "i4")]
)
"""One audit event. `patient` is -1 for a session's own; `part` indexes `PARTS`; `shift` is the day it began on."""

ACTIONS: tuple[Action, ...] = get_args(Action)
_ACTION = {name: index for index, name in enumerate(ACTIONS)}
PARTS: dict[str, str] = {
    "summary": "Patient",
    "note": "DocumentReference",
    "result": "Observation",
    "medication": "MedicationRequest",
    "order": "ServiceRequest",
    "imaging": "ImagingStudy",
    "demographics": "Person",
    "insurance": "Coverage",
    "account": "Account",
}
"""Category of a part of the chart to the FHIR type of its resource."""
_PART = {name: index for index, name in enumerate(PARTS)}
_SENSITIVE_PARTS = ("note", "result", "medication")
_SECONDS_PER_EVENT = 9.0
_READ, _QUERY, _UPDATE, _PRINT = (_ACTION[name] for name in ("read", "query", "update", "print"))
_EXPORT, _OVERRIDE, _OVERRIDE_END = (_ACTION[name] for name in ("export", "break_glass_start", "break_glass_end"))
OVERRIDE_HOURS = 4
"""An emergency override expires after so many hours."""
_PAGES = (1, 1, 2, 3, 5, 8)
_BYTES_A_PAGE = 60_000
_DEEDS = (0.81, 0.05, 0.125, 0.015)
_EXPIRED_PASSWORD_SHARE = 0.3
_CHUNK = 8192
_RESULTS = 12


class Accesses:
    """The access log of a hospital, day by day; what runs past midnight waits for its day."""

    def __init__(self, hospital: Hospital) -> None:
        self._hospital = hospital
        self._record = Recorder(ACCESS_SOURCE, hospital.seed)
        self._sessions = Sessions(hospital)
        self._overnight = np.zeros(0, ACCESS)
        self._resources = resources()
        self._volumes = [Volume(records=1, pages=pages, bytes=pages * _BYTES_A_PAGE) for pages in _PAGES]
        self._queries = [Query(result_count=count) for count in range(_RESULTS)]

    def of_day(self, day: int, charts: Rows) -> Iterator[Simulated]:
        """Yield the accesses of `day` by time, given the chart opens of the shifts that begin on it."""
        hospital = self._hospital
        self._sessions.begin(day)
        rng = generator(hospital.seed, "accesses", day)
        opened = _spread(hospital, charts, rng)
        rows = np.concatenate([opened, _session_rows(hospital, opened, day, rng), _overrides(hospital, charts, day)])
        rows["shift"] = day
        rows["n"] = np.arange(len(rows))
        rows["at"] = np.round(rows["at"], 3)
        rows = np.concatenate([self._overnight, rows])
        tomorrow = rows["at"] >= hospital.calendar.begin(day + 1)
        self._overnight = rows[tomorrow]
        rows = rows[~tomorrow]
        return self._events(rows[np.argsort(rows["at"], kind="stable")])

    def _events(self, rows: Rows) -> Iterator[Simulated]:
        hospital, record, sessions = self._hospital, self._record, self._sessions
        seen: dict[int, AccessedPatient] = {}
        sensitive = hospital.patients.sensitive
        login, failed = _ACTION["login"], _ACTION["login_failed"]
        for start in range(0, len(rows), _CHUNK):
            for at, user, patient, action, part, shift, n in rows[start : start + _CHUNK].tolist():
                session, client, login_client = sessions.of(shift, user)
                outcome: Outcome = "minor_failure" if action == failed else "success"
                access = AccessEvent(
                    action=ACTIONS[action],
                    occurred_at=instant(at),
                    actor=hospital.actors[user],
                    outcome=outcome,
                    session=session,
                    client=login_client if action in (login, failed) else client,
                )
                if patient >= 0:
                    shown = seen.get(patient)
                    if shown is None:
                        shown = seen[patient] = hospital.accessed(patient)
                    access.patient = shown
                    access.resource = self._resources[part][sensitive[patient]]
                    if action == _QUERY:
                        access.query = self._queries[n % _RESULTS]
                    elif action in (_PRINT, _EXPORT):
                        access.volume = self._volumes[n % len(_PAGES)]
                    elif action in (_OVERRIDE, _OVERRIDE_END):
                        access.break_glass = break_glass(at, "ETREAT") if action == _OVERRIDE else BreakGlass()
                yield record(f"{shift}:{n}", at, access)


def break_glass(at: float, reason: str) -> BreakGlass:
    """Return an emergency override that begins at `at`; an empty `reason` was never given."""
    return BreakGlass(flag=True, reason_code=reason, expires_at=instant(at + OVERRIDE_HOURS * HOUR))


def resources() -> list[list[Resource]]:
    """Return the resource for each part of the chart and each sensitivity of the patient."""
    return [
        [
            Resource(type=kind, category=part, sensitivity=[code] if code and part in _SENSITIVE_PARTS else [])
            for code in SENSITIVE_CODES
        ]
        for part, kind in PARTS.items()
    ]


def resource_of(part: str, sensitivity: int) -> Resource:
    """Return one part of a chart as an access shows it."""
    return resources()[_PART[part]][sensitivity]


def _spread(hospital: Hospital, charts: Rows, rng: np.random.Generator) -> Rows:
    """Spread each chart open into its audit events, a few seconds apart."""
    counts = charts["events"].astype(np.int64)
    rows = np.zeros(int(counts.sum()), ACCESS)
    of_chart = np.repeat(np.arange(len(charts)), counts)
    rows["user"], rows["patient"] = charts["user"][of_chart], charts["patient"][of_chart]
    first = np.cumsum(counts) - counts
    gaps = rng.exponential(_SECONDS_PER_EVENT, len(rows))
    gaps[first] = 0.0
    elapsed = np.cumsum(gaps)
    rows["at"] = charts["at"][of_chart] + elapsed - elapsed[first][of_chart]
    rows["action"] = rng.choice([_READ, _QUERY, _UPDATE, _PRINT], len(rows), p=_DEEDS)
    # A chart that is opened shows its content at once.
    rows["action"][first] = _READ
    service = np.array([role.name == "service" for role in ROLES])[hospital.staff.role[rows["user"]]]
    rows["action"][service] = _READ
    records = hospital.staff.role[rows["user"]] == ROLE_INDEX["him_qa_research"]
    rows["action"][records & (rng.random(len(rows)) < EXPORTS)] = _EXPORT
    rows["part"] = _parts(hospital.staff.role[rows["user"]], rng)
    return rows


def _parts(roles: Ints, rng: np.random.Generator) -> Ints:
    parts = np.zeros(len(roles), dtype=np.int64)
    for index, role in enumerate(ROLES):
        mine = np.flatnonzero(roles == index)
        names = [_PART[name] for name, _ in role.categories]
        parts[mine] = rng.choice(names, len(mine), p=[weight for _, weight in role.categories])
    return parts


def _session_rows(hospital: Hospital, opened: Rows, day: int, rng: np.random.Generator) -> Rows:
    """Return a login before everyone's first access and a logout after the last, with some failures before logins."""
    users = np.unique(opened["user"])
    begins = np.full(len(hospital.actors), np.inf)
    ends = np.zeros(len(hospital.actors))
    np.minimum.at(begins, opened["user"], opened["at"])
    np.maximum.at(ends, opened["user"], opened["at"])
    human = hospital.staff.role[users] != len(ROLES) - 1
    users = users[human]
    failing = rng.random(len(users))
    failures = np.where(failing < FAILED_LOGIN_SHARE, rng.integers(1, 4, len(users)), 0)
    if hospital.calendar.is_first_monday(day):
        # Decoy: passwords have expired; a few failures each, far from ten in ten minutes.
        failures = np.where(failing < _EXPIRED_PASSWORD_SHARE, rng.integers(2, 7, len(users)), failures)
    before = begins[users] - rng.uniform(90.0, 400.0, len(users))
    logins = _rows(users, before, "login")
    logouts = _rows(users, ends[users] + rng.uniform(60.0, 900.0, len(users)), "logout")
    failed = _rows(np.repeat(users, failures), np.repeat(before, failures), "login_failed")
    failed["at"] -= rng.uniform(4.0, 90.0, len(failed))
    return np.concatenate([failed, logins, logouts])


def _overrides(hospital: Hospital, charts: Rows, day: int) -> Rows:
    """Return the emergency overrides: of emergency staff, for patients who are there, ended within the hour."""
    rng = generator(hospital.seed, "overrides", day)
    clinical = [ROLE_INDEX[name] for name in ("physician", "resident", "nurse")]
    there = hospital.staff.place[charts["user"]] == hospital.layout.named("Emergency")
    there &= np.isin(hospital.staff.role[charts["user"]], clinical)
    chosen = charts[there & charts["explained"] & (rng.random(len(charts)) < EMERGENCY_OVERRIDES)]
    begin = _rows(chosen["user"], chosen["at"] - rng.uniform(2.0, 20.0, len(chosen)), "break_glass_start")
    end = _rows(chosen["user"], chosen["at"] + rng.uniform(300.0, 3600.0, len(chosen)), "break_glass_end")
    for rows in (begin, end):
        rows["patient"] = chosen["patient"]
    return np.concatenate([begin, end])


def _rows(users: Ints, at: Floats, action: Action) -> Rows:
    rows = np.zeros(len(users), ACCESS)
    rows["user"], rows["at"], rows["action"], rows["patient"] = users, at, _ACTION[action], -1
    return rows
