"""From source records to visits: nothing enters that is malformed, nothing goes on that names a person.

Pure: no Kafka client, no clock. The Faust agents, `wardwatch ingest` and the broker-less replay all use it.
"""

import datetime
import re
from collections.abc import Sequence

import msgspec
from msgspec import Raw, Struct

from alerting.feedback.teaching import OWN_SOURCE, TakeVerdict
from alerting.ledger import LedgerEntry
from alerting.vault import Naming
from detectors.events.context import Feedback
from detectors.events.envelope import MAXIMUM_BYTES, BadRecord, Event, check_size, decode, decode_structured
from detectors.itinerary import itinerary
from detectors.profiles.applied import fingerprint
from detectors.visit import Visit
from streams.book import LedgerBook
from streams.free_text import NOTE, masked_letter, without_identifiers
from streams.pan import masked
from streams.records import (
    CUT_HEADER,
    MASKED_HEADER,
    PAN_HEADER,
    PLACE_HEADER,
    REFUSED_HEADER,
    DeadLetter,
    SourceRecord,
)
from streams.tokens import Tokeniser

UNKNOWN_SOURCE = "unknown"
"""The source, in the ledger, of a record that does not say where it is from."""

KEPT_BYTES = 65_536
"""Of a record over `MAXIMUM_BYTES` a dead letter keeps this much: enough to see what it was."""

STRUCTURED_CONTENT = b"application/cloudevents"
"""Beginning of the content type of structured mode (CloudEvents Kafka binding 1.0.2, section 3)."""

LONGEST_PLACE = 256
"""Bytes that are kept of where a record stood."""

_REASON = re.compile(r"[a-z][a-z0-9_]{0,63}")
"""What may become a label of metrics and a row of the ledger."""

RECEIVED = "received"
NO_ENTITY = "filtered:no_entity"
TOMBSTONE = "filtered:tombstone"
OWN_VERDICT = "filtered:own_verdict"
"""A verdict of our own desk, which has learned from it already."""
APPLIED = "applied"

FEEDBACK = "org.wardwatch.feedback.v1"


class IntakeResult(Struct):
    """What became of a batch of records: each is one visit, one dead letter, or filtered; the entries count all.

    `masked_texts` is the number of events in whose free text something was masked; `new` are the tokens that were made,
    where the tokeniser tells them; `verdicts` go to the desk.
    """

    visits: list[Visit] = []
    dead_letters: list[DeadLetter] = []
    entries: list[LedgerEntry] = []
    unknown_fields: int = 0
    masked_texts: int = 0
    new: list[Naming] = []
    verdicts: list[TakeVerdict] = []


class Intake:
    """Decodes, checks and tokenises source records, and writes the first lines of the ledger."""

    def __init__(self, tokeniser: Tokeniser) -> None:
        self._tokeniser = tokeniser
        self._texts = tokeniser.free_texts
        self._encode = msgspec.msgpack.Encoder().encode

    def admit(self, records: Sequence[SourceRecord]) -> IntakeResult:
        """Turn records into visits that stand at the first stop of their itinerary. Raises for no input.

        The entries hold, per topic and partition, a `received` row for every record and an outcome for each that ends
        here; neighbours of equal source, hour and outcome share one row.
        """
        result = IntakeResult()
        book = LedgerBook()
        for record in records:
            outcome = ""
            if record.value is None:
                source, outcome = _source_of(record, b""), TOMBSTONE
            else:
                try:
                    visit, unknown = self._visit(record, record.value)
                except BadRecord as bad:
                    source, outcome = _bury(record, record.value, bad, result.dead_letters)
                # The intake's guard: a fault of ours on one record must not stop all others.
                except Exception as fault:  # noqa: BLE001
                    verdict = BadRecord("intake_error", type(fault).__name__)
                    source, outcome = _bury(record, record.value, verdict, result.dead_letters)
                else:
                    source = visit.source
                    result.unknown_fields += unknown
                    if visit.notes:
                        result.masked_texts += 1
                    if visit.stops:
                        result.visits.append(visit)
                    elif visit.type == FEEDBACK:
                        outcome = _take_verdict(visit, result.verdicts)
                    else:
                        outcome = NO_ENTITY
            book.write(record, source, RECEIVED)
            if outcome:
                book.write(record, source, outcome)
        result.entries = book.entries
        result.new = self._tokeniser.take_new()
        return result

    @property
    def masked_texts(self) -> int:
        """How many texts were masked so far."""
        return self._texts.found

    def event(self, record: SourceRecord) -> tuple[Event, int]:
        """Decode one record and replace its identifiers by tokens.

        Returns:
            The event, and the number of unknown fields that were kept out.

        Raises:
            BadRecord: with the reason.
        """
        event, unknown = _decoded(record, record.value or b"")
        return self._tokeniser.tokenise_event(event), unknown

    def _visit(self, record: SourceRecord, value: bytes) -> tuple[Visit, int]:
        event, unknown = _decoded(record, value)
        before = self._texts.found
        data = self._tokeniser.tokenise_event(event).data
        visit = Visit(
            event.id,
            event.source,
            event.type,
            event.time,
            record.timestamp,
            Raw(self._encode(data)),
            itinerary(data),
            place=fingerprint(f"{record.topic}:{record.partition}:{record.offset}"),
        )
        if self._texts.found != before or MASKED_HEADER in record.headers:
            visit.notes = {NOTE: self._texts.found - before + _number_in(record.headers, MASKED_HEADER)}
        return visit, unknown


def _take_verdict(visit: Visit, verdicts: list[TakeVerdict]) -> str:
    """Take note of a verdict of another system, and return its outcome for the ledger."""
    if visit.source == OWN_SOURCE:
        return OWN_VERDICT
    told = _feedback.decode(visit.data)
    if not (told.finding_id or told.incident_id):
        return NO_ENTITY
    verdicts.append(
        TakeVerdict(
            actor=told.by,
            event_id=visit.id,
            verdict=told.verdict,
            at=visit.time,
            finding_id=told.finding_id,
            incident_id=told.incident_id,
            note_hash=told.note_hash,
        )
    )
    return APPLIED


def _decoded(record: SourceRecord, value: bytes) -> tuple[Event, int]:
    """Decode a CloudEvent in binary or structured mode (CloudEvents Kafka binding 1.0.2)."""
    headers = record.headers
    if REFUSED_HEADER in headers:
        raise _as_refused(headers)
    size = _cut_from(headers) or len(value)
    if size > MAXIMUM_BYTES or CUT_HEADER in headers:
        raise BadRecord("too_large", f"{size} bytes, {MAXIMUM_BYTES} allowed")
    if masked(value) is not value or PAN_HEADER in headers:
        raise BadRecord("pan_found", "data")
    if not headers or headers.get("content-type", b"").startswith(STRUCTURED_CONTENT) or not _has_attributes(headers):
        return decode_structured(value)
    attributes = b"\n".join([text for name, text in headers.items() if name != "ce_id"])
    if masked(attributes) is not attributes:
        raise BadRecord("pan_found", "headers")
    if headers.get("ce_specversion") != b"1.0":
        raise BadRecord("unknown_specversion", "specversion must be 1.0")
    check_size(value)
    return decode(
        value,
        id=_attribute(headers, "ce_id", 256),
        source=_attribute(headers, "ce_source", 256),
        type_name=_attribute(headers, "ce_type", 128),
        time=_moment(headers),
    )


def _as_refused(headers: dict[str, bytes]) -> BadRecord:
    """Return the verdict of the source adapter that could not map the record."""
    reason = (headers[REFUSED_HEADER] or b"").decode(errors="replace")
    place = masked((headers.get(PLACE_HEADER) or b"")[:LONGEST_PLACE]).decode(errors="replace")
    return BadRecord(reason if _REASON.fullmatch(reason) else "unknown_reason", place)


def _has_attributes(headers: dict[str, bytes]) -> bool:
    return "ce_type" in headers or any(name.startswith("ce_") for name in headers)


def _attribute(headers: dict[str, bytes], name: str, longest: int) -> str:
    """Return a required attribute of binary mode, of the length that structured mode allows too."""
    raw = headers.get(name)
    if not raw:
        raise BadRecord("missing_field", name)
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        raise BadRecord("wrong_type", name) from None
    if len(text) > longest:
        raise BadRecord("wrong_type", name)
    return text


def _moment(headers: dict[str, bytes]) -> datetime.datetime | None:
    raw = headers.get("ce_time")
    if raw is None:
        return None
    try:
        return datetime.datetime.fromisoformat(raw.decode())
    except ValueError:
        raise BadRecord("impossible_date", "ce_time") from None


def _bury(record: SourceRecord, value: bytes, bad: BadRecord, dead_letters: list[DeadLetter]) -> tuple[str, str]:
    """Write the dead letter of a bad record; return its source and outcome for the ledger."""
    cut_from = _cut_from(record.headers)
    if not cut_from and len(value) > MAXIMUM_BYTES:
        cut_from = len(value)
    # Masked before it is cut, with a margin, so that no card number is cut to a length that no longer looks like one.
    payload = masked_letter(value[: 2 * KEPT_BYTES])[:KEPT_BYTES] if cut_from else masked_letter(value)
    headers = {name: masked_letter(text) if text else b"" for name, text in record.headers.items()}
    letter = DeadLetter(
        id=f"{record.topic}:{record.partition}:{record.offset}",
        reason=bad.reason,
        detail=bad.detail,
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        timestamp=record.timestamp,
        payload=payload,
        headers=headers,
        cut_from=cut_from,
    )
    dead_letters.append(letter)
    return _source_of(record, payload), f"dead_letter:{bad.reason}"


def _cut_from(headers: dict[str, bytes]) -> int:
    """Return the size of the original where the record stands for one that was too large, else 0."""
    return _number_in(headers, CUT_HEADER)


def _number_in(headers: dict[str, bytes], name: str) -> int:
    digits = headers.get(name) or b""
    return int(digits) if digits.isdigit() and len(digits) < 16 else 0


class _Sourced(Struct):
    """The one attribute that the ledger asks of an event that is otherwise no good."""

    source: str


_sourced = msgspec.json.Decoder(_Sourced)
_feedback = msgspec.msgpack.Decoder(Feedback)


def _source_of(record: SourceRecord, payload: bytes) -> str:
    """Return the source that a bad record names, or `UNKNOWN_SOURCE`; `payload` is the masked one."""
    try:
        named = record.headers.get("ce_source")
        source = without_identifiers(named.decode()) if named else _sourced.decode(payload).source
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return UNKNOWN_SOURCE
    return source if 0 < len(source) <= 256 else UNKNOWN_SOURCE
