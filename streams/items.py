"""What source adapters yield, as records of the source topics: events without identifiers, refusals with their reason.

Only who sends raw CloudEvents sends raw identifiers (`streams.ingest`); an event of an adapter is tokenised before it
leaves this process. A refusal goes as it was read, payment card numbers masked, so that the intake gives it its dead
letter and its row of the ledger: the ledger counts what a source held, not what could be read of it.
"""

import datetime

import msgspec

from detectors.events import BadRecord, Event
from detectors.events.envelope import MAXIMUM_BYTES, decode
from detectors.itinerary import itinerary
from streams.free_text import masked_letter, without_identifiers
from streams.intake import KEPT_BYTES
from streams.pan import masked
from streams.publisher import Message
from streams.records import CUT_HEADER, MASKED_HEADER, PAN_HEADER, PLACE_HEADER, REFUSED_HEADER
from streams.sources.api import Item, Origin, Refused
from streams.tokens import Tokeniser
from streams.topics import TopicPlan

TOPIC_OF: dict[str, str] = {
    "org.wardwatch.phi.access.v1": "access.events",
    "org.wardwatch.billing.transaction.v1": "billing.transactions",
    "org.wardwatch.context.staff.v1": "context.user",
    "org.wardwatch.context.roster.v1": "context.user",
    "org.wardwatch.context.patient.v1": "context.patient",
    "org.wardwatch.context.appointment.v1": "context.patient",
    "org.wardwatch.context.encounter.v1": "context.patient",
    "org.wardwatch.context.order.v1": "context.patient",
    "org.wardwatch.context.care_team.v1": "context.patient",
    "org.wardwatch.context.task.v1": "context.patient",
    "org.wardwatch.context.exclusion.v1": "context.provider",
    "org.wardwatch.feedback.v1": "feedback",
}
"""CloudEvents `type` to its source topic, without the prefix of the deployment."""

TOPIC_OF_THE_REST = "access.events"
"""Where a record goes whose type cannot be told; the intake of any topic refuses it."""


def message_of_item(item: Item, tokeniser: Tokeniser, plan: TopicPlan, origin: Origin) -> Message:
    """Return what an adapter yielded as one record.

    An event becomes a CloudEvent in binary mode, keyed by the token of the first entity of its itinerary; its
    identifiers are replaced in place. What the intake will refuse, a refusal of the adapter among it, carries the
    reason in `Message.refused`.

    Args:
        item: an event or a refusal.
        tokeniser: replaces the identifiers.
        plan: the topics.
        origin: names the source of a refusal.
    """
    if isinstance(item, Refused):
        return _message_of_refusal(item, plan, origin)
    masked_before = tokeniser.free_texts.found
    tokeniser.tokenise_event(item)
    data = _encoder.encode(item.data)
    moment = datetime.datetime.fromtimestamp(item.time, datetime.UTC)
    message = binary_mode(plan, item, moment, data)
    if tokeniser.free_texts.found != masked_before:
        message.headers.append((MASKED_HEADER, str(tokeniser.free_texts.found - masked_before).encode()))
    if len(data) > MAXIMUM_BYTES:
        message.value, message.refused = beginning(data), "too_large"
        message.headers.append((CUT_HEADER, str(len(data)).encode()))
        return message
    message.value = masked(data)
    if message.value is not data:
        message.refused = "pan_found"
        message.headers.append((PAN_HEADER, b"yes"))
        return message
    message.refused = _verdict(item, data, moment)
    return message


def binary_mode(plan: TopicPlan, event: Event, time: datetime.datetime | None, data: bytes) -> Message:
    """Return an event as a CloudEvent in binary mode (CloudEvents Kafka binding 1.0.2, section 3.2).

    Args:
        plan: the topics.
        event: its identifiers are tokens already; the first stop of its itinerary is the key, so that what concerns one
            entity stays in order.
        time: the attribute `time`, which may be missing.
        data: encoded as JSON.
    """
    stops = itinerary(event.data)
    subject = stops[0].ref if stops else None
    headers = [
        ("ce_specversion", b"1.0"),
        ("ce_id", event.id.encode()),
        ("ce_source", event.source.encode()),
        ("ce_type", event.type.encode()),
        ("content-type", b"application/json"),
    ]
    if time is not None:
        headers.append(("ce_time", time.isoformat().encode()))
    if subject is not None:
        headers.append(("ce_subject", subject.encode()))
    return Message(plan.name(TOPIC_OF[event.type]), subject, data, headers)


def beginning(payload: bytes) -> bytes:
    """Return what is kept of a payload that is too large, without payment card numbers.

    Masked before it is cut, with a margin, so that no card number is cut to a length that no longer looks like one.
    """
    return masked_letter(payload[: 2 * KEPT_BYTES])[:KEPT_BYTES]


def _message_of_refusal(refused: Refused, plan: TopicPlan, origin: Origin) -> Message:
    headers = [
        ("ce_source", without_identifiers(origin.source).encode()),
        (REFUSED_HEADER, refused.reason.encode()),
        (PLACE_HEADER, masked_letter(refused.place.encode(errors="replace"))),
    ]
    value = refused.payload
    if len(value) > KEPT_BYTES:
        headers.append((CUT_HEADER, str(len(value)).encode()))
        value = beginning(value)
    return Message(plan.name(TOPIC_OF_THE_REST), None, masked_letter(value), headers, refused.reason)


def _verdict(event: Event, data: bytes, moment: datetime.datetime) -> str:
    """Return the reason for which the intake will refuse an event, or "": it alone decides what an event may hold."""
    try:
        decode(data, id=event.id, source=event.source, type_name=event.type, time=moment)
    except BadRecord as bad:
        return bad.reason
    return ""


_encoder = msgspec.json.Encoder()
