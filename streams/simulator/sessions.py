"""Sessions and machines: where a member of staff logs in from, and what their accesses show of it."""

import numpy as np

from detectors.events.access import Client, Geo, Session
from streams.simulator.hospital import ONSITE, Hospital
from streams.simulator.parameters import ROLES
from streams.simulator.timing import Ints, generator

IP_CLASSES = ("onsite", "vpn", "remote")
ONSITE_CLASS, VPN_CLASS, REMOTE_CLASS = 0, 1, 2
_VPN_AMONG_REMOTE = 0.75
_WORKSTATIONS_PER_PLACE = 40


class Sessions:
    """The sessions of the days in use. One session for each member of staff and shift."""

    def __init__(self, hospital: Hospital) -> None:
        self._hospital = hospital
        self._days: dict[int, tuple[Ints, Ints]] = {}
        self._parts: dict[tuple[int, int], tuple[Session, Client, Client]] = {}

    def begin(self, day: int) -> None:
        """Forget what is over when `day` begins: shifts end on the day after the one they begin on."""
        for old in [known for known in self._days if known < day - 1]:
            del self._days[old]
        self._parts = {key: parts for key, parts in self._parts.items() if key[0] >= day - 1}

    def of(self, day: int, user: int) -> tuple[Session, Client, Client]:
        """Return the session of a user's shift that began on `day`, the client of its accesses, and of its login."""
        found = self._parts.get((day, user))
        if found is None:
            kinds, stations = self._drawn(day)
            kind = int(kinds[user])
            session = Session(id=session_id(day, user), auth="badge" if kind == ONSITE_CLASS else "password", mfa=True)
            if self._hospital.actors[user].type == "service":
                session = Session(id=session_id(day, user), auth="key")
            clients = clients_of(self._hospital, user, kind, int(stations[user]))
            found = self._parts[day, user] = (session, *clients)
        return found

    def _drawn(self, day: int) -> tuple[Ints, Ints]:
        if day not in self._days:
            staff = self._hospital.staff
            rng = generator(self._hospital.seed, "sessions", day)
            n = len(staff.role)
            remote = rng.random(n) < np.array([role.remote for role in ROLES])[staff.role]
            kinds = np.where(remote, np.where(rng.random(n) < _VPN_AMONG_REMOTE, VPN_CLASS, REMOTE_CLASS), ONSITE_CLASS)
            stations = rng.integers(0, _WORKSTATIONS_PER_PLACE, n)
            # An interface runs on the same machine every day.
            service = np.array([role.name == "service" for role in ROLES])[staff.role]
            self._days[day] = (kinds, np.where(service, np.arange(n) % _WORKSTATIONS_PER_PLACE, stations))
        return self._days[day]


def session_id(day: int, user: int, suffix: str = "") -> str:
    """Return the id of a session."""
    return f"S{day}-{user}{suffix}"


def clients_of(
    hospital: Hospital, user: int, kind: int, station: int, elsewhere: Geo | None = None
) -> tuple[Client, Client]:
    """Return the client of a user's accesses and the client of their login, which alone shows a position.

    Addresses outside are from the documentation ranges of RFC 5737.
    """
    place = int(hospital.staff.place[user])
    geo = elsewhere or (ONSITE if kind == ONSITE_CLASS else hospital.home(user))
    if kind == ONSITE_CLASS:
        ip, workstation = f"10.{place + 1}.{station // 200}.{station % 200 + 1}", f"WS-{place:02d}-{station:03d}"
        location = hospital.layout.names[place]
    else:
        block = "10.250" if kind == VPN_CLASS else ("203.0" if elsewhere else "198.51")
        third = user // 250 if kind == VPN_CLASS else (113 if elsewhere else 100)
        ip, workstation, location = f"{block}.{third}.{user % 250 + 1}", f"LAPTOP-{user:05d}", ""
    shown = {"ip": ip, "ip_class": IP_CLASSES[kind], "workstation": workstation, "location": location, "app": "ehr"}
    return Client(**shown), Client(**shown, geo=geo)  # type: ignore[arg-type]  # ip_class is one of its literals
