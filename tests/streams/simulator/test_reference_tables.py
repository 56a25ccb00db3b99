"""The tables that come with the hospital load, whole, and say what the injections need."""

import datetime

import pytest

from detectors.reference.code_attributes import load_code_attributes
from detectors.reference.diagnosis_groups import departments_for
from detectors.reference.diagnosis_groups import load as load_departments
from detectors.reference.drg_weights import load_drg_weights
from detectors.reference.global_days import load_global_days
from detectors.reference.leie import Exclusion, read_exclusions
from detectors.reference.nppes import load_registry
from detectors.reference.procedure_pairs import load_procedure_pairs
from detectors.reference.rows import Rows, delimited_rows
from detectors.reference.service_minutes import load as load_minutes
from detectors.reference.unit_limits import load_unit_limits
from detectors.reference.zip_places import find
from detectors.reference.zip_places import load as load_places
from streams.simulator.hospital import build_hospital
from streams.simulator.reference_tables import reference_tables
from streams.simulator.tariff import DIAGNOSES
from tests.streams.simulator.ward import DAYS, SCALE, SEED, Week


@pytest.fixture(scope="module")
def tables() -> dict[str, str]:
    return reference_tables(build_hospital(SCALE, SEED), DAYS)


def rows(text: str) -> Rows:
    return delimited_rows(text.splitlines(keepends=True))


def test_every_table_loads_without_a_bad_row(tables: dict[str, str]) -> None:
    assert load_minutes(tables["service_minutes.csv"].splitlines())
    pairs, bad_pairs = load_procedure_pairs(rows(tables["procedure_pairs.csv"]))
    quarter, bad_limits = load_unit_limits(rows(tables["unit_limits/2020-01-01.csv"]), datetime.date(2020, 1, 1))
    attributes, bad_attributes = load_code_attributes(rows(tables["code_attributes.csv"]))
    periods, bad_periods = load_global_days(rows(tables["global_days.csv"]))
    weights, bad_weights = load_drg_weights(rows(tables["drg_weights.csv"]))
    assert {group.severity for known in weights.values() for group in known} == {"none", "cc", "mcc"}
    assert bad_weights == []
    assert [*bad_pairs, *bad_limits, *bad_attributes, *bad_periods] == []
    assert min(len(pairs), len(quarter.limits), len(attributes), len(periods)) >= 1
    assert find(load_places(tables["zip_places.csv"].splitlines()), "02114")


def test_every_reason_of_a_visit_has_a_department(tables: dict[str, str]) -> None:
    groups = load_departments(tables["diagnosis_departments.csv"].splitlines())
    without = [code for code in DIAGNOSES if not list(departments_for(code[:3], groups))]
    assert without == []


def test_exclusions_are_those_that_context_tells_of(week: Week, tables: dict[str, str]) -> None:
    found = list(read_exclusions(rows(tables["exclusions.csv"])))
    listed = {(one.context.npi, one.context.from_) for one in found if isinstance(one, Exclusion)}
    assert len(listed) == len(found)
    assert listed == {(told.npi, told.from_) for _, told in week.exclusions}


def test_everybody_who_bills_is_registered_and_only_inventions_are_new(week: Week, tables: dict[str, str]) -> None:
    registry, bad = load_registry(rows(tables["providers.csv"]))
    assert bad == []
    for money in week.money:
        for party in (money.data.billing, money.data.rendering, money.data.attending, money.data.referring):
            if party is None:
                continue
            known = registry.find(party.npi)
            assert known
            assert known.enumerated
            assert f"{known.entity}" == party.entity
            assert party.taxonomy in ("", *known.taxonomies)
            if known.enumerated.year > 2010:
                assert money.scenario in ("B11", "B20")
