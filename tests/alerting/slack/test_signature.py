"""Slack's signatures: the golden vector, and everything that is none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerting.slack.signature import is_authentic, signature_of

SECRET, BODY, SECONDS = "test-secret", b"payload=%7B%7D", "1700000000"
GOLDEN = "v0=afce71d67fa783c5de9016095ace7275b04577cf9e6c394b6b076c6ac06bd2c9"
"""domain.md §9."""
SLACKS_OWN = (
    "8f742231b10e8888abcd99yyyzzz85a5",
    "1531420618",
    b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V"
    b"&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text="
    b"&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN"
    b"&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c",
    "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
)
"""The example of https://docs.slack.dev/authentication/verifying-requests-from-slack."""


def holds(
    *, body: bytes = BODY, timestamp: str = SECONDS, signature: str = GOLDEN, now: float = 1_700_000_000.0
) -> bool:
    return is_authentic(SECRET, body, timestamp=timestamp, signature=signature, now=now)


def test_the_golden_vectors() -> None:
    assert holds()
    secret, timestamp, body, signature = SLACKS_OWN
    assert is_authentic(secret, body, timestamp=timestamp, signature=signature, now=1531420618.0)


@pytest.mark.parametrize(("age", "sound"), [(300.0, True), (300.1, False), (-300.0, True), (-300.1, False)])
def test_five_minutes_are_the_limit_on_both_sides(age: float, sound: bool) -> None:
    assert holds(now=1_700_000_000.0 + age) is sound


@pytest.mark.parametrize(
    "timestamp", ["", "now", "1700000000.0", "-1700000000", "\u0661700000000", "9" * 400, " 1700000000"]
)
def test_what_is_no_time_is_refused(timestamp: str) -> None:
    assert not holds(timestamp=timestamp)


@pytest.mark.parametrize(
    "signature", ["", "v0=", GOLDEN[3:], GOLDEN.upper(), f"v1={GOLDEN[3:]}", GOLDEN[:-1], "ü" * 67]
)
def test_other_signatures_are_refused(signature: str) -> None:
    assert not holds(signature=signature)


@given(body=st.binary().filter(lambda body: body != BODY))
def test_every_other_body_is_refused(body: bytes) -> None:
    assert not holds(body=body)


@given(body=st.binary(), secret=st.text(min_size=1))
def test_what_the_same_secret_signed_holds_and_under_another_does_not(body: bytes, secret: str) -> None:
    secret = secret.encode("utf-8", "replace").decode()
    signed = signature_of(secret, body, SECONDS)
    assert is_authentic(secret, body, timestamp=SECONDS, signature=signed, now=1_700_000_000.0)
    assert not is_authentic(f"{secret}x", body, timestamp=SECONDS, signature=signed, now=1_700_000_000.0)
