"""The reference tables of the simulated hospital, in the layouts in which a site has them; made up, and small.

Pairs, limits and periods are ours: the tables of CMS carry the notice of the AMA and stay with the sites.
"""

import csv
import datetime
from collections.abc import Iterable, Sequence
from io import StringIO
from itertools import chain
from typing import NamedTuple

from detectors.reference.leie import COLUMNS as EXCLUSION_COLUMNS
from streams.simulator.context import EXCLUDED_ELSEWHERE, excluded_elsewhere
from streams.simulator.drg import DRG_COLUMNS, DRG_WEIGHTS
from streams.simulator.hospital import Hospital
from streams.simulator.injections import schedule
from streams.simulator.injections.b14_excluded_provider import EXCLUDED_DAYS_BEFORE
from streams.simulator.injections.b21_sharing import ring_of
from streams.simulator.injections.scene import Scene
from streams.simulator.people import CAMPUS
from streams.simulator.providers import ACQUIRED_FROM, ORGANISATION_NPI, ORGANISATION_TAXONOMY, TAXONOMIES, npi
from streams.simulator.service_minutes import as_csv

_SINCE = "20200101"


class PairRow(NamedTuple):
    """One edit: column 1 is paid, column 2 is not; `modifier` 1 where a modifier may part them."""

    column_1: str
    column_2: str
    modifier: int


PROCEDURE_PAIRS = (
    PairRow("80053", "80048", 0), PairRow("80053", "82947", 0), PairRow("93000", "93010", 0),
    PairRow("93000", "93005", 0), PairRow("97530", "97140", 1), PairRow("97530", "97116", 1),
    PairRow("73030", "73020", 1),
)  # fmt: skip

UNIT_LIMITS = {"97110": (8, 3), "97140": (6, 3), "97530": (6, 3), "80053": (1, 3), "93000": (3, 3), "36415": (2, 3),
               "71046": (4, 3), "90837": (1, 2)}  # fmt: skip
"""Code to the most units of a day and the adjudication indicator."""

CODE_ATTRIBUTES = (("76805", "F", "10", "60"), ("55700", "M", "18", ""), ("99460", "", "0", "0"))
"""Code, sex, youngest and oldest age."""

GLOBAL_DAYS = {"99213": "XXX", "99214": "XXX", "11042": "000", "20610": "000", "12001": "000", "27447": "090"}

DIAGNOSIS_DEPARTMENTS = (
    ("Cardiology", "I1"), ("Cardiology", "R07"), ("Cardiology", "E78"), ("Internal Medicine", "E11"),
    ("Internal Medicine", "J44"), ("Family Medicine", "Z00"), ("Pediatrics", "J06"), ("Orthopedics", "M54"),
    ("Psychiatry", "F3"), ("Urology", "N39"), ("Gastroenterology", "K21"), ("Neurology", "S06"),
)  # fmt: skip


_ZIP3 = "021"
"""Everybody lives and works here."""


def reference_tables(hospital: Hospital, days: int) -> dict[str, str]:
    """Return the tables by name of file; a folder's files have a `/` in it.

    Args:
        hospital: whose providers and exclusions are listed.
        days: how many days of events are simulated.
    """
    return {
        "service_minutes.csv": as_csv(),
        "procedure_pairs.csv": _table(
            ("Column 1", "Column 2", "*=in existence prior to 1996", "Effective Date", "Deletion Date *=no data",
             "Modifier 0=not allowed 1=allowed 9=not applicable", "PTP Edit Rationale"),
            [(row.column_1, row.column_2, "", _SINCE, "*", str(row.modifier), "made up") for row in PROCEDURE_PAIRS],
        ),
        "unit_limits/2020-01-01.csv": _table(
            ("HCPCS/CPT Code", "Practitioner Services MUE Values", "MUE Adjudication Indicator", "MUE Rationale"),
            [(code, str(units), f"{indicator} Date of Service Edit", "made up")
             for code, (units, indicator) in UNIT_LIMITS.items()],
        ),
        "code_attributes.csv": _table(
            ("code", "sex", "min_age", "max_age", "from", "to"), [(*row, "", "") for row in CODE_ATTRIBUTES]
        ),
        "global_days.csv": _table(("HCPCS", "GLOB DAYS"), GLOBAL_DAYS.items()),
        "drg_weights.csv": _table(DRG_COLUMNS, DRG_WEIGHTS),
        "diagnosis_departments.csv": _table(("department", "diagnosis"), DIAGNOSIS_DEPARTMENTS),
        "exclusions.csv": _table(EXCLUSION_COLUMNS, _exclusions(hospital, days)),
        "providers.csv": _table(_PROVIDER_COLUMNS, _providers(hospital, days)),
        "zip_places.csv": _table(("zip", "lat", "lon"), [(_ZIP3, f"{CAMPUS[0]}", f"{CAMPUS[1]}")]),
    }  # fmt: skip


_PROVIDER_COLUMNS = (
    "NPI", "Entity Type Code", "Provider Business Practice Location Address State Name",
    "Provider Business Practice Location Address Postal Code", "Provider Enumeration Date", "NPI Deactivation Date",
    "NPI Reactivation Date", "Healthcare Provider Taxonomy Code_1", "Healthcare Provider Primary Taxonomy Switch_1",
)  # fmt: skip
_LONG_AGO = datetime.date(2010, 5, 3)
_NEW_DAYS_BEFORE = 20
_NEW = frozenset({"B11", "B20"})
_PAYEES = frozenset({"B33", "B33-deposit"})
_INVENTS_PROVIDERS = frozenset({"B01", "B11", "B14", "B20", "B35"}) | _PAYEES


def _providers(hospital: Hospital, days: int) -> Iterable[Sequence[str]]:
    """Yield whoever bills, as NPPES lists them: providers long known, but for those whom B11 and B20 invent."""
    for party in hospital.parties:
        yield _provider(party.npi, party.entity, party.zip, party.taxonomy, _LONG_AGO)
    yield _provider(ORGANISATION_NPI, "2", "02114", ORGANISATION_TAXONOMY, _LONG_AGO)
    for number in range(_ACQUIRED):
        yield _provider(npi(ACQUIRED_FROM + number), "1", "02130", TAXONOMIES["Family Medicine"], _LONG_AGO)
    for scene in _scenes(hospital, days):
        if scene.name == "B21":
            for own in chain.from_iterable(ring_of(scene.ordinal)):
                yield _provider(own.npi, own.entity, own.zip, own.taxonomy, _LONG_AGO)
        if scene.name in _INVENTS_PROVIDERS:
            own = scene.provider()
            laboratory = scene.name == "B20"
            organisation = laboratory or scene.name in _PAYEES
            since = scene.date(_NEW_DAYS_BEFORE) if scene.name in _NEW else _LONG_AGO
            taxonomy = TAXONOMIES["laboratory"] if laboratory else own.taxonomy
            if scene.name == "B35":
                taxonomy = TAXONOMIES["Hospital Medicine"]
            yield _provider(own.npi, "2" if organisation else "1", own.zip, taxonomy, since)


_ACQUIRED = 4


def _provider(number: str, entity: str, postal: str, taxonomy: str, since: datetime.date) -> Sequence[str]:
    return (number, entity, "MA", postal, f"{since:%m/%d/%Y}", "", "", taxonomy, "Y")


def _exclusions(hospital: Hospital, days: int) -> Iterable[Sequence[str]]:
    """Yield the exclusions that context tells of, those of B14 included."""
    listed = [(context.npi, context.from_) for context in map(excluded_elsewhere, range(EXCLUDED_ELSEWHERE))]
    listed += [
        (scene.provider().npi, scene.date(EXCLUDED_DAYS_BEFORE))
        for scene in _scenes(hospital, days)
        if scene.name == "B14"
    ]
    for number, (own, since) in enumerate(listed):
        cells = {"LASTNAME": f"EXCLUDED{number:03d}", "FIRSTNAME": "SIMULATED", "GENERAL": "IND- LIC HC SERV PRO",
                 "NPI": own, "CITY": "BOSTON", "STATE": "MA", "ZIP": "02114", "EXCLTYPE": "1128a1",
                 "EXCLDATE": f"{since:%Y%m%d}", "REINDATE": "00000000", "WAIVERDATE": "00000000"}  # fmt: skip
        yield [cells.get(column, "") for column in EXCLUSION_COLUMNS]


def _scenes(hospital: Hospital, days: int) -> Iterable[Scene]:
    return (scene for scenes in schedule(hospital, days).values() for scene in scenes)


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue()
