"""The NPPES extract in its headings; providers are made up."""

import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.reference.nppes import COLUMNS, Registry, load_registry
from detectors.reference.rows import BadRow
from detectors.reference.service_minutes import TableError

HEADER = ["Replacement NPI", *(headings[0] for headings in COLUMNS.values()), "Last Update Date"]
PLACE = {name: index + 1 for index, name in enumerate(COLUMNS)}


def row(npi: str = "1234567893", **cells: str) -> list[str]:
    made = [""] * len(HEADER)
    made[PLACE["npi"]] = npi
    for name, cell in cells.items():
        made[PLACE[name.replace("_", " ")]] = cell
    return made


def load(*rows: list[str]) -> tuple[Registry, list[BadRow]]:
    return load_registry([HEADER, *rows])


def day(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


def test_a_provider_with_all_that_is_kept() -> None:
    registry, bad = load(
        row("1912301953", entity="2"),
        row(
            entity="1", state="ny", zip="100011234", enumerated="05/23/2005", taxonomy_1="207Q00000X",
            taxonomy_2="208D00000X", primary_2="Y", taxonomy_15="207Q00000X",
        ),
    )  # fmt: skip
    provider = registry.find("1234567893")
    assert bad == []
    assert provider is not None
    assert (provider.entity, provider.state, provider.zip5) == (1, "NY", "10001")
    assert provider.taxonomies == ("208D00000X", "207Q00000X")
    assert (provider.enumerated, provider.deactivated, provider.reactivated) == (day("2005-05-23"), None, None)
    assert len(registry) == 2


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        # Days asked: the day before enumeration, enumeration, mid 2015, 1 June 2020, 1 June 2021.
        ({"enumerated": "01/01/2010"}, [False, True, True, True, True]),
        ({"enumerated": "01/01/2010", "deactivated": "06/01/2020"}, [False, True, True, False, False]),
        (
            {"enumerated": "01/01/2010", "deactivated": "06/01/2020", "reactivated": "06/01/2021"},
            [False, True, True, False, True],
        ),
        # Reactivated, then deactivated again.
        (
            {"enumerated": "01/01/2010", "deactivated": "06/01/2020", "reactivated": "06/01/2012"},
            [False, True, True, False, False],
        ),
        ({"deactivated": "06/01/2020"}, [True, True, True, False, False]),
    ],
)
def test_active_on_a_day(cells: dict[str, str], expected: list[bool]) -> None:
    registry, _ = load(row(**cells))
    days = ("2009-12-31", "2010-01-01", "2015-06-01", "2020-06-01", "2021-06-01")
    assert [registry.active_on("1234567893", day(text)) for text in days] == expected
    assert registry.active_on("1912301953", day("2020-01-01")) is None


def test_only_what_is_wanted_is_kept_and_the_last_row_of_an_npi_counts() -> None:
    rows = [HEADER, row(entity="1"), row("1912301953", entity="2"), row(entity="2")]
    registry, _ = load_registry(rows, {"1234567893"}.__contains__)
    provider = registry.find("1234567893")
    assert len(registry) == 1
    assert provider is not None
    assert provider.entity == 2
    assert registry.find("1912301953") is None


def test_rows_that_cannot_be_used_are_told() -> None:
    registry, bad = load(
        row("12345"), [""], row(entity="3"), row(enumerated="2005-05-23"), row(deactivated="02/30/2020")
    )
    assert len(registry) == 0
    assert [(bad_row.number, bad_row.reason) for bad_row in bad] == [
        (2, "bad_npi"), (4, "impossible_value"), (5, "impossible_value"), (6, "impossible_value"),
    ]  # fmt: skip
    assert registry.find("1234567893") is None
    assert registry.find("npi") is None


def test_a_shorter_extract_needs_one_taxonomy_only() -> None:
    short = [heading for heading in HEADER if not heading.endswith(tuple(f"_{number}" for number in range(2, 16)))]
    registry, _ = load_registry(
        [short, ["", "1234567893", "1", "NY", "10001", "01/01/2010", "", "", "207Q00000X", "Y", ""]]
    )
    provider = registry.find("1234567893")
    assert provider is not None
    assert provider.taxonomies == ("207Q00000X",)
    with pytest.raises(TableError, match="NPPES: no header with the columns npi"):
        load_registry([["NPI number"[4:]], ["x"]])


@given(
    st.lists(
        st.lists(st.text(max_size=12) | st.sampled_from(["1234567893", "01/01/2010", "1"]), max_size=12), max_size=8
    )
)
@settings(max_examples=150, deadline=None)
def test_any_rows_are_kept_or_told(rows: list[list[str]]) -> None:
    registry, bad = load(*rows)
    filled = sum(any(cell.strip() for cell in cells) for cells in rows)
    assert len(registry) + len(bad) <= filled
    assert len(bad) == filled or len(registry) > 0
