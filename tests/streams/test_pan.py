"""Payment card numbers are found in every usual writing, numbers of other kinds are not (domain.md §4.7, §9)."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.reference.npi import passes_luhn
from streams.pan import EXEMPT_FIELDS, masked

GOLDEN = [b"4111111111111111", b"5555555555554444", b"378282246310005"]


@pytest.mark.parametrize("digits", GOLDEN)
def test_golden_numbers_pass_luhn(digits: bytes) -> None:
    assert passes_luhn(digits)
    wrong = digits[:-1] + str((int(digits[-1:]) + 1) % 10).encode()
    assert not passes_luhn(wrong)


def test_golden_npis_pass_luhn_with_their_prefix_only() -> None:
    assert passes_luhn(b"80840" + b"1234567893")
    assert passes_luhn(b"80840" + b"1912301953")
    assert not passes_luhn(b"80840" + b"9876540809")
    assert not passes_luhn(b"1234567893")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("card 4111111111111111.", "card ****************."),
        ("4111 1111 1111 1111", "**** **** **** ****"),
        ("4111-1111-1111-1111", "****-****-****-****"),
        ("4111 - 1111 - 1111 - 1111", "**** - **** - **** - ****"),
        ("3782 822463 10005", "**** ****** *****"),
        ("4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1", "* * * * * * * * * * * * * * * *"),
        ("on 2026-03-02 5555555555554444 declined", "on 2026-03-02 **************** declined"),
        ("12 4111111111111111 35", "12 **************** 35"),
        ("(6011000990139424)", "(****************)"),
        ("4111111111111111 and 378282246310005", "**************** and ***************"),
    ],
)
def test_a_card_number_is_masked(text: str, expected: str) -> None:
    assert masked(text.encode()) == expected.encode()


@pytest.mark.parametrize(
    "text",
    [
        "4111111111111112",  # fails Luhn
        "9111111111111118",  # passes Luhn, no brand begins with 9
        "a4111111111111111",  # part of a longer run
        "4111111111111111b",
        "41111111111111110",  # 17 digits; the 16 within pass, the 17 do not
        "411111111116",  # 12 digits, passes Luhn
        "1234567893",
        "2026-03-02 09:14:03",
        "550e8400-e29b-41d4-a716-446655440000",
        "4111  -  1111 1111 1111",  # more than three separators part two numbers
    ],
)
def test_another_number_is_left(text: str) -> None:
    payload = text.encode()
    assert masked(payload) is payload


@pytest.mark.parametrize("field", sorted(EXEMPT_FIELDS))
def test_a_number_of_another_kind_is_exempt_by_its_field(field: str) -> None:
    payload = json.dumps({field: "4111111111111111", "other": 1}).encode()
    assert masked(payload) is payload
    as_number = json.dumps({field: 4111111111111111}).encode()
    assert masked(as_number) is as_number


def test_the_exemption_ends_with_the_value() -> None:
    payload = json.dumps({"trace": "1", "note": "4111111111111111"}).encode()
    assert masked(payload) == b'{"trace": "1", "note": "****************"}'
    inside = json.dumps({"note": '"trace": "4111111111111111"'}).encode()
    assert b"4111" not in masked(inside)


def test_numbers_and_escapes_of_json_do_not_hide_it() -> None:
    assert masked(b'{"n":4111111111111111}') == b'{"n":****************}'
    assert masked(rb'{"n":"\u0034111111111111111"}') == b'{"n":"****************"}'
    assert masked(rb'{"n":"4111\u00201111\u002d1111\u002D1111"}') == b'{"n":"**** ****-****-****"}'
    untouched = rb'{"n":"\u0034"}'
    assert masked(untouched) is untouched


@given(st.binary(max_size=300))
def test_masking_is_total_and_idempotent(payload: bytes) -> None:
    once = masked(payload)
    assert masked(once) is once
    assert len(once) <= len(payload)


@given(st.text('0123456789 -a"\\:{}', max_size=80))
def test_what_is_masked_are_digits_only(text: str) -> None:
    payload = text.encode()
    for before, after in zip(payload, masked(payload), strict=True):
        assert after == before or (chr(before).isdigit() and after == ord("*"))


@given(
    st.sampled_from([b"4", b"51", b"2221", b"34", b"6011", b"3528", b"36"]),
    st.text("0123456789", min_size=12, max_size=14),
)
def test_every_completed_number_of_a_brand_is_found(prefix: bytes, tail: str) -> None:
    body = prefix + tail.encode()
    check = next(digit for digit in b"0123456789" if passes_luhn(body + bytes([digit])))
    assert masked(b'{"note":"' + body + bytes([check]) + b'"}') == b'{"note":"' + b"*" * (len(body) + 1) + b'"}'
