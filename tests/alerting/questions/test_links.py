"""Links: only we make them, and nobody changes them."""

import hashlib
import hmac

from hypothesis import given
from hypothesis import strategies as st

from alerting.questions.links import Link, form_proof, proves, question_id_of, read_token, token_of
from alerting.tripwire import Tripwire

KEY = b"k" * 32
ID = bytes(range(16))
LINK = Link(question_id_of(ID), 1_772_700_000)


def test_a_link_by_hand() -> None:
    # Base 32 of id, expiry and the first half of the HMAC, as `printf | openssl` makes it.
    ground = ID + (1_772_700_000).to_bytes(5, "big")
    mac = hmac.new(KEY, b"link\x1f" + ground, hashlib.sha256).digest()[:16]
    token = token_of(KEY, LINK)
    assert len(token) == 60
    assert token.startswith("aaaqeayeaudaocajbifqydiob4")  # RFC 4648 base 32 of 00 01 02 … 0f, in lower case
    assert int(
        token.translate(str.maketrans("abcdefghijklmnopqrstuvwxyz234567", "0123456789abcdefghijklmnopqrstuv")), 32
    ) >> 4 == int.from_bytes(ground + mac, "big")
    assert read_token(KEY, token) == LINK


def test_a_link_is_of_one_key() -> None:
    assert read_token(b"x" * 32, token_of(KEY, LINK)) is None


@given(place=st.integers(0, 59), character=st.sampled_from("abcdefghijklmnopqrstuvwxyz234567"))
def test_no_character_can_be_changed(place: int, character: str) -> None:
    token = token_of(KEY, LINK)
    changed = token[:place] + character + token[place + 1 :]
    assert read_token(KEY, changed) == (LINK if changed == token else None)


@given(st.text(max_size=80))
def test_other_texts_are_no_links(text: str) -> None:
    assert read_token(KEY, text) is None


@given(random=st.binary(min_size=16, max_size=16), expires_at=st.integers(0, 2**40 - 1))
def test_every_link_is_read_back_and_trips_no_wire(random: bytes, expires_at: int) -> None:
    link = Link(question_id_of(random), expires_at)
    token = token_of(KEY, link)
    assert read_token(KEY, token) == link
    assert Tripwire().patterns_in_text(f"https://hooks.example.org/answers/{token}") == ()


def test_the_proof_of_a_form_is_of_one_link() -> None:
    token = token_of(KEY, LINK)
    assert proves(KEY, token, form_proof(KEY, token))
    assert not proves(KEY, token, form_proof(KEY, token_of(KEY, Link(LINK.question_id, 1))))
    assert not proves(KEY, token, "")
    assert form_proof(KEY, token) not in token
