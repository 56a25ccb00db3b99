"""A worker as `wardwatch worker` runs it: `python -m tests.acceptance.worker [FILE_FOR_RISKS]`.

Two things differ. There is no pause between two notices, for Slack takes one a second and the tests do not wait for
that; and where a file is named, the risk of every event is written there. All else comes from the settings in the
environment.
"""

import dataclasses
import random
import sys
import time
from pathlib import Path

from prometheus_client import CollectorRegistry

from alerting.channels import CHANNELS, Channel, PagerDutyConfig, SlackConfig
from alerting.sender import Sender
from alerting.tripwire import Tripwire
from monitor import logs
from monitor.build import Worker, build_worker
from monitor.catalogue import read_rules
from monitor.channels import CONFIGS, Config
from monitor.cli.services import background, serving
from monitor.detection import build_stages
from monitor.health import health_routes
from monitor.keys import required_tokeniser
from monitor.model_files import current_models
from monitor.response import build_desk
from monitor.settings import Settings, load
from streams.app import EngineApp, create_app
from streams.intake import Intake
from streams.worker import run_worker
from tests.acceptance.recording import RecordingStage


def main(file_for_risks: Path | None) -> int:
    """Run until SIGTERM."""
    settings = load()
    logs.configure(settings.log_level)
    built = build_worker(settings, CollectorRegistry())
    app = built.app if file_for_risks is None else _recording_app(settings, built, file_for_risks)
    sender = Sender(
        build_desk(settings, built.store, read_rules(settings)),  # several desks may share a store
        _channels(settings),
        clock=time.time,
        source=random.SystemRandom(),
        tripwire=Tripwire(allowed=(settings.public_url,)),
        observer=built.metrics,
    )
    routes = health_routes(built.metrics.registry, built.alive(), built.ready())
    with serving(settings.health_host, settings.health_port, routes, "HEALTH"), background(sender.run, built.refresh):
        return run_worker(app, stop_seconds=built.engine.stop_seconds)


def _recording_app(settings: Settings, built: Worker, file: Path) -> EngineApp:
    """Return the app that `build_worker` makes, with stages that write down every risk."""
    rules = read_rules(settings)
    stages = build_stages(settings, rules, current_models(settings))
    return create_app(
        built.engine,
        Intake(required_tokeniser(settings)),
        {name: RecordingStage(stage, file) for name, stage in stages.items()},
        build_desk(settings, built.store, rules, observer=built.metrics),
        observer=built.metrics,
    )


def _channels(settings: Settings) -> dict[str, Channel]:
    configs = {name: config(settings) for name, config in CONFIGS.items()}
    return {name: CHANNELS[name](_without_pause(config)) for name, config in configs.items() if config is not None}


def _without_pause(config: Config) -> Config:
    return dataclasses.replace(config, pace=0.0) if isinstance(config, SlackConfig | PagerDutyConfig) else config


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if sys.argv[1:] else None))
