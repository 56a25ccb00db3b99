"""A worker as `wardwatch worker` runs it, but for the pause between two notices: `python -m tests.acceptance.worker`.

Slack takes a message a second, and the tests do not wait for that. All else comes from the settings in the environment.
"""

import dataclasses
import random
import sys
import time

from prometheus_client import CollectorRegistry

from alerting.channels import CHANNELS, Channel, PagerDutyConfig, SlackConfig
from alerting.sender import Sender
from alerting.tripwire import Tripwire
from monitor import logs
from monitor.build import build_worker
from monitor.catalogue import read_rules
from monitor.channels import CONFIGS, Config
from monitor.cli.services import background, serving
from monitor.health import health_routes
from monitor.response import build_desk
from monitor.settings import Settings, load
from streams.worker import run_worker


def main() -> int:
    """Run until SIGTERM."""
    settings = load()
    logs.configure(settings.log_level)
    built = build_worker(settings, CollectorRegistry())
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
        return run_worker(built.app, stop_seconds=built.engine.stop_seconds)


def _channels(settings: Settings) -> dict[str, Channel]:
    configs = {name: config(settings) for name, config in CONFIGS.items()}
    return {name: CHANNELS[name](_without_pause(config)) for name, config in configs.items() if config is not None}


def _without_pause(config: Config) -> Config:
    return dataclasses.replace(config, pace=0.0) if isinstance(config, SlackConfig | PagerDutyConfig) else config


if __name__ == "__main__":
    sys.exit(main())
