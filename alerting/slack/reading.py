"""Reading what Slack sends, over HTTP as forms and over Socket Mode as JSON.

Everything in it is foreign: a shape that is not the documented one is `Unreadable`, whose text says what, never the
value. https://docs.slack.dev/reference/interaction-payloads, https://docs.slack.dev/apis/events-api
"""

from typing import Any, TypeVar
from urllib.parse import parse_qsl

import msgspec
from msgspec import Struct

from alerting.slack.asked import DEEDS, Asked, Deed, Pressed, Submitted, Typed, Wrote, key_of, read_value

MAX_FIELDS = 100
"""Of a form; Slack sends a dozen."""


_Shape = TypeVar("_Shape", bound=Struct)


class Unreadable(Exception):  # noqa: N818 -- reads as what it says
    """What came has not the shape that Slack documents."""


class Challenge(Struct, frozen=True):
    """Slack asks whether an address is ours: the answer is this text."""

    text: str


class _User(Struct, frozen=True):
    id: str


class _Action(Struct, frozen=True):
    action_id: str
    value: str = ""


class _Choice(Struct, frozen=True):
    value: str


class _Field(Struct, frozen=True):
    value: str | None = None
    selected_option: _Choice | None = None


class _State(Struct, frozen=True):
    values: dict[str, dict[str, _Field]] = {}


class _View(Struct, frozen=True):
    id: str
    callback_id: str
    private_metadata: str = ""
    state: _State = _State()


class _BlockActions(Struct, frozen=True):
    user: _User
    actions: list[_Action]
    trigger_id: str = ""
    response_url: str = ""


class _ViewSubmission(Struct, frozen=True):
    user: _User
    view: _View


class _Kind(Struct, frozen=True):
    type: str = ""


class _Command(Struct, frozen=True):
    user_id: str
    trigger_id: str
    text: str = ""
    response_url: str = ""


class _Message(Struct, frozen=True):
    type: str = ""
    subtype: str = ""
    user: str = ""
    bot_id: str = ""
    channel: str = ""
    thread_ts: str = ""
    text: str = ""


class _Event(Struct, frozen=True):
    type: str = ""
    challenge: str = ""
    event_id: str = ""
    event: _Message = _Message()


def form_of(body: bytes) -> dict[str, str]:
    """Return the fields of a form; of a field that comes twice, the last.

    Raises:
        Unreadable: where it is none.
    """
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, strict_parsing=True, max_num_fields=MAX_FIELDS)
    except ValueError:  # not ASCII, no form, too many fields
        message = "the body is no form"
        raise Unreadable(message) from None
    return dict(pairs)


def read_interaction_form(body: bytes) -> Asked | None:
    """Return what a form with a `payload` asks for, None for nothing; see `read_interaction`."""
    payload = form_of(body).get("payload")
    if payload is None:
        message = "the form has no payload"
        raise Unreadable(message)
    return read_interaction(payload.encode("utf-8", "replace"))


def read_interaction(payload: bytes) -> Asked | None:
    """Return what a button or a modal asks for, None for what needs no answer, such as a link that was opened.

    Raises:
        Unreadable: where it has not the documented shape.
    """
    match _decoded(payload, _Kind).type:
        case "block_actions":
            return _pressed(_decoded(payload, _BlockActions))
        case "view_submission":
            return _submitted(_decoded(payload, _ViewSubmission))
        case _:
            return None


def read_command_form(body: bytes) -> Typed:
    """Return what `/wardwatch` asks for.

    Raises:
        Unreadable: where it has not the documented shape.
    """
    return read_command(form_of(body))


def read_command(fields: dict[str, Any]) -> Typed:
    """Return what `/wardwatch` asks for, from the fields of the form."""
    try:
        command = msgspec.convert(fields, _Command)
    except msgspec.ValidationError:
        message = "a field of the command is missing"
        raise Unreadable(message) from None
    return Typed(
        user=command.user_id,
        key=key_of("command", command.trigger_id),
        reply_to=command.response_url,
        text=command.text,
    )


def read_event(body: bytes) -> Asked | Challenge | None:
    """Return what an event means: a challenge, an answer in a thread, or nothing.

    Raises:
        Unreadable: where it has not the documented shape.
    """
    event = _decoded(body, _Event)
    if event.type == "url_verification":
        return Challenge(event.challenge)
    said = event.event
    is_answer = said.type == "message" and said.thread_ts and said.user and not said.subtype and not said.bot_id
    if event.type != "event_callback" or not is_answer or not event.event_id:
        return None
    return Wrote(
        user=said.user,
        key=key_of("event", event.event_id),
        thread=f"{said.channel}/{said.thread_ts}",
        text=said.text,
    )


def _pressed(pressed: _BlockActions) -> Pressed | None:
    if len(pressed.actions) != 1 or not pressed.trigger_id:
        message = "not one action with a trigger"
        raise Unreadable(message)
    deed = _deed(pressed.actions[0].action_id)
    if deed is None:
        return None
    incident_id, nonce = _carried(pressed.actions[0].value)
    return Pressed(
        user=pressed.user.id,
        key=key_of("pressed", pressed.trigger_id),
        reply_to=pressed.response_url,
        deed=deed,
        incident_id=incident_id,
        nonce=nonce,
        trigger=pressed.trigger_id,
    )


def _submitted(submitted: _ViewSubmission) -> Submitted | None:
    view = submitted.view
    deed = _deed(view.callback_id)
    if deed is None:
        return None
    incident_id, nonce = _carried(view.private_metadata)
    fields = {
        name: field.selected_option.value if field.selected_option else field.value or ""
        for block in view.state.values.values()
        for name, field in block.items()
    }
    return Submitted(
        user=submitted.user.id,
        key=key_of("submitted", view.id),
        deed=deed,
        incident_id=incident_id,
        nonce=nonce,
        fields=fields,
    )


def _deed(name: str) -> Deed | None:
    return next((deed for deed in DEEDS if deed == name), None)


def _carried(value: str) -> tuple[str, str]:
    found = read_value(value)
    if found is None:
        message = "a button carries something else than an incident and a nonce"
        raise Unreadable(message)
    return found


def _decoded(content: bytes, shape: type[_Shape]) -> _Shape:
    try:
        return msgspec.json.decode(content, type=shape)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        message = f"no {shape.__name__.strip('_')} as it is documented"
        raise Unreadable(message) from None
