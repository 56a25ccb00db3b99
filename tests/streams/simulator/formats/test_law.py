"""What the law allows, the documentation says."""

from pathlib import Path

from tests.streams.simulator.formats.law import TABLES

PAGE = Path(__file__).parents[4] / "docs" / "simulator.md"


def test_every_field_that_is_not_carried_as_it_is_stands_in_the_documentation() -> None:
    page = PAGE.read_text()
    fields = {field for table in TABLES.values() for field in table}
    assert {field for field in fields if f"`{field}`" not in page} == set()
    assert {
        file for file in TABLES if file.startswith(("x12", "fhir", "atna")) and file.rpartition("/")[2] not in page
    } == set()
