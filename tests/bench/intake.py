"""What the way in costs: intake, and replay without detectors, against a first draft and against bare decoding.

    python -m tests.bench.intake

All sides see the same simulated accesses and transactions, one after the other in every repetition, so that a busy
machine slows all. The first draft is what one would write first: `json.loads`, a regular expression over the text for
card numbers, `hmac.new` for each identifier, `json.dumps`. Bare decoding is the limit: msgspec in, MessagePack out.
"""

import hashlib
import hmac
import json
import random
import re
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from typing import Any

import msgspec

from alerting.desk import Desk
from alerting.incident_ids import random_ids
from alerting.store import Store, create_schema, open_engine
from detectors.events import AccessEvent, BillingTransaction
from detectors.events.envelope import decode_structured, encode_structured
from detectors.finding import Entity
from detectors.ledger import LedgerRow
from detectors.peers import PeerView
from detectors.scoring import StageModels
from detectors.stage import Score, StageResult
from detectors.visit import STAGES, Arrival, Batch, StageName, origin
from streams.identifiers import IDENTIFIERS
from streams.intake import Intake
from streams.pan import masked
from streams.records import SourceRecord
from streams.replay import Replay
from streams.simulator.simulation import simulate
from streams.tokens import Tokeniser

EVENTS, BATCH, REPETITIONS, PARTITIONS = 20_000, 500, 5, 4
KEY = bytes(range(32))
NAMES = frozenset(name for fields in IDENTIFIERS.values() for name in fields) - {"id"}
CARD = re.compile(r"(?<![0-9A-Za-z])(?:[0-9][ -]?){12,18}[0-9](?![0-9A-Za-z])")


class PassingStage:
    """Hands on and scores, and looks at nothing."""

    def __init__(self, name: StageName) -> None:
        self._name: StageName = name
        self.peers = PeerView()

    def new_models(self) -> StageModels:
        """Return models without any."""
        return StageModels(self._name, 0, 1)

    def step(
        self, profiles: Mapping[str, bytes], models: StageModels, arrivals: Sequence[Arrival], now: float
    ) -> StageResult:
        """Pass every visit on."""
        del profiles, models, now
        result = StageResult()
        for arrival in arrivals:
            onward = []
            for visit in arrival.batch.visits:
                if not visit.is_last:
                    visit.at += 1
                    onward.append(visit)
                    continue
                entity = Entity(self._name, visit.stop.ref)
                result.scores.append(Score(visit.id, visit.time, visit.type, entity, 0.0, ""))
            done = len(arrival.batch.visits) - len(onward)
            result.rows.append(LedgerRow(arrival.offset, arrival.offset, "bench", 0, "scored", done))
            if onward:
                result.onward.append(Batch(origin(self._name, arrival.partition), arrival.offset, onward))
        return result


def first_draft(lines: Sequence[bytes]) -> None:
    """Take lines in as one would write it first."""

    def tokenised(value: Any, name: str = "") -> Any:
        if isinstance(value, dict):
            return {key: tokenised(inner, key) for key, inner in value.items()}
        if isinstance(value, list):
            return [tokenised(inner, name) for inner in value]
        if name in NAMES and isinstance(value, str):
            return "x1:" + hmac.new(KEY, value.encode(), hashlib.sha256).hexdigest()[:22]
        return value

    for line in lines:
        text = line.decode()
        if not CARD.search(text):
            json.dumps(tokenised(json.loads(text)))


def bare(lines: Sequence[bytes]) -> None:
    """Decode and encode, nothing else."""
    encode = msgspec.msgpack.Encoder().encode
    for line in lines:
        encode(decode_structured(line)[0].data)


def scan(lines: Sequence[bytes]) -> None:
    """Look for card numbers, nothing else."""
    for line in lines:
        masked(line)


def admit(lines: Sequence[bytes], intake: Intake) -> None:
    """Take lines in."""
    for start in range(0, len(lines), BATCH):
        some = lines[start : start + BATCH]
        admitted = intake.admit([SourceRecord("bench", 0, start + n, 1.7e9, line) for n, line in enumerate(some)])
        if len(admitted.visits) != len(some):
            raise SystemExit("the intake refuses simulated events")


def replay(lines: Sequence[bytes], intake: Intake) -> None:
    """Take lines in and follow them through stages that do nothing."""
    engine = open_engine("sqlite://")
    create_schema(engine)
    desk = Desk(Store(engine), clock=time.time, incident_ids=random_ids(random.Random(1)))
    result = Replay(intake, {name: PassingStage(name) for name in STAGES}, desk, PARTITIONS, BATCH).run(lines)
    if result.ledger.scored != len(lines):
        raise SystemExit("the replay lost events")


def main() -> None:
    """Measure and print."""
    simulated = (item.event for item in simulate(1, 1, 0.1))
    events = (event for event in simulated if isinstance(event.data, AccessEvent | BillingTransaction))
    lines = [encode_structured(event) for event in islice(events, EVENTS)]
    warm = Intake(Tokeniser({1: KEY}, 1))
    admit(lines, warm)
    sides: dict[str, Callable[[], None]] = {
        "first draft": lambda: first_draft(lines),
        "bare decoding": lambda: bare(lines),
        "card scan": lambda: scan(lines),
        "intake, no token known": lambda: admit(lines, Intake(Tokeniser({1: KEY}, 1))),
        "intake, all tokens known": lambda: admit(lines, warm),
        "replay without detectors": lambda: replay(lines, warm),
    }
    seconds: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(REPETITIONS):
        for name, side in sides.items():
            start = time.process_time()
            side()
            seconds[name].append(time.process_time() - start)
    draft = statistics.median(seconds["first draft"])
    print(f"{len(lines)} events of {sum(map(len, lines)) // len(lines)} bytes, medians of {REPETITIONS}")
    print(f"{'':<26} {'us an event':>12} {'least':>8} {'first draft / this':>20}")
    for name, taken in seconds.items():
        median, least = (1e6 * value / len(lines) for value in (statistics.median(taken), min(taken)))
        print(f"{name:<26} {median:>12.2f} {least:>8.2f} {1e6 * draft / len(lines) / median:>19.1f}x")


if __name__ == "__main__":
    main()
