"""The first baseline: a Faust agent over the access log as one would write it first.

    python -m tests.bench.baselines.faust_draft SETTINGS

JSON is decoded by Faust, features are a dict, and every event is scored by itself: River's Half-Space Trees with
`score_one` and `learn_one`, scikit-learn's Isolation Forest with `score_samples`. No table, no rules, no ledger and no
tokens: it does much less than a worker, and its alerts are a counter.
"""

import logging
import os
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import faust
import msgspec
import numpy as np
from faust.types import StreamT
from msgspec import Struct
from river.anomaly import HalfSpaceTrees
from sklearn.ensemble import IsolationForest  # type: ignore[import-untyped]  # no py.typed

COLUMNS = ("hour", "age_minutes", "outward", "sensitive", "search", "records", "same_department", "remote")
TRAINED_ON = 256


class DraftSettings(Struct):
    """What it is told: stop after so many events, and write the seconds into `report`."""

    bootstrap: str
    topic: str
    folder: str
    report: str
    core: int
    events: int


def features_of(access: dict[str, Any]) -> dict[str, float]:
    """Return the numbers of an access, each in [0, 1]."""
    moment = datetime.fromisoformat(access["occurred_at"])
    resource, volume = access.get("resource") or {}, access.get("volume") or {}
    patient, actor, client = access.get("patient") or {}, access["actor"], access.get("client") or {}
    return {
        "hour": moment.hour / 24,
        "age_minutes": moment.minute / 60,
        "outward": float(access["action"] in {"print", "export", "download"}),
        "sensitive": float(bool(resource.get("sensitivity"))),
        "search": float(access["action"] == "search"),
        "records": min(volume.get("records", 0) / 1000, 1.0),
        "same_department": float(patient.get("dept") == actor.get("dept")),
        "remote": float(bool(client.get("vpn"))),
    }


def make_app(settings: DraftSettings) -> faust.App:
    """Return the app."""
    app = faust.App(
        "draft",
        broker=f"kafka://{settings.bootstrap}",
        datadir=settings.folder,
        value_serializer="json",
        consumer_auto_offset_reset="earliest",
        topic_disable_leader=True,
        broker_session_timeout=10.0,
        broker_rebalance_timeout=10.0,
    )
    trees: Any = HalfSpaceTrees(seed=1)  # its methods have no types
    rng = np.random.default_rng(1)
    forest = IsolationForest(random_state=1).fit(rng.random((TRAINED_ON, len(COLUMNS))))
    topic = app.topic(settings.topic, internal=False)

    def finish(took: dict[str, float]) -> None:
        Path(settings.report).write_bytes(msgspec.json.encode(took))

    @app.agent(topic)
    async def watch(accesses: StreamT[dict[str, Any]]) -> None:
        seen = alerts = 0
        began, began_cpu = time.perf_counter(), time.process_time()
        async for access in accesses:
            if not seen:
                began, began_cpu = time.perf_counter(), time.process_time()
            row = features_of(access)
            online = trees.score_one(row)
            trees.learn_one(row)
            batch = -forest.score_samples([[row[name] for name in COLUMNS]])[0]
            alerts += online > 0.95 and batch > 0.6
            seen += 1
            if seen == settings.events:
                took = {"seconds": time.perf_counter() - began, "cpu_seconds": time.process_time() - began_cpu}
                finish(took)

    return app


def main(settings: DraftSettings) -> None:
    """Run until killed."""
    logging.basicConfig(level=logging.WARNING)
    os.sched_setaffinity(0, {settings.core})
    faust.Worker(make_app(settings), quiet=True, override_logging=False).execute_from_commandline()


if __name__ == "__main__":
    main(msgspec.json.decode(sys.argv[1], type=DraftSettings))
