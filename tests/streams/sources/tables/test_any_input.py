"""Whatever comes in: events and refusals only come out, every row is accounted for, and no reason quotes a value."""

import io
import string

from hypothesis import example, given, settings
from hypothesis import strategies as st

from detectors.reference.leie import COLUMNS
from streams.sources.api import Refused
from streams.sources.tables import MappingError, Tally, looks_like_table, read_table
from streams.sources.tables.delimited import rows
from streams.sources.tables.document import read_mapping
from streams.sources.tables.leie import looks_like_leie, read_leie
from streams.sources.tables.lines import lines
from tests.streams.sources.tables.made import ACCESS, ORIGIN, mapping, workbook

HEADER = b"Key,Time,User,Patient,What\n"
MAPPING = mapping()
SHEET = workbook([["Key", "Time", "User", "Patient", "What"], ["k", "2026-03-02T09:14:03", "u", "p", "open"]])
STABLE = set(string.ascii_lowercase + string.digits + "_")

cell = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
piece = st.one_of(
    st.binary(max_size=40), st.sampled_from([b'"', b",", b"\n", b"\r\n", b'""', b"\0", b"2026-03-02T09:14:03"])
)


def check(content: bytes) -> None:
    tally = Tally()
    items = list(read_table(io.BytesIO(content), ORIGIN, MAPPING, tally))
    refused = [item for item in items if isinstance(item, Refused)]
    assert sum(tally.refused.values()) == len(refused)
    assert tally.events == len(items) - len(refused)
    if tally.columns:
        assert tally.rows == tally.events + len(refused) + tally.blank
    for item in refused:
        assert set(item.reason) <= STABLE
        assert item.place.split(",")[0].split(":")[0].rstrip(string.digits) in ("line ", "header", "file")


@given(st.lists(piece, max_size=30).map(b"".join))
@settings(max_examples=300, deadline=None)
@example(b"\xff\xfe\x00\xd8")
def test_text_of_any_kind(content: bytes) -> None:
    check(content)
    check(HEADER + content)
    looks_like_table(content, "x.txt")
    looks_like_leie(content)


@given(st.lists(st.lists(cell, min_size=5, max_size=5), max_size=5))
@settings(max_examples=200, deadline=None)
def test_rows_of_any_cells(table: list[list[str]]) -> None:
    text = "".join(",".join('"' + part.replace('"', '""') + '"' for part in row) + "\n" for row in table)
    check(HEADER + text.encode())


@given(
    st.lists(
        st.lists(cell.filter(lambda text: "\0" not in text and "\r" not in text), min_size=1, max_size=4),
        min_size=1,
        max_size=5,
    )
)
@settings(max_examples=200, deadline=None)
def test_what_is_quoted_by_the_book_is_read_as_it_was(table: list[list[str]]) -> None:
    text = "".join(",".join('"' + part.replace('"', '""') + '"' for part in row) + "\n" for row in table)
    assert [list(row.cells) for row in rows(lines(io.BytesIO(text.encode())), ",")] == table


@given(st.lists(st.tuples(st.integers(0, len(SHEET) - 1), st.integers(0, 255)), max_size=8), st.integers(0, len(SHEET)))
@settings(max_examples=150, deadline=None)
def test_damaged_workbooks(changes: list[tuple[int, int]], end: int) -> None:
    damaged = bytearray(SHEET)
    for place, value in changes:
        damaged[place] = value
    check(bytes(damaged))
    check(SHEET[:end])


@given(
    st.binary(max_size=200)
    | st.lists(st.lists(cell, max_size=20), max_size=4).map(
        lambda table: "\n".join(",".join(row) for row in table).encode()
    )
)
@settings(max_examples=200, deadline=None)
def test_lists_of_exclusions(content: bytes) -> None:
    header = ",".join(COLUMNS).encode() + b"\n"
    for item in (*read_leie(io.BytesIO(content), ORIGIN), *read_leie(io.BytesIO(header + content), ORIGIN)):
        assert not isinstance(item, Refused) or set(item.reason) <= STABLE


@given(st.text(st.sampled_from(ACCESS + "[]{}:,-&*!|>'\"#%@`\t"), max_size=200), st.integers(0, len(ACCESS)))
@settings(max_examples=200, deadline=None)
def test_mappings_of_any_text(text: str, place: int) -> None:
    for whole in (text, ACCESS[:place] + text + ACCESS[place:]):
        try:
            read_mapping(whole, "m.yml")
        except MappingError as refused:
            assert refused.problems
