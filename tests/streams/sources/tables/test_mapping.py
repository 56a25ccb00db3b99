"""Mappings: what they can say, what they may not, and how cells become values."""

import datetime
from pathlib import Path

import pytest
from msgspec import UNSET

from detectors.events import BillingTransaction, Event, StaffContext
from streams.sources.api import Refused
from streams.sources.tables import PRESETS, MappingError, Tally, load_mapping
from streams.sources.tables.document import read_mapping
from streams.sources.tables.repeats import Repeats
from tests.streams.sources.tables.made import ACCESS, access, events, mapping, read, reasons

PAYMENT = """
mapping: test_payments
target: billing_transaction
zone: UTC
table: {delimiter: semicolon, empty: ["NULL"]}
fields:
  kind: {column: Kind, values: {"P": patient_payment, "R": refund, "-": null}}
  occurred_at: {columns: [Date, Time], formats: ["%d.%m.%Y %H:%M"]}
  amounts.paid: {column: Amount, unit: dollars}
  lines.0.code: {column: Code1, optional: true}
  lines.1.code: {column: Code2, optional: true}
  lines.1.modifiers: {column: Modifiers, split: "/", optional: true}
  approval.at: {column: Approved, formats: ["%Y%m%d%H%M%S%z"], optional: true}
  payment.effective: {column: Effective, formats: ["%Y-%m-%d"], optional: true}
constants: {currency: EUR, payment.direction: in}
drop:
  - {column: Kind, values: ["test*"], reason: test_row}
  - {column: Amount, empty: true, reason: no_amount}
id: row
"""


def problems(text: str, zone: str = "") -> list[str]:
    with pytest.raises(MappingError) as caught:
        read_mapping(text, "m.yml", zone)
    return str(caught.value).splitlines()


def payment(
    row: str, header: str = "Kind;Date;Time;Amount;Code1;Code2;Modifiers;Approved;Effective"
) -> BillingTransaction:
    (event,) = events(read(f"{header}\n{row}\n".encode(), PAYMENT))
    assert isinstance(event.data, BillingTransaction)
    return event.data


def test_all_kinds_of_values() -> None:
    data = payment("p;02.03.2026;9:05;$1,234.50;99213;97110;GP / 59;20260302080000-0500;2026-03-05")
    assert data.kind == "patient_payment"
    assert data.occurred_at == datetime.datetime(2026, 3, 2, 9, 5, tzinfo=datetime.UTC)
    assert data.amounts is not None
    assert data.amounts.paid == 123_450
    assert [(line.code, line.modifiers) for line in data.lines] == [("99213", []), ("97110", ["GP", "59"])]
    assert data.approval is not None
    assert data.approval.at == datetime.datetime(2026, 3, 2, 13, 0, tzinfo=datetime.UTC)
    assert data.payment is not None
    assert (data.payment.effective, data.payment.direction) == (datetime.date(2026, 3, 5), "in")
    assert data.currency == "EUR"


@pytest.mark.parametrize(
    ("text", "cents"),
    [("12", 1200), ("-3.00", -300), ("(3.00)", -300), ("0.10", 10), (".5", None), ("1,23", None), ("1.005", None),
     ("1.000", 100), ("1e3", None), ("\u0661", None), ("12 USD", None), ("$ 7.25", 725)],
)  # fmt: skip
def test_money_is_exact_or_refused(text: str, cents: int | None) -> None:
    content = f"Kind;Date;Time;Amount\nR;02.03.2026;09:05;{text}\n"
    (item,) = read(content.encode(), PAYMENT)
    if cents is None:
        assert isinstance(item, Refused)
        assert item.reason in ("not_an_amount", "parts_of_a_cent")
        assert item.place == "line 2, column Amount"
    else:
        assert isinstance(item, Event)
        assert isinstance(item.data, BillingTransaction)
        assert item.data.amounts is not None
        assert item.data.amounts.paid == cents


def test_dropped_rows_are_counted_by_reason() -> None:
    tally = Tally()
    content = "Kind;Date;Time;Amount\nTest 1;x;x;1\nP;02.03.2026;09:05;NULL\nP;02.03.2026;09:05;1\n;;;\n"
    assert len(events(read(content.encode(), PAYMENT, tally))) == 1
    assert tally.dropped == {"test_row": 1, "no_amount": 1}
    assert (tally.rows, tally.events, tally.blank, tally.refused) == (4, 1, 1, {})


def test_a_value_that_means_nothing_leaves_the_field_out() -> None:
    content = "Kind;Date;Time;Amount\n-;02.03.2026;09:05;1\n"
    assert reasons(read(content.encode(), PAYMENT)) == [("missing_field", "line 2, kind")]


@pytest.mark.parametrize(
    ("local", "utc", "flag"),
    [
        # Clocks in New York went from 02:00 EST to 03:00 EDT on 8 March 2026, and from 02:00 EDT to 01:00 EST on
        # 1 November 2026.
        ("2026-03-08T01:59:59", (2026, 3, 8, 6, 59, 59), None),
        ("2026-03-08T02:30:00", (2026, 3, 8, 7, 30, 0), "nonexistent_local_time"),
        ("2026-03-08T03:30:00", (2026, 3, 8, 7, 30, 0), None),
        ("2026-11-01T00:59:59", (2026, 11, 1, 4, 59, 59), None),
        ("2026-11-01T01:30:00", (2026, 11, 1, 5, 30, 0), "ambiguous_local_time"),
        ("2026-11-01T02:00:00", (2026, 11, 1, 7, 0, 0), None),
        ("2026-11-01T01:30:00-05:00", (2026, 11, 1, 6, 30, 0), None),
    ],
)
def test_times_around_the_change_of_clocks(local: str, utc: tuple[int, ...], flag: str | None) -> None:
    tally = Tally()
    (item,) = read(f"Key,Time,User,Patient,What\nk,{local},u,p,open\n".encode(), tally=tally)
    year, month, day, hour, minute, second = utc
    assert access(item).occurred_at == datetime.datetime(year, month, day, hour, minute, second, tzinfo=datetime.UTC)
    assert tally.flags == ({flag: 1} if flag else {})


@pytest.mark.parametrize(
    "text", ["2026-03-02", "soon", "02/30/2026 01:00:00 PM", "0001-01-01T00:00:00", "9999-12-31T23:59:59"]
)
def test_times_that_are_none_are_refused(text: str) -> None:
    ((reason, place),) = reasons(read(f"Key,Time,User,Patient,What\nk,{text},u,p,open\n".encode()))
    assert reason in ("unknown_time_format", "impossible_date")
    assert place.startswith("line 2")


def test_a_natural_key_must_be_whole_and_makes_the_same_id_in_every_file() -> None:
    assert reasons(read(b"Key,Time,User,Patient,What\n,2026-03-02T09:00:00,u,p,open\n")) == [
        ("missing_id", "line 2, column Key")
    ]
    one = events(read(b"Key,Time,User,Patient,What\nk,2026-03-02T09:00:00,u,p,open\n"))
    two = events(read(b"What,Key,Time,User,Patient\n\nopen,k,2026-03-02T09:00:00,u,p\n"))
    assert [event.id for event in one] == [event.id for event in two]


REPEATS = ACCESS.replace("id: [Key]", "id: {columns: [Time, User, Patient, What], repeats: true}")
NINE = "2026-03-02T09:00:00,u,p,open"


def ids(rows: list[str]) -> list[str]:
    return [event.id for event in events(read("\n".join(["Time,User,Patient,What", *rows]).encode(), REPEATS))]


def test_rows_that_repeat_are_told_apart_by_their_order_and_alike_in_every_file() -> None:
    later = "2026-03-02T09:00:01,u,p,open"
    first = ids([NINE, NINE, later])
    assert len(set(first)) == 3
    # A second export, which overlaps the first: what it repeats has the same ids, what is new has new ones.
    assert ids(["2026-03-02T08:00:00,u,,open", NINE, later, NINE, NINE])[1:4] == [first[0], first[2], first[1]]
    assert set(ids([NINE] * 3)) - set(first) == {ids([NINE] * 3)[2]}


def test_how_rows_are_told_apart_must_be_said_whole() -> None:
    assert problems(ACCESS.replace("[Key]", "{columns: [Key]}"))[0].endswith("id needs the key repeats")
    assert problems(ACCESS.replace("[Key]", "{columns: Key, repeats: true}"))[0].endswith("must be a list of texts")
    assert problems(ACCESS.replace("[Key]", "Key"))[0].endswith("a map of columns and repeats, or row")


def test_repeats_are_forgotten_only_when_many_others_came_between() -> None:
    repeats = Repeats(kept=3)
    assert [repeats.number(key) for key in "aabacdea"] == [1, 2, 1, 3, 1, 1, 1, 4]
    for key in "klmnopq":
        repeats.number(key)
    assert repeats.number("a") == 1


def test_contexts_have_their_time_from_a_column() -> None:
    text = """
mapping: staff
target: staff
zone: UTC
fields:
  time: {column: Changed, formats: [unix_seconds]}
  user_ref: User
  dept: {column: Dept, values: {"ED": Emergency}, keep: true}
id: row
"""
    (first, second) = events(read(b"User,Dept,Changed\nu1,ED,1772460843\nu2,ICU,1772460843.5\n", text))
    assert (first.time, second.time) == (1772460843.0, 1772460843.5)
    assert isinstance(first.data, StaffContext)
    assert isinstance(second.data, StaffContext)
    assert (first.data.dept, second.data.dept) == ("Emergency", "ICU")


def test_everything_wrong_is_told_at_once_with_its_line() -> None:
    told = problems("""
mapping: Bad Name
target: phi_access
zone: America/NewYork
fields:
  occurred_at: {column: T, formats: ["%H:%M"]}
  actor.idd: U
  action: {column: A, values: {"x": reed}}
  patient.ref: {columns: [P], unit: dollars}
  actor.id: {column: U, split: ","}
constants: {outcome: fine}
drop: [{column: X, reason: why}]
surplus: 1
""")
    assert [(line.split(":")[1], line.split(": ", 1)[1][:40]) for line in told] == [
        ("2", "a mapping needs the key id"),
        ("2", "mapping must look like [a-z][a-z0-9_]{0,"),
        ("4", "America/NewYork is no time zone: did you"),
        ("6", "%H:%M does not tell day, month and year"),
        ("7", "there is no field actor.idd: did you mea"),
        ("8", "x cannot mean this: one of audit_tamper,"),
        ("9", "patient.ref is a text: no unit"),
        ("10", "actor.id is a text: no split"),
        ("11", "outcome cannot be this: one of major_fai"),
        ("12", "a drop rule needs values, or empty: true"),
        ("13", "a mapping has no key surplus: remove it"),
    ]


def test_a_field_that_every_event_has_must_be_filled() -> None:
    assert problems("mapping: m\ntarget: phi_access\nzone: UTC\nfields: {actor.id: U}\nid: row\n") == [
        "m.yml:4: nothing fills action, which every such event has",
        "m.yml:4: nothing fills occurred_at, which every such event has",
    ]


@pytest.mark.parametrize("layout", ["%Y-%m-%d %H %Y", "%Q", "%Y-%m-%d %"])
def test_time_formats_must_be_readable(layout: str) -> None:
    assert problems(ACCESS.replace("iso8601", f'"{layout}"')) == [
        f"m.yml:6: {layout} is no format of strptime that can be read back"
    ]


def test_wall_clock_times_need_a_zone() -> None:
    without = ACCESS.replace("zone: America/New_York\n", "")
    assert problems(without) == [
        "m.yml:4: occurred_at is a wall-clock time: give its zone, such as zone: America/New_York"
    ]
    assert read_mapping(without, "m.yml", "Europe/Berlin").zone == "Europe/Berlin"


@pytest.mark.parametrize(
    "text", ["", "a: b: c", "- 1\n- 2\n", "---\na: 1\n---\nb: 2\n", "x: !!python/object:os.system {}", "[" * 5000]
)
def test_what_is_no_mapping_is_refused(text: str) -> None:
    assert problems(text)


def test_files_are_read_and_refused_by_name(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.yml", tmp_path / "bad.yml"
    good.write_text(ACCESS)
    bad.write_bytes(b"\xff\xff")
    assert load_mapping(good) == mapping()
    with pytest.raises(MappingError, match=r"bad\.yml:1: is not UTF-8 text"):
        load_mapping(bad)
    with pytest.raises(MappingError, match=r"No such file or directory.*epic_access"):
        load_mapping("nothing_of_that_name")


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_is_good_with_a_zone_and_refused_without(name: str) -> None:
    assert load_mapping(name, "America/Chicago").name == name
    with pytest.raises(MappingError, match="give its zone"):
        load_mapping(name)


def test_an_empty_time_is_not_said_unless_the_mapping_says_that_it_means_none() -> None:
    text = """
mapping: staff
target: staff
zone: UTC
fields:
  time: {column: Changed, formats: [unix_seconds]}
  user_ref: User
  hired_at: {column: Hired, formats: ["%Y-%m-%dT%H"], optional: true, empty_means_none: true}
  terminated_at: {column: Ended, formats: ["%Y-%m-%dT%H"], optional: true, empty_means_none: true}
  notice_at: {column: Notice, formats: ["%Y-%m-%dT%H"], optional: true}
id: row
"""
    (row,) = events(read(b"User,Ended,Notice,Changed\nu1,,,1772460843\n", text))
    assert isinstance(row.data, StaffContext)
    assert row.data.terminated_at is None
    assert (row.data.notice_at, row.data.hired_at) == (UNSET, UNSET)
    assert (
        "dept is no time"
        in problems(text.replace("  user_ref", "  dept: {column: D, empty_means_none: true}\n  user_ref"))[0]
    )
