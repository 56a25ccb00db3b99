"""Dead letters survive their topic and show nothing."""

import msgspec
import pytest

from streams.records import DeadLetter, SourceRecord

LETTER = DeadLetter("access.events:3:17", "not_json", "$", "access.events", 3, 17, 1.5, b"Jones", {"ce_id": b"e1"}, 0)


def test_a_letter_comes_back_as_it_was_written() -> None:
    assert DeadLetter.decode(LETTER.encode()) == LETTER
    assert LETTER.key == b"access.events:3:17"


def test_what_is_no_letter_is_refused() -> None:
    with pytest.raises(msgspec.MsgspecError):
        DeadLetter.decode(b"\x93abc")


def test_no_repr_shows_a_payload() -> None:
    assert repr(LETTER) == "<DeadLetter not_json>"
    assert repr(SourceRecord("t", 1, 2, 0.0, b"Jones")) == "<SourceRecord t:1:2>"
