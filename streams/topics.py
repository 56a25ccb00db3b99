"""The topics of Wardwatch: their names, partitions and settings, as plain values."""

from collections.abc import Iterator
from dataclasses import dataclass

from detectors.visit import STAGES, StageName

SOURCES = (
    "billing.transactions",
    "access.events",
    "context.patient",
    "context.user",
    "context.provider",
    "feedback",
)
"""What comes from outside. `context.*` is keyed by the entity that needs it (design.md §2)."""

STAGE_TOPICS: dict[StageName, str] = {stage: f"stage.{stage}" for stage in STAGES}

FINDINGS = "findings"
LEDGER = "ledger"
DEADLETTERS = "deadletters"
PEERS = "peers"

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS


@dataclass(frozen=True)
class Topic:
    """One topic as it should be; `settings` are Kafka topic configurations."""

    name: str
    partitions: int
    replication: int
    settings: dict[str, str]


@dataclass(frozen=True, kw_only=True)
class TopicPlan:
    """All topics of one deployment, from a few parameters.

    Everything that is keyed by an entity has the same number of `partitions`, so that one worker owns an entity's
    partition in all of them. It cannot be changed later without moving all state: choose it for the load to come.

    `maximum_bytes` is the largest record of our own topics (a parcel of events, a model's snapshot). A source record
    may be at most `maximum_source_bytes`; the intake refuses events over 1 MiB, and a record has headers beside it.
    `prefix` goes before every name, so that several deployments can share a broker.
    """

    prefix: str = ""
    partitions: int = 8
    replication: int = 1
    source_retention_days: float = 7.0
    stage_retention_hours: float = 24.0
    findings_retention_days: float = 30.0
    ledger_retention_days: float = 30.0
    deadletter_retention_days: float = 90.0
    tombstone_retention_days: float = 7.0
    maximum_bytes: int = 8 * 1024 * 1024
    maximum_source_bytes: int = 2 * 1024 * 1024

    def name(self, topic: str) -> str:
        """Return the full name of a topic."""
        return self.prefix + topic

    def stage(self, stage: StageName) -> str:
        """Return the full name of a stage's topic."""
        return self.name(STAGE_TOPICS[stage])

    def table(self, stage: StageName) -> str:
        """Return the full name of the changelog of a stage's profiles."""
        return self.name(f"table.{stage}")

    @property
    def sources(self) -> list[str]:
        """The full names of the source topics."""
        return [self.name(topic) for topic in SOURCES]

    def topics(self) -> list[Topic]:
        """Return every topic, sources first."""
        return list(self._topics())

    def _topics(self) -> Iterator[Topic]:
        for source in SOURCES:
            yield self._kept(source, self.source_retention_days * DAY_MS, self.maximum_source_bytes)
        for stage_topic in STAGE_TOPICS.values():
            yield self._kept(stage_topic, self.stage_retention_hours * HOUR_MS, self.maximum_bytes)
        yield self._kept(FINDINGS, self.findings_retention_days * DAY_MS, self.maximum_bytes)
        yield self._kept(LEDGER, self.ledger_retention_days * DAY_MS, self.maximum_bytes)
        yield self._kept(DEADLETTERS, self.deadletter_retention_days * DAY_MS, self.maximum_bytes)
        yield self._compacted(self.name(PEERS), 1)
        for stage in STAGES:
            yield self._compacted(self.table(stage), self.partitions)

    def _kept(self, topic: str, milliseconds: float, maximum_bytes: int) -> Topic:
        return self._topic(
            self.name(topic),
            self.partitions,
            {
                "cleanup.policy": "delete",
                "retention.ms": str(round(milliseconds)),
                "max.message.bytes": str(maximum_bytes),
                # Receipt is judged by the broker's clock (LedgerRow.hour, Visit.received), not by a producer's.
                "message.timestamp.type": "LogAppendTime",
            },
        )

    def _compacted(self, name: str, partitions: int) -> Topic:
        return self._topic(
            name,
            partitions,
            {
                "cleanup.policy": "compact",
                # A worker that was away longer than this may find deleted profiles again on its own disk.
                "delete.retention.ms": str(round(self.tombstone_retention_days * DAY_MS)),
                "max.message.bytes": str(self.maximum_bytes),
            },
        )

    def _topic(self, name: str, partitions: int, settings: dict[str, str]) -> Topic:
        if self.replication > 1:
            # With acks=all this is what makes an acknowledgement survive the loss of a broker.
            settings["min.insync.replicas"] = "2"
        return Topic(name, partitions, self.replication, settings)
