"""How the engine runs: every knob with its default and its reason, as one value from the composition root."""

from dataclasses import dataclass, field
from pathlib import Path

from streams.security import IN_THE_CLEAR, KafkaSecurity
from streams.topics import TopicPlan


@dataclass(frozen=True, kw_only=True)
class EngineConfig:
    """Settings of one worker; all durations are in seconds.

    Attributes:
        bootstrap: broker addresses, `host:port`, separated by commas.
        security: how to speak with the brokers.
        datadir: where this worker, and no other, keeps its tables.
        app_id: consumer group; the prefix of the topics goes before it.
        plan: the topics.
        store: `memory://` or `rocksdb://`. Memory recovers from the changelog at every start, RocksDB only what it
            has not got on its disk.
        standby_replicas: copies of each table on other workers, for a faster take-over.
        consistency_check: refuse to start where a table on disk is ahead of its changelog. Off for the embedded
            broker, whose high watermark is wrong (engines.md §1.11).
        fast_drain: deliver whole fetched sets (`streams.transport.FastConsumer`); off, one by one as Faust does.
        intake_records: source records in one batch at most.
        stage_records: parcels in one batch of a stage at most.
        desk_records: records in one batch of the response agent at most.
        ledger_records: records in one batch of the ledger agent at most.
        gather_within: how long the intake waits for a batch to fill. What it sends in one piece the stages take in one
            piece, and a step costs as much as a few events before it looks at the first.
        gather_parcels: how long a stage and the response agent wait, for what was sent together.
        gather_ledger: how long the ledger agent waits. Nobody is told sooner for a row that is there sooner, and each
            batch is a transaction that waits for the disk.
        buffered_records: messages that wait for an agent; a small buffer lets the fetcher sleep for a second
            (engines.md §2).
        buffered_parcels: parcels that wait for a stage. They are large, so these are few.
        commit_interval: time between commits; a crash repeats what was done since the last.
        session_timeout: after this a dead worker's partitions go to others.
        rebalance_timeout: how long a rebalance waits for the batch in hand of every worker.
        heartbeat_interval: at most a third of the session timeout.
        request_timeout: of the consumer's requests; at least the session timeout.
        delivery_seconds: how long the client tries to deliver a batch, in one attempt.
        delivery_attempts: attempts, after which the process ends and everything not acknowledged is redelivered.
        compression: of our own records: `zstd`, `lz4`, `gzip` or `none`. aiokafka packs LZ4 at its highest level, which
            takes three times as long as Zstandard's default and makes records a third larger (a tenth of a worker's
            time, docs/benchmarks.md).
        snapshot_seconds: how long models may learn without a snapshot.
        recovery_delay: Faust's pause after a rebalance, in which further members may join.
        stop_seconds: how long a stop may take, before the process ends itself; below the grace of whoever sends
            SIGTERM (Docker 10 s, Kubernetes 30 s by default).
    """

    bootstrap: str
    datadir: Path
    security: KafkaSecurity = IN_THE_CLEAR
    app_id: str = "wardwatch"
    plan: TopicPlan = field(default_factory=TopicPlan)
    store: str = "memory://"
    standby_replicas: int = 0
    consistency_check: bool = True
    fast_drain: bool = True
    intake_records: int = 500
    stage_records: int = 64
    desk_records: int = 64
    ledger_records: int = 512
    gather_within: float = 0.02
    gather_parcels: float = 0.005
    gather_ledger: float = 0.25
    buffered_records: int = 65_536
    buffered_parcels: int = 1_024
    commit_interval: float = 2.0
    session_timeout: float = 60.0
    rebalance_timeout: float = 60.0
    heartbeat_interval: float = 3.0
    request_timeout: float = 90.0
    delivery_seconds: float = 20.0
    delivery_attempts: int = 3
    compression: str = "zstd"
    snapshot_seconds: float = 30.0
    recovery_delay: float = 0.0
    stop_seconds: float = 25.0
