"""A worker of the counting stages, run as a process: `python -m tests.streams.engine.worker SETTINGS_JSON`."""

import json
import logging
import sys
from pathlib import Path

from detectors.visit import STAGES
from streams.app import create_app
from streams.config import EngineConfig
from streams.observer import NullObserver
from streams.topics import TopicPlan
from streams.worker import run_worker
from tests.streams.engine.parts import CountingStage, FileDesk, JsonIntake


class ReadyFile(NullObserver):
    """Says on the disk whether the worker is ready."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def ready(self, is_ready: bool) -> None:
        if is_ready:
            self._path.touch()
        else:
            self._path.unlink(missing_ok=True)


def main(settings: dict[str, object]) -> int:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    folder = Path(str(settings["datadir"]))
    folder.mkdir(parents=True, exist_ok=True)
    config = EngineConfig(
        bootstrap=str(settings["bootstrap"]),
        datadir=folder,
        plan=TopicPlan(prefix=str(settings["prefix"]), partitions=int(str(settings["partitions"]))),
        store=str(settings["store"]),
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
    app = create_app(config, JsonIntake(), stages, desk, observer=ReadyFile(folder / "ready"))
    return run_worker(app, stop_seconds=config.stop_seconds)


if __name__ == "__main__":
    sys.exit(main(json.loads(sys.argv[1])))
