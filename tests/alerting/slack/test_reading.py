"""What Slack sends, as what somebody asks for."""

import json
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerting.slack.asked import Asked, Pressed, Submitted, Typed, Wrote, read_value, value_of
from alerting.slack.reading import (
    Challenge,
    Unreadable,
    read_command_form,
    read_event,
    read_interaction,
    read_interaction_form,
)
from tests.alerting.slack.payloads import INCIDENT, NONCE, VALUE, answered, command, form, pressed, submitted


def test_a_pressed_button() -> None:
    asked = read_interaction_form(form(pressed()))
    assert isinstance(asked, Pressed)
    assert (asked.user, asked.deed, asked.incident_id, asked.nonce) == ("U0ANA", "acknowledge", INCIDENT, NONCE)
    assert asked.trigger == "13345224609.738"
    assert asked.reply_to.startswith("https://hooks.slack.com/actions/")


def test_the_same_press_has_the_same_key_and_another_another() -> None:
    first, again, other = (read_interaction(pressed(trigger=trigger)) for trigger in ("1.1", "1.1", "1.2"))
    assert first is not None and again is not None and other is not None
    assert first.key == again.key != other.key


def test_a_modal() -> None:
    asked = read_interaction(submitted("resolve", {"verdict": ("benign_explained",), "reason": "covering"}))
    assert isinstance(asked, Submitted)
    assert (asked.deed, asked.incident_id) == ("resolve", INCIDENT)
    assert asked.fields == {"verdict": "benign_explained", "reason": "covering"}


def test_a_field_that_was_left_empty_is_empty() -> None:
    asked = read_interaction(submitted("comment", {"note": None}))
    assert isinstance(asked, Submitted)
    assert asked.fields == {"note": ""}


def test_a_command() -> None:
    asked = read_command_form(command("show INC-F73K9Q2M"))
    assert (asked.user, asked.text) == ("U0ANA", "show INC-F73K9Q2M")
    assert read_command_form(command("")).text == ""


def test_events() -> None:
    assert read_event(b'{"token":"x","challenge":"3eZbrw1aB","type":"url_verification"}') == Challenge("3eZbrw1aB")
    asked = read_event(answered("I asked the manager"))
    assert isinstance(asked, Wrote)
    assert (asked.user, asked.thread, asked.text) == (
        "U0ANA",
        "C0PRACTICE/1700000000.000001",
        "I asked the manager",
    )


@pytest.mark.parametrize(
    "event",
    [
        answered("our own", bot_id="B1"),
        answered("edited", subtype="message_changed"),
        answered("no thread", thread_ts=""),
        answered("a join", type="member_joined_channel"),
        b'{"type":"app_rate_limited"}',
        b"{}",
    ],
)
def test_events_that_mean_nothing_to_us(event: bytes) -> None:
    assert read_event(event) is None


def test_a_link_that_is_opened_and_views_that_close_need_no_answer() -> None:
    assert read_interaction(pressed("open")) is None
    assert read_interaction(b'{"type":"view_closed"}') is None
    assert read_interaction(submitted("someone_elses", {})) is None


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"[]",
        b"\xff",
        b'{"type":"block_actions"}',
        b'{"type":7}',
        pressed(actions=[]),
        pressed(trigger=""),
        pressed(user={}),  # type: ignore[arg-type]  # what is refused
        pressed(actions=[{"action_id": "resolve", "value": "Jane Doe"}]),
        submitted("comment", {}, value="INC-F73K9Q2M"),
        b"[" * 100_000,
    ],
)
def test_other_shapes_are_refused_without_their_values(payload: bytes) -> None:
    with pytest.raises(Unreadable) as refused:
        read_interaction(payload)
    assert "Jane" not in str(refused.value)


@pytest.mark.parametrize("body", [b"", b"payload", b"other=1", b"payload=%zz&&&", "payload=ü".encode(), b"a=1&" * 101])
def test_other_forms_are_refused(body: bytes) -> None:
    with pytest.raises(Unreadable):
        read_interaction_form(body)
    with pytest.raises(Unreadable):
        read_command_form(body)


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    for read in (read_interaction, read_interaction_form, read_command_form, read_event):
        try:
            read(body)
        except Unreadable:
            continue


@given(text=st.text(max_size=200))
def test_any_text_comes_through_a_modal_and_a_command_unchanged(text: str) -> None:
    sound = text.encode("utf-8", "replace").decode()
    asked = read_interaction_form(form(submitted("comment", {"note": sound})))
    assert isinstance(asked, Submitted)
    assert asked.fields["note"] == sound
    assert read_command_form(urlencode({"user_id": "U", "trigger_id": "1", "text": sound}).encode()).text == sound


@given(st.text())
def test_a_value_is_ours_or_nothing(value: str) -> None:
    found = read_value(value)
    assert found is None or value_of(*found) == value
    assert read_value(VALUE) == (INCIDENT, NONCE)


def test_nothing_shows_what_was_typed() -> None:
    asked: list[Asked | None] = [
        read_interaction(submitted("comment", {"note": "canary"})),
        Typed(user="U", key="k", text="canary"),
        Wrote(user="U", key="k", thread="C/1", text="canary"),
    ]
    assert "canary" not in repr(asked)
    assert "canary" in json.dumps({"text": asked[2].text if isinstance(asked[2], Wrote) else ""})
