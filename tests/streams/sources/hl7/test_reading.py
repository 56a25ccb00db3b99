"""Frames, batches, separators, escapes, damage."""

import io
import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.events import BadRecord
from streams.sources.api import Refused
from streams.sources.hl7 import looks_like_hl7, read_hl7
from streams.sources.hl7.message import LARGEST_BYTES, Message, Separators
from streams.sources.hl7.reading import messages
from tests.streams.sources.hl7.adt import ORIGIN, ZONE, adt, encounter, patient, read, refusal

ONE, TWO = adt(control="M1"), adt(control="M2", visit="V2")


def visits(content: bytes) -> list[str]:
    return [encounter(item).encounter_id for item in read(content)]


@pytest.mark.parametrize(
    "content",
    [
        ONE + TWO,
        (ONE + TWO).replace(b"\r", b"\n"),
        (ONE + TWO).replace(b"\r", b"\r\n"),
        ONE + b"\r\n\r\n" + TWO[:-1],
        b"\xef\xbb\xbf" + ONE + TWO,
        b"\x0b" + ONE + b"\x1c\r\x0b" + TWO + b"\x1c\r",
        b"\x0b" + ONE + b"\x1c" + b"\x0b" + TWO + b"\x1c",
        b"FHS|^~\\&|A\rBHS|^~\\&|A\r" + ONE + TWO + b"BTS|2\rFTS|1\r",
    ],
)
def test_messages_are_parted_however_they_are_joined(content: bytes) -> None:
    assert visits(content) == ["V1", "V2"]


def test_a_stream_that_comes_byte_by_byte_is_the_same() -> None:
    class Slow(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            return super().read(min(size or 1, 1))

    assert list(messages(Slow(ONE + TWO))) == list(messages(io.BytesIO(ONE + TWO)))


def test_what_stands_before_the_first_message_is_refused() -> None:
    first, second = read(b"PID|1\rPV1|1\r" + ONE)
    assert refusal(first) == ("no_message_header", "message 1, MSH")
    assert encounter(second).encounter_id == "V1"


def test_a_message_that_is_too_large_is_refused_and_the_next_is_read() -> None:
    first, second = read(ONE + b"NTE|" + b"x" * LARGEST_BYTES + b"\r" + b"NTE|y\r" + TWO)
    assert refusal(first) == ("too_large", "message 1")
    assert isinstance(first, Refused)
    assert len(first.payload) == 64 * 1024
    assert encounter(second).encounter_id == "V2"


def test_separators_are_those_of_the_header() -> None:
    other = ONE.replace(b"^~\\&", b"!@#$").replace(b"^", b"!").replace(b"~", b"@").replace(b"|", b";")
    assert visits(other) == ["V1"]


@pytest.mark.parametrize(
    "header", ["MSH", "MSH|", "MSH|^~", "MSH|^^\\&|", "MSH|^~\\&#x|", "MSHA^~\\&", "MSH|a~\\&|", "MSH|^~\\ |"]
)
def test_headers_without_good_separators_are_refused(header: str) -> None:
    assert refusal(read(header.encode() + b"\rPID|1\r")[0]) == ("bad_encoding_characters", "message 1, MSH-2")


@pytest.mark.parametrize(
    ("escaped", "plain"),
    [
        (r"a\F\b", "a|b"), (r"\S\\T\\R\\E\\F\ ", "^&~\\| "), (r"\H\bold\N\ not", "bold not"), (r"a\.br\b", "a\nb"),
        (r"\X41e9\!", "A\u00e9!"), (r"\X4\x", r"\X4\x"), (r"a\b", r"a\b"), (r"\Zfoo\bar", r"\Zfoo\bar"), ("", ""),
        ("\\", "\\"), (r"\E", r"\E"), (r"1\Z\2\F\3", r"1\Z\2|3"),
    ],
)  # fmt: skip
def test_escapes(escaped: str, plain: str) -> None:
    assert Separators("MSH|^~\\&|").unescaped(escaped) == plain


def test_fields_components_and_nulls() -> None:
    message = Message(b'MSH|^~\\&|A&B^C|""\rPID|1||1^2&3~4')
    assert [message.value("MSH", number) for number in (1, 3, 4, 99)] == ["|", "A", "", ""]
    assert message.part("1^2&3", 2, 2) == "3"
    assert message.repetitions("PID", 3) == ["1^2&3", "4"]
    assert (message.says("MSH", 4), message.says("MSH", 5), message.has("PV1")) == (True, False, False)


@pytest.mark.parametrize(
    ("charset", "encoding"), [("", "utf-8"), ("", "latin-1"), ("8859/1", "latin-1"), ("UNICODE UTF-8", "utf-8")]
)
def test_character_sets(charset: str, encoding: str) -> None:
    text = adt(location="K\u00f6ln").decode().replace("|P|2.5.1", f"|P|2.5.1||||||{charset}")
    assert encounter(read(text.encode(encoding))[0]).unit == "K\u00f6ln"


def test_bytes_that_are_no_text_are_refused() -> None:
    assert refusal(read(ONE.replace(b"DOE", b"D\0E"))[0]) == ("nul_character", "message 1, message")
    strange = ONE.replace(b"|P|2.5.1", b"|P|2.5.1||||||ISO IR87")
    assert refusal(read(strange)[0]) == ("unknown_character_set", "message 1, MSH-18")
    assert refusal(read(ONE + b"??|1\r")[0]) == ("bad_segment", "message 1, segment 5")
    assert refusal(read(ONE + b"NTE|1\r" * 2_000)[0]) == ("too_many_segments", "message 1, message")


def test_looks_like_hl7() -> None:
    for head in (ONE, b"\x0b" + ONE, b"\xef\xbb\xbf" + ONE, b"FHS|^~\\&", b"\r\nBHS|^~\\&", b"MSH#^~\\&"):
        assert looks_like_hl7(head)
    for head in (b"", b"MSH", b"MSHA", b"MSH \t", b"ISA*00*", b"Key,Time\n", b"{}", b"PID|1"):
        assert not looks_like_hl7(head)


STABLE = set(string.ascii_lowercase + string.digits + "_")
piece = st.binary(max_size=20) | st.sampled_from(
    [
        b"MSH|^~\\&|",
        b"\r",
        b"\x0b",
        b"\x1c",
        b"|",
        b"^",
        b"~",
        b"\\",
        b"PID|",
        b"PV1|",
        b"ADT^A01",
        b"20260302",
        b'""',
        ONE,
    ]
)


@given(st.lists(piece, max_size=30).map(b"".join))
@settings(max_examples=300, deadline=None)
def test_any_bytes_give_events_or_refusals(content: bytes) -> None:
    looks_like_hl7(content)
    for item in read_hl7(io.BytesIO(content), ORIGIN, ZONE):
        assert not isinstance(item, Refused) or set(item.reason) <= STABLE


@given(st.lists(st.tuples(st.integers(0, len(ONE) - 1), st.integers(1, 255)), max_size=6))
@settings(max_examples=300, deadline=None)
def test_a_damaged_message_is_mapped_or_refused(changes: list[tuple[int, int]]) -> None:
    damaged = bytearray(adt(vip="V", died="20260304"))
    for place, value in changes:
        damaged[place] = value
    for item in read(bytes(damaged)):
        if isinstance(item, Refused):
            assert "DOE" not in item.reason + item.place
        else:
            assert item.data is not None


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n\0"), max_size=30))
@settings(max_examples=200, deadline=None)
def test_what_is_escaped_by_the_book_is_read_as_it_was(text: str) -> None:
    separators = Separators("MSH|^~\\&|")
    names = {"\\": "E", "|": "F", "^": "S", "&": "T", "~": "R"}
    escaped = "".join(f"\\{names[letter]}\\" if letter in names else letter for letter in text)
    assert separators.unescaped(escaped) == text


def test_refusals_are_bad_records_inside() -> None:
    with pytest.raises(BadRecord):
        Message(b"")


def test_a_patient_event_follows_its_encounter() -> None:
    first, second = read(adt(vip="V"))
    assert encounter(first).patient_ref == patient(second).patient_ref == "4711"
