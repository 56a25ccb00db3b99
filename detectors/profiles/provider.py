"""What is remembered of one provider: exclusions, claims and duplicates by day, minutes by date of service."""

from msgspec import Struct, field

from detectors.profiles.applied import Applied
from detectors.profiles.claims import ClaimMark, ProviderBilling
from detectors.profiles.conduct import Conduct, DayConduct
from detectors.profiles.history import History
from detectors.profiles.sharing import Meetings
from detectors.profiles.stays import Stays
from detectors.sigma.sliding import Recent


class Exclusion(Struct, array_like=True):
    """An exclusion by days since the epoch; `until` is 0 while it stands."""

    since: int
    until: int
    list: str


class ProviderProfile(Struct, array_like=True):
    """The profile of one provider.

    `claims` maps a day (of the transaction, since the epoch) to `[claims, duplicates]`, 30 days back. `long_days` holds
    the dates of service with more than 12 hours billed, `days` every date of service that has a day entry.
    """

    applied: Applied
    exclusions: list[Exclusion] = []
    claims: dict[int, list[int]] = {}
    long_days: list[int] = []
    days: list[int] = []
    fired: dict[str, str] = {}
    recent: dict[str, Recent] = {}
    history: History = field(default_factory=History)
    billing: ProviderBilling = field(default_factory=ProviderBilling)
    conduct: Conduct = field(default_factory=Conduct)
    meetings: Meetings = field(default_factory=Meetings)
    stays: Stays = field(default_factory=Stays)


class ProviderDay(Struct, array_like=True):
    """The minutes that each claim contributes to one date of service: kept apart so that a void takes its own back.

    `claims` holds what else each claim contributes to its first date of service, `conduct` what it adds to how the
    provider bills, `places` where its services were rendered in person, by ZIP code, `stays` what it adds to the
    figures of inpatient stays.
    """

    minutes: dict[int, float] = {}
    claims: dict[int, ClaimMark] = {}
    conduct: dict[int, DayConduct] = {}
    places: dict[int, str] = {}
    stays: dict[int, list[int]] = {}
