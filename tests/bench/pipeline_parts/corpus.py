"""What the benchmarks of the pipeline run on: the morning of a simulated hospital, and forests trained on the night.

The hospital has its full size (domain.md §6.2), so that a batch meets as many users and patients as it would in life.
Of the context, what names a patient, user or provider that occurs in the morning is kept: it decides how an access is
explained, and everything else would only sit in the tables.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import msgspec
import numpy as np

from detectors.events import AccessEvent, BillingTransaction, Event
from detectors.events.envelope import encode_structured
from detectors.itinerary import itinerary
from detectors.notes import NOTE_NAMES
from detectors.references import References
from detectors.sigma import RuleSet, load_rules, shipped_rules
from detectors.stage import Stage
from detectors.visit import INTAKE, STAGES, Batch, StageName, Stop
from models import BATCH
from models.api import BatchModel, Vector
from models.isolation_forest import FlatForest
from models.snapshots import pack, unpack
from streams.emulation import EmulatedTopics
from streams.intake import Intake
from streams.records import SourceRecord
from streams.replay import LINES_TOPIC
from streams.simulator.service_minutes import SERVICE_MINUTES
from streams.simulator.simulation import stream
from streams.tokens import Tokeniser

SEED = 7
HOUR = 3_600.0
BEGINS = 9 * HOUR
"""Seconds after the first midnight at which the measured events begin: the busiest hours follow."""

PARTITIONS = 4
BATCH_LINES = 500
KEY = bytes(range(32))
FOREST = "isolation_forest"

Forests = Mapping[StageName, BatchModel]


@dataclass
class Corpus:
    """Lines of CloudEvents: of the context, of the events before the measured ones, and of the measured ones."""

    context: list[bytes] = field(default_factory=list)
    before: list[bytes] = field(default_factory=list)
    events: list[bytes] = field(default_factory=list)
    transactions: int = 0
    """How many of the measured events are billing transactions; the others are accesses."""


def make_corpus(events: int, *, scale: float = 1.0, transactions: float = 0.05, before: int = 10_000) -> Corpus:
    """Simulate a hospital until there are enough events.

    Accesses keep their order and so do transactions. A hospital books about one transaction for eighty accesses, in
    bursts of a thousand or two (domain.md §6.2); to measure such an hour, transactions of two days are dealt out evenly
    among the accesses of one morning.

    Args:
        events: how many to measure.
        scale: 1 is the whole hospital.
        transactions: their share among the measured events.
        before: how many accesses of the night before to keep, for training.
    """
    corpus, context = Corpus(), list[tuple[Event, set[Stop]]]()
    booked = list[Event]()
    accesses, night = list[Event](), list[Event]()
    wanted = round(events * transactions)
    midnight: float | None = None
    for event in stream(14, SEED, scale):
        if isinstance(event.data, BillingTransaction):
            booked.append(event)
        elif not isinstance(event.data, AccessEvent):
            context.append((event, set(itinerary(event.data))))
            continue
        else:
            midnight = event.time // 86_400 * 86_400 if midnight is None else midnight
            if event.time < midnight + BEGINS:
                night.append(event)
            elif len(accesses) < events - wanted:
                accesses.append(event)
        if len(accesses) == events - wanted and len(booked) >= 2 * wanted:
            break
    night, early, late = night[-before:], booked[:-wanted], booked[-wanted:]
    mixed = list(_dealt(accesses, late))
    concerned = {stop for event in (*night, *booked, *mixed) for stop in itinerary(event.data)}
    corpus.context = [encode_structured(event) for event, stops in context if stops & concerned]
    corpus.before = [encode_structured(event) for event in (*night, *early)]
    corpus.events = [encode_structured(event) for event in mixed]
    corpus.transactions = len(late)
    return corpus


def _dealt(accesses: Sequence[Event], transactions: Sequence[Event]) -> Iterator[Event]:
    """Yield both, each in its order, evenly mixed."""
    gap = len(accesses) / max(len(transactions), 1)
    rest = iter(transactions)
    given = 0
    for number, access in enumerate(accesses, 1):
        yield access
        while given < len(transactions) and given * gap + gap <= number:
            given += 1
            yield next(rest)
    yield from rest


def shipped() -> RuleSet:
    """Return the rules that come with Wardwatch."""
    return load_rules([shipped_rules()], NOTE_NAMES)


def make_stages(forests: Forests, *, keep_features: bool = False) -> dict[StageName, Stage]:
    """Return all stages with all rules, detectors and models."""
    rules = shipped()
    return {
        name: Stage(
            name,
            rules,
            references=References(minutes=SERVICE_MINUTES),
            batch_models={FOREST: forests[name]} if name in forests else {},
            keep_features=keep_features,
        )
        for name in STAGES
    }


def make_intake() -> Intake:
    """Return an intake with a key of its own."""
    return Intake(Tokeniser({1: KEY}, 1))


def train_forests(corpus: Corpus) -> dict[StageName, BatchModel]:
    """Train an Isolation Forest for each stage that has features, on the events before the measured ones."""
    topics = EmulatedTopics(make_stages({}, keep_features=True), PARTITIONS)
    rows: dict[StageName, list[Vector]] = {"user": [], "instrument": []}
    intake = make_intake()
    lines = [*corpus.context, *corpus.before]
    for start in range(0, len(lines), BATCH_LINES):
        records = [
            SourceRecord(LINES_TOPIC, 0, start + n, 0.0, line)
            for n, line in enumerate(lines[start : start + BATCH_LINES])
        ]
        topics.send([Batch(INTAKE, 0, intake.admit(records).visits)])
        for entry, result in topics.drain(0.0):
            stage = next((name for name in rows if entry.topic == f"stage.{name}"), None)
            if stage is not None:
                rows[stage].extend(result.features.values())
    return {name: BATCH[FOREST].train(np.array(found), seed=SEED) for name, found in rows.items()}


def pack_forests(forests: Forests) -> bytes:
    """Return forests as bytes, for another process."""
    return msgspec.msgpack.encode({name: pack(forest.snapshot()) for name, forest in forests.items()})


def unpack_forests(packed: bytes) -> dict[StageName, BatchModel]:
    """Return the forests of `pack_forests`."""
    parts = msgspec.msgpack.decode(packed, type=dict[StageName, bytes])
    return {name: FlatForest.restore(unpack(part)) for name, part in parts.items()}
