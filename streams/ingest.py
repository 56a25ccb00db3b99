"""Publishing files of CloudEvents to the source topics, as a source system would (`wardwatch ingest FILE…`).

Every line is sent: what the intake will refuse is sent as it is, so that it gets its dead letter and its ledger row
there. Only a payment card number reaches no topic: its digits are masked, and a header tells the intake.
"""

from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import msgspec
from aiokafka.errors import KafkaError  # type: ignore[import-untyped]  # has no py.typed
from msgspec import Struct, field

from detectors.events.envelope import MAXIMUM_BYTES, BadRecord, Structured
from streams.free_text import masked_letter
from streams.intake import STRUCTURED_CONTENT, Intake
from streams.items import TOPIC_OF, TOPIC_OF_THE_REST, beginning, binary_mode
from streams.pan import masked
from streams.publisher import Message, Publisher
from streams.records import CUT_HEADER, MASKED_HEADER, PAN_HEADER, SourceRecord
from streams.topics import TopicPlan

IN_FLIGHT = 2_000
"""Records sent before their acknowledgements are awaited."""

IN_FLIGHT_BYTES = 16 * 1024 * 1024
"""Fewer where they are large: a record has up to a megabyte."""


class IngestSummary(Struct):
    """What was done: lines read, records acknowledged, and how many of them the intake will refuse, by reason."""

    read: int = 0
    published: int = 0
    dead_letters: dict[str, int] = field(default_factory=dict)


class IngestError(Exception):
    """The broker did not take the records; the text says how far it came."""


@asynccontextmanager
async def publishing(
    bootstrap: str, plan: TopicPlan, security: Mapping[str, Any] | None = None
) -> AsyncIterator[Publisher]:
    """Give a publisher that is connected, and that disconnects whatever happens.

    Args:
        bootstrap: broker addresses, `host:port`, separated by commas.
        plan: the topics, which must exist.
        security: further arguments of `AIOKafkaProducer`, such as `ssl_context`.

    Raises:
        IngestError: where a topic is missing.
        aiokafka.errors.KafkaError: where no broker answers.
    """
    publisher = Publisher(bootstrap, security or {}, plan.maximum_source_bytes)
    try:
        missing = set(plan.sources) - await publisher.start()
        if missing:
            message = f"there is no topic {', '.join(sorted(missing))}; create them with `wardwatch topics create`"
            raise IngestError(message)
        yield publisher
    finally:
        await publisher.stop()


async def ingest(
    lines: Iterable[bytes],
    intake: Intake,
    bootstrap: str,
    plan: TopicPlan,
    *,
    security: Mapping[str, Any] | None = None,
    progress: Callable[[IngestSummary], None] = lambda _: None,
) -> IngestSummary:
    """Publish lines in their order and return when all are acknowledged by all replicas.

    Sending a file twice does no harm: the events have the same ids and are counted as duplicates.

    Args:
        lines: CloudEvents in structured mode, see `streams.formats.read_lines`.
        intake: tokenises the keys.
        bootstrap: as in `publishing`, like `plan` and `security`.
        plan: the topics, which must exist.
        security: further arguments of `AIOKafkaProducer`.
        progress: called with the summary so far, every `IN_FLIGHT` lines.

    Raises:
        IngestError: where a topic is missing, or the broker does not take a record.
    """
    summary = IngestSummary()
    try:
        async with publishing(bootstrap, plan, security) as publisher:
            for some in chunks(message_of(line, intake, plan) for line in lines):
                summary.read += len(some)
                acknowledged, failure = await publisher.publish(some)
                summary.published += len(acknowledged)
                count_refused(acknowledged, summary.dead_letters)
                if failure is not None:
                    raise failure
                progress(summary)
    except KafkaError as error:
        message = f"{type(error).__name__} after {summary.published} of {summary.read} lines were published"
        raise IngestError(message) from error
    return summary


def chunks(messages: Iterable[Message]) -> Iterator[list[Message]]:
    """Yield messages in chunks that may be in flight at once."""
    some: list[Message] = []
    size = 0
    for message in messages:
        some.append(message)
        size += len(message.value)
        if len(some) == IN_FLIGHT or size >= IN_FLIGHT_BYTES:
            yield some
            some, size = [], 0
    if some:
        yield some


def count_refused(messages: Iterable[Message], dead_letters: dict[str, int]) -> None:
    """Add the messages that the intake will refuse to the counts, by reason."""
    for message in messages:
        if message.refused:
            dead_letters[message.refused] = dead_letters.get(message.refused, 0) + 1


def message_of(line: bytes, intake: Intake, plan: TopicPlan) -> Message:
    """Return a line as a CloudEvent in binary mode, keyed by the token of the first entity of its itinerary.

    Where free text had to be masked, the event goes tokenised; else as it was sent. What cannot be decoded goes without
    a key, in structured mode, to the topic of its type if that can be read.
    """
    if len(line) > MAXIMUM_BYTES:
        return _undecoded(beginning(line), "too_large", plan, (CUT_HEADER, str(len(line)).encode()))
    safe = masked(line)
    if safe is not line:
        return _undecoded(masked_letter(safe), "pan_found", plan, (PAN_HEADER, b"yes"))
    masked_before = intake.masked_texts
    try:
        event, _ = intake.event(SourceRecord("", 0, 0, 0.0, line))
    except BadRecord as bad:
        return _undecoded(masked_letter(line), bad.reason, plan)
    envelope = _envelope.decode(line)
    if intake.masked_texts == masked_before:
        return binary_mode(plan, event, envelope.time, bytes(envelope.data))
    message = binary_mode(plan, event, envelope.time, _encoder.encode(event.data))
    message.headers.append((MASKED_HEADER, str(intake.masked_texts - masked_before).encode()))
    return message


class _Typed(Struct):
    """The one attribute that the route asks of an event that is otherwise no good."""

    type: str


_typed = msgspec.json.Decoder(_Typed)
_envelope = msgspec.json.Decoder(Structured)
_encoder = msgspec.json.Encoder()


def _undecoded(value: bytes, reason: str, plan: TopicPlan, *headers: tuple[str, bytes]) -> Message:
    try:
        topic = TOPIC_OF.get(_typed.decode(value).type, TOPIC_OF_THE_REST)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        topic = TOPIC_OF_THE_REST
    content = ("content-type", STRUCTURED_CONTENT + b"+json")
    return Message(plan.name(topic), None, value, [content, *headers], reason)
