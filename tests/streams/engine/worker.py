"""A worker of the counting stages, run as a process: `python -m tests.streams.engine.worker SETTINGS_JSON`."""

import json
import logging
import sys
from collections.abc import Sequence
from pathlib import Path

from detectors.finding import Finding
from detectors.visit import STAGES
from streams.app import create_app
from streams.config import EngineConfig
from streams.observer import NullObserver
from streams.topics import TopicPlan
from streams.worker import run_worker
from tests.streams.engine.parts import CountingStage, FileDesk, JsonIntake


class Diary(NullObserver):
    """Writes what the engine tells to the disk, and says there whether the worker is ready."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._told: dict[str, dict[str, float]] = {
            name: {} for name in ("events", "failures", "lag", "seconds_to_finding", "state", "steps")
        }

    def _add(self, what: str, key: str, n: float) -> None:
        self._told[what][key] = self._told[what].get(key, 0) + n

    def events(self, agent: str, outcome: str, n: int) -> None:
        self._add("events", f"{agent} {outcome}", n)

    def step(self, agent: str, seconds: float, events: int) -> None:
        self._add("steps", agent, events)

    def found(self, findings: Sequence[Finding], seconds: Sequence[float]) -> None:
        for taken in seconds:
            self._add("seconds_to_finding", "count", 1)
            self._told["seconds_to_finding"]["most"] = max(self._told["seconds_to_finding"].get("most", 0.0), taken)

    def failure(self, agent: str, kind: str, n: int) -> None:
        self._add("failures", f"{agent} {kind}", n)

    def lag(self, topic: str, partition: int, records: int) -> None:
        self._told["lag"][f"{topic} {partition}"] = records

    def commit_age(self, seconds: float) -> None:
        self._told["state"]["commit_age"] = seconds

    def rebalanced(self, partitions: int) -> None:
        self._add("state", "rebalances", 1)
        self._told["state"]["partitions"] = partitions

    def ready(self, is_ready: bool) -> None:
        (self._folder / "diary.new").write_text(json.dumps(self._told))
        (self._folder / "diary.new").rename(self._folder / "diary.json")
        if is_ready:
            (self._folder / "ready").touch()
        else:
            (self._folder / "ready").unlink(missing_ok=True)


def main(settings: dict[str, object]) -> int:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    folder = Path(str(settings["datadir"]))
    folder.mkdir(parents=True, exist_ok=True)
    config = EngineConfig(
        bootstrap=str(settings["bootstrap"]),
        datadir=folder,
        plan=TopicPlan(prefix=str(settings["prefix"]), partitions=int(str(settings["partitions"]))),
        store=str(settings["store"]),
        standby_replicas=int(str(settings["standby_replicas"])),
        consistency_check=bool(settings["consistency_check"]),
        fast_drain=bool(settings["fast_drain"]),
        session_timeout=float(str(settings["session_timeout"])),
        rebalance_timeout=5.0,
        heartbeat_interval=1.0,
        commit_interval=0.5,
        snapshot_seconds=float(str(settings["snapshot_seconds"])),
        intake_records=int(str(settings["intake_records"])),
    )
    pause = float(str(settings["seconds_per_step"]))
    stages = {name: CountingStage(name, pause) for name in STAGES}
    desk = FileDesk(Path(str(settings["desk"])))
    app = create_app(config, JsonIntake(), stages, desk, observer=Diary(folder))
    return run_worker(app, stop_seconds=config.stop_seconds)


if __name__ == "__main__":
    sys.exit(main(json.loads(sys.argv[1])))
