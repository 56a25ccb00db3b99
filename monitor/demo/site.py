"""What the demo runs on: a folder that goes away, a broker, practice servers, a worker and the console."""

import secrets
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import yaml
from prometheus_client import CollectorRegistry

from alerting.practice.pagerduty import PracticePagerDuty
from alerting.practice.slack import PracticeSlack
from alerting.store import Store
from monitor import settings as settings_module
from monitor.build import console_pages
from monitor.demo.response import PAGER_NAMES, Responder, write_plan
from monitor.failure import Failure
from monitor.metrics import Metrics
from monitor.response import opened_store
from monitor.settings import Settings
from monitor.topics import create
from monitor.web import WebServer, application
from streams.embedded import LOOPBACK, EmbeddedBroker, EmbeddedBrokerError, free_port
from streams.simulator.service_minutes import as_csv

SLACK_TOKEN_BYTES = 16
PAGERDUTY_KEY_BYTES = 16
"""PagerDuty's integration keys have 32 characters, these as hexadecimal digits."""

PARTITIONS = 4
STOP_PATIENCE_SECONDS = 15.0
LOG_TAIL_LINES = 3


@dataclass
class Site:
    """The running demo."""

    settings: Settings
    store: Store
    slack: PracticeSlack
    pagerduty: PracticePagerDuty
    worker: subprocess.Popen[bytes]
    worker_log: Path
    console: str
    responder: Responder
    config: Path

    @property
    def worker_health(self) -> str:
        """The base address of the worker's health and metrics."""
        return f"http://{self.settings.health_host}:{self.settings.health_port}"

    def require_worker(self) -> None:
        """Make sure that the worker lives.

        Raises:
            Failure: with the end of its log, which holds no PHI.
        """
        code = self.worker.poll()
        if code is not None:
            last = self.worker_log.read_text(errors="replace").splitlines()[-LOG_TAIL_LINES:]
            message = "\n".join([f"the worker ended with code {code}; its last lines:", *last])
            raise Failure(message)


@contextmanager
def running_site() -> Iterator[Site]:
    """Start everything, and end and remove everything when the block ends, however it ends."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="wardwatch-demo-")))
        try:
            broker = stack.enter_context(EmbeddedBroker())
        except EmbeddedBrokerError as error:
            raise Failure(str(error)) from None
        token = f"xoxb-{secrets.token_hex(SLACK_TOKEN_BYTES)}"
        routing_key = secrets.token_hex(PAGERDUTY_KEY_BYTES)
        slack = stack.enter_context(PracticeSlack(token, rate_limited=True))
        pagerduty = stack.enter_context(PracticePagerDuty(routing_key))
        console_port = _preferred(8080)
        (folder / "service_minutes.csv").write_text(as_csv(), encoding="utf-8")
        write_plan(folder / "response.yml", slack.channel)
        chosen = {
            "broker": broker.bootstrap,
            "partitions": str(PARTITIONS),
            "session_timeout": "6",
            "rebalance_timeout": "5",
            "recovery_check": "false",
            "data_dir": str(folder),
            "service_minutes": str(folder / "service_minutes.csv"),
            "token_key": secrets.token_hex(32),
            "vault_key": secrets.token_hex(32),
            "health_port": str(free_port()),
            "console_port": str(console_port),
            "public_url": f"http://{LOOPBACK}:{console_port}",
            "slack_token": token,
            "slack_channel": slack.channel,
            "slack_url": f"{slack.url}/api/",
            "pagerduty_routing_key": routing_key,
            "pagerduty_url": pagerduty.url,
            "pagerduty_keys": ",".join(f"{name}={routing_key}" for name in PAGER_NAMES),
            "response_file": str(folder / "response.yml"),
        }
        environment = settings_module.child_environment(chosen)
        settings = settings_module.load(environment=environment)
        create(settings)
        store = stack.enter_context(opened_store(settings))
        console = stack.enter_context(_console(settings, store))
        responder = Responder(settings, store)
        responder.begin()
        config = folder / "wardwatch.yml"  # the folder is its owner's alone
        config.write_text(yaml.safe_dump(chosen), encoding="utf-8")
        log = folder / "worker.log"
        worker = stack.enter_context(_worker(environment, log))
        yield Site(settings, store, slack, pagerduty, worker, log, console.address, responder, config)


def _preferred(port: int) -> int:
    """Return the port that people expect where it is free, else another one."""
    with socket.socket() as probe:
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return free_port()
    return port


def _console(settings: Settings, store: Store) -> WebServer:
    pages = console_pages(settings, store, Metrics(CollectorRegistry()))
    return WebServer(application(pages), settings.console_host, settings.console_port)


@contextmanager
def _worker(environment: dict[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run a worker, in a session of its own: a Ctrl-C is meant for us, and we end it in our own order."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "monitor.cli", "worker"],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(STOP_PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
