"""The LEIE as a source; all parties are made up."""

import datetime
import io

from detectors.events import Event, ExclusionContext
from streams.sources.api import Item, Refused
from streams.sources.tables.leie import looks_like_leie, read_leie
from tests.streams.sources.tables.made import ORIGIN, events, reasons

HEADER = (
    "LASTNAME,FIRSTNAME,MIDNAME,BUSNAME,GENERAL,SPECIALTY,UPIN,NPI,DOB,ADDRESS,CITY,STATE,ZIP,EXCLTYPE,EXCLDATE,REINDATE,"
    "WAIVERDATE,WVRSTATE\n"
)
PERSON = (
    'ROE,JANE,Q,,PHYSICIAN,FAMILY PRACTICE,,1234567893,19600101,"1 MAIN ST, APT 2",TOWN,NY,10001,1128a1,'
    "20200315,00000000,00000000,\n"
)
FIRM = ",,,ACME LABS INC,CLINIC,LAB,,0000000000,,2 MAIN ST,TOWN,TX,75001,1128b8,20191120,20260101,00000000,\n"


def read(text: str) -> list[Item]:
    return list(read_leie(io.BytesIO(text.encode()), ORIGIN))


def exclusion(event: Event) -> ExclusionContext:
    assert isinstance(event.data, ExclusionContext)
    return event.data


def test_persons_and_firms_become_exclusions() -> None:
    person, firm = events(read(HEADER + PERSON + FIRM))
    one, other = exclusion(person), exclusion(firm)
    assert (one.npi, one.from_, one.to, one.list, one.name_tok) == (
        "1234567893",
        datetime.date(2020, 3, 15),
        None,
        "LEIE",
        "ROE",
    )
    assert (other.npi, other.from_, other.to) == ("", datetime.date(2019, 11, 20), datetime.date(2026, 1, 1))
    assert other.name_tok == "ACME LABS INC"
    # 15 March 2020, 00:00 UTC.
    assert person.time == 1584230400.0


def test_the_same_exclusion_is_the_same_event_in_every_issue_until_it_ends() -> None:
    (march,), (april,) = events(read(HEADER + PERSON)), events(read(HEADER + FIRM + PERSON))[1:]
    (ended,) = events(read(HEADER + PERSON.replace("20200315,00000000", "20200315,20260401")))
    assert march.id == april.id != ended.id


def test_rows_that_are_none_are_refused_without_their_values() -> None:
    bad = [
        PERSON.replace("20200315", "20201315"),
        PERSON.replace("20200315", "00000000"),
        PERSON.replace("1234567893", "12345"),
        PERSON.replace("\n", ",x\n"),
        PERSON.replace("20200315,00000000", "20200315,20200314"),
        PERSON.replace("20200315", "01000315"),
    ]
    items = read(HEADER + "".join(bad))
    assert reasons(items) == [
        ("impossible_date", "line 2"),
        ("missing_exclusion_date", "line 3"),
        ("bad_npi", "line 4"),
        ("wrong_number_of_cells", "line 5"),
        ("reinstated_before_excluded", "line 6"),
        ("impossible_date", "line 7"),
    ]
    assert all(isinstance(item, Refused) and b"ROE" in item.payload for item in items)


def test_another_table_is_refused_whole() -> None:
    ((reason, place),) = reasons(read("a,b\n1,2\n"))
    assert reason == "missing_column"
    assert place.startswith("header: LASTNAME, FIRSTNAME")


def test_it_is_told_by_its_header() -> None:
    assert looks_like_leie((HEADER + PERSON).encode("utf-8-sig"))
    assert looks_like_leie(HEADER.replace(",", '","').replace("\n", '"\r\n').join(('"', "")).encode())
    assert not looks_like_leie(b"LASTNAME,FIRSTNAME\n")
