"""Separators, envelopes, and counts and numbers that do not agree."""

import datetime
import io
from typing import BinaryIO, cast

import pytest

from detectors.events import Event
from streams.sources.api import Refused
from streams.sources.x12 import CHECKS, looks_like_x12, read_x12
from streams.sources.x12.segments import CHUNK, LONGEST_SEGMENT
from streams.sources.x12.separators import read_separators
from streams.sources.x12.values import valid_npi
from tests.streams.sources.x12.samples import (
    BILLING,
    CLAIM,
    DATA,
    HEADER_835,
    ISA,
    NO_DATA,
    ORIGIN,
    PROFESSIONAL,
    REMITTANCE,
    SUBSCRIBER,
    interchange,
    items,
    professional,
    refusals,
    transaction_set,
    transactions,
    written,
)

BODY = BILLING + SUBSCRIBER + CLAIM
PLAIN = interchange(transaction_set(BODY, PROFESSIONAL))


def ids(content: bytes) -> list[str]:
    return [item.id for item in items(content) if isinstance(item, Event)]


@pytest.mark.skipif(not DATA.is_dir(), reason=NO_DATA)
def test_golden_separators() -> None:
    """domain.md §9."""
    text = (DATA / "linuxforhealth/demo-file/demo.837").read_text()
    assert (text[3], text[82], text[104], text[105]) == ("*", "^", ":", "~")
    separators = read_separators(text[:106])
    assert separators is not None
    assert (separators.element, separators.repetition, separators.component, separators.terminator) == tuple("*^:~")


@pytest.mark.parametrize("end", ["~", "~\n", "~\r\n", "\n", "\r", "\r\n", "~ \n", "|\n", "\x1c"])
def test_terminators_and_line_ends(end: str) -> None:
    assert ids(written(PLAIN, end)) == ids(written(PLAIN)) != []


def test_other_separators() -> None:
    text = written(PLAIN).decode().translate(str.maketrans("*:~", "|\\'"))
    (ours,), (plain,) = transactions(text.encode()), transactions(written(PLAIN))
    assert (ours.claim, ours.lines, ours.patient) == (plain.claim, plain.lines, plain.patient)


@pytest.mark.parametrize("width", [1, 7, 80])
def test_a_file_cut_into_lines_of_fixed_length(width: int) -> None:
    text = written(PLAIN, "~").decode()
    cut = "\r\n".join(text[at : at + width] for at in range(0, len(text), width))
    assert ids(cut.encode()) == ids(text.encode()) != []


def test_byte_order_mark_blanks_and_padding() -> None:
    assert ids(b"\xef\xbb\xbf\r\n" + written(PLAIN) + b"\r\n\0\0\x1a") == ids(written(PLAIN)) != []


def test_the_last_terminator_may_be_missing() -> None:
    assert ids(written(PLAIN)[:-2]) == ids(written(PLAIN)) != []


def test_utf8_and_latin1_are_read() -> None:
    (first,) = transactions(professional(CLAIM.replace("PCN-1", "PÇN")))
    (second,) = transactions(professional(CLAIM.replace("PCN-1", "PÇN")).decode().encode("latin-1"))
    assert first.claim is not None
    assert (first.claim.pcn, first.claim) == ("PÇN", second.claim)


def test_many_interchanges_groups_and_sets_with_separators_of_their_own() -> None:
    first, second = transaction_set(BODY, PROFESSIONAL), transaction_set(BODY, PROFESSIONAL, "0002")
    group = interchange(second, group="6")[1:-1]
    one = [*interchange(first)[:-1], *group, "IEA*2*000000007"]
    remit = transaction_set(HEADER_835.replace("*80*", "*0*") + "CLP*P*1*0*0~", REMITTANCE)
    other = interchange(remit, guide=REMITTANCE, isa=ISA.replace("000000007", "000000008"))
    content = written(one) + written(other, "\n").replace(b"*", b"|")
    read = transactions(content)
    assert [
        (entry.src.isa13, entry.src.gs06, entry.src.st02, entry.src.format) for entry in read if entry.src
    ] == [
        ("000000007", "5", "0001", "x12_837p"),
        ("000000007", "6", "0002", "x12_837p"),
        ("000000008", "5", "0001", "x12_835"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "reason", "place"),
    [
        ("SE*25*0001", "SE*24*0001", "segment_count_mismatch", "interchange 1, group 1, set 1: SE01"),
        ("SE*25*0001", "SE**0001", "segment_count_mismatch", "interchange 1, group 1, set 1: SE01"),
        ("SE*25*0001", "SE*x*0001", "segment_count_mismatch", "interchange 1, group 1, set 1: SE01"),
        ("SE*25*0001", "SE*25*0002", "control_number_mismatch", "interchange 1, group 1, set 1: SE02"),
        ("SE*25*0001~\n", "", "set_not_closed", "interchange 1, group 1, set 1: SE"),
        ("GE*1*5", "GE*2*5", "set_count_mismatch", "interchange 1, group 1: GE01"),
        ("GE*1*5", "GE*1*6", "control_number_mismatch", "interchange 1, group 1: GE02"),
        ("GE*1*5~\n", "", "group_not_closed", "interchange 1, group 1: GE"),
        ("IEA*1*", "IEA*2*", "group_count_mismatch", "interchange 1: IEA01"),
        ("IEA*1*000000007", "IEA*1*000000008", "control_number_mismatch", "interchange 1: IEA02"),
        ("IEA*1*000000007~\n", "", "interchange_not_closed", "interchange 1: IEA"),
        ("ST*837", "XX*1~\nST*837", "segment_outside_set", "interchange 1: a segment between the envelopes"),
        ("ST*837*0001*005010X222A1", "ST*999*0001*005010X231", "unsupported_transaction_set",
         "interchange 1, group 1, set 1: ST01 999, guide 005010X231"),
        ("ST*837*0001*005010X222A1", "ST*837*0001*005010X224A2", "unsupported_transaction_set",
         "interchange 1, group 1, set 1: ST01 837, guide 005010X224A2"),
        ("ST*837*0001*005010X222A1", "ST*JOHN*0001*DOE", "unsupported_transaction_set",
         "interchange 1, group 1, set 1: ST01 unreadable, guide unreadable"),
    ],
)  # fmt: skip
def test_what_does_not_agree_is_refused(old: str, new: str, reason: str, place: str) -> None:
    text = written(PLAIN).decode()
    assert old in text
    assert refusals(text.replace(old, new).encode()) == [(reason, place)]


def test_a_bad_set_does_not_take_its_neighbours_along() -> None:
    good, bad = transaction_set(BODY, PROFESSIONAL), transaction_set(BODY, PROFESSIONAL, "0002")
    bad[-1] = "SE*9*0002"
    last = transaction_set(BODY, PROFESSIONAL, "0003")
    read = items(written(interchange(good, bad, last)))
    assert [getattr(item, "reason", "read") for item in read] == ["read", "segment_count_mismatch", "read"]


def test_a_bad_interchange_does_not_take_the_next_along() -> None:
    read = items(written(PLAIN[:-1]) + written(PLAIN))
    assert [getattr(item, "reason", "read") for item in read] == ["interchange_not_closed", "read"]
    refused = read[0]
    assert isinstance(refused, Refused)
    assert refused.payload.startswith(b"ISA*00*")
    assert b"CLM*PCN-1*" in refused.payload


def test_a_refused_record_carries_itself() -> None:
    (refused,) = items(professional(CLAIM.replace("*150*", "*bad*")))
    assert isinstance(refused, Refused)
    assert refused.payload.startswith(b"CLM*PCN-1*bad***11:B:1*Y*A*Y*Y~REF*EA*MRN7~")
    assert refused.payload.endswith(b"LX*2~SV1*HC:85025*50.00*UN*2***1~DTP*472*D8*20260301~")
    assert "bad" not in refused.place.replace("bad_amount", "")


@pytest.mark.parametrize(
    "junk", [b"hello, this is a letter\n", b"MSH|^~\\&|ADT", b'{"a": 1}', b"ISA|too|short", b"\xff\xfeI\0S\0A\0"]
)
def test_other_formats_are_refused_once(junk: bytes) -> None:
    assert [reason for reason, _ in refusals(junk)] in (["not_x12"], ["bad_isa"])
    read = items(junk * 20_000 + written(PLAIN))
    assert [getattr(item, "reason", "read") for item in read][-1] == "read"
    assert len(read) == 2


def test_a_segment_without_end_is_refused_and_the_next_interchange_read() -> None:
    endless = written(PLAIN[:3])[:-2] + b"X" * (LONGEST_SEGMENT + CHUNK * 3)
    read = items(endless + b"\n" + written(PLAIN))
    reasons = [getattr(item, "reason", "read") for item in read]
    assert reasons == ["interchange_not_closed", "segment_too_long", "read"]


def test_an_empty_file_holds_nothing() -> None:
    assert items(b"") == items(b"\n") == []


@pytest.mark.parametrize("size", [1, 2, 105, 106, 107, 211, 500])
def test_chunks_may_end_anywhere(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streams.sources.x12.segments.CHUNK", size)
    content = written(PLAIN, "~\r\n") + b"\n" + written(PLAIN, "\n").replace(b"*", b"|")
    small = ids(content)
    monkeypatch.undo()
    assert small == ids(content)
    assert len(small) == 2


def test_a_stream_that_cannot_go_back_is_read_too() -> None:
    class Pipe(io.RawIOBase):
        def __init__(self, content: bytes) -> None:
            self._inner = io.BytesIO(content)

        def readable(self) -> bool:
            return True

        def readinto(self, buffer: object) -> int:
            return self._inner.readinto(cast("bytearray", buffer))

    pipe = cast("BinaryIO", io.BufferedReader(Pipe(written(PLAIN))))
    assert [item.id for item in read_x12(pipe, ORIGIN) if isinstance(item, Event)] == ids(written(PLAIN)) != []
    assert not pipe.closed


def test_a_stream_is_read_from_where_it_stands_and_left_open() -> None:
    stream = io.BytesIO(b"something before" + written(PLAIN))
    stream.seek(len(b"something before"))
    assert [type(item) for item in read_x12(stream, ORIGIN)] == [Event]
    assert not stream.closed


def test_ids_are_the_same_for_the_same_file_and_differ_between_claims() -> None:
    content = professional(CLAIM, CLAIM, CLAIM.replace("PCN-1", "PCN-2"))
    assert ids(content) == ids(content)
    assert len(set(ids(content))) == 3
    assert not set(ids(content)) & set(ids(content.replace(b"*5*X*", b"*6*X*").replace(b"GE*1*5", b"GE*1*6")))


def test_local_times_become_utc() -> None:
    east = datetime.timezone(datetime.timedelta(hours=-5))
    (item,) = read_x12(io.BytesIO(professional(CLAIM)), ORIGIN, east)
    assert isinstance(item, Event)
    assert item.time == datetime.datetime(2026, 3, 2, 14, 15, tzinfo=datetime.UTC).timestamp()


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (ISA.encode() + b"~", True),
        (b"\xef\xbb\xbf\r\n" + ISA.encode() + b"~\nGS*", True),
        (ISA.encode()[:60], True),
        (b"ISA*", True),
        (b"ISAAC was here", False),
        (b"ISA*a*b" + b"*" * 120, False),
        (b"MSH|^~\\&|", False),
        (b"", False),
        (b"\x1f\x8b\x08", False),
    ],
)
def test_what_looks_like_x12(head: bytes, expected: bool) -> None:
    assert looks_like_x12(head) is expected


@pytest.mark.parametrize(
    ("npi", "valid"),
    [
        ("1234567893", True),
        ("1912301953", True),
        ("9876540809", False),
        ("123456789", False),
        ("", False),
        ("١٢٣٤٥٦٧٨٩٣", False),
    ],
)
def test_golden_npis(npi: str, valid: bool) -> None:
    """domain.md §9."""
    assert valid_npi(npi) is valid


def test_every_check_is_told_in_words() -> None:
    assert all(text.endswith(".") for text in CHECKS.values())
