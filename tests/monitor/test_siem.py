"""OCSF events reach each kind of place, and every failure says what to do."""

import json
import resource
import stat
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from monitor.failure import Failure
from monitor.settings import Settings, load
from monitor.siem import ATTEMPTS, PAUSE_SECONDS, sink_for
from streams.topic_admin import create_topics
from streams.topics import Topic
from tests.conftest import Broker
from tests.streams.kafka_records import everything

EVENTS = [{"metadata": {"uid": "f1"}, "time": 1}, {"metadata": {"uid": "f2"}, "time": 2}]


class Collector:
    """Answers with the statuses that it is given, then with 200; keeps what came."""

    def __init__(self) -> None:
        self.answers: list[tuple[int, dict[str, str]]] = []
        self.taken: list[tuple[str, object]] = []
        collector = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                collector.taken.append((self.headers.get("Authorization", ""), json.loads(body)))
                status, headers = collector.answers.pop(0) if collector.answers else (200, {})
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/ocsf"


@pytest.fixture
def collector() -> Iterator[Collector]:
    collector = Collector()
    yield collector
    collector.server.shutdown()
    collector.server.server_close()


def settings(**values: str) -> Settings:
    return load(environment={f"WARDWATCH_{name.upper()}": value for name, value in values.items()})


def never(_seconds: float) -> None:
    pytest.fail("it waited")


def test_a_file_grows_by_lines_and_is_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "ocsf.jsonl"
    sink = sink_for(str(path), settings(), never)
    sink(EVENTS[:1])
    sink(EVENTS[1:])
    assert [json.loads(line) for line in path.read_text().splitlines()] == EVENTS
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_file_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(Failure, match="cannot be written: Is a directory; nothing is lost"):
        sink_for(str(tmp_path), settings(), never)(EVENTS)


def test_a_full_disk_leaves_no_half_line(tmp_path: Path) -> None:
    """A limit on the size of files stands for the end of the disk: five bytes more than the first event needs."""
    path = tmp_path / "ocsf.jsonl"
    sink = sink_for(str(path), settings(), never)
    sink(EVENTS[:1])
    size = path.stat().st_size
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + 5, limits[1]))
    try:
        with pytest.raises(Failure, match="cannot be written: File too large; nothing is lost"):
            sink(EVENTS[1:])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert path.stat().st_size == size
    sink(EVENTS[1:])
    assert [json.loads(line) for line in path.read_text().splitlines()] == EVENTS


def test_the_screen(capsys: pytest.CaptureFixture[str]) -> None:
    sink_for("-", settings(), never)(EVENTS)
    assert [json.loads(line) for line in capsys.readouterr().out.splitlines()] == EVENTS


def test_a_collector_gets_a_list_with_the_token(collector: Collector) -> None:
    sink_for(collector.url, settings(siem_token="secret-1"), never)(EVENTS)
    assert collector.taken == [("Bearer secret-1", EVENTS)]


def test_an_overloaded_collector_is_asked_again_when_it_says(collector: Collector) -> None:
    collector.answers = [(503, {}), (429, {"Retry-After": "7"})]
    waited: list[float] = []
    sink_for(collector.url, settings(), waited.append)(EVENTS)
    assert waited == [PAUSE_SECONDS, 7.0]
    assert len(collector.taken) == 3


def test_a_collector_that_refuses_ends_it_at_once(collector: Collector) -> None:
    collector.answers = [(403, {})]
    with pytest.raises(Failure, match=r"refused the events \(http 403\); correct --to or WARDWATCH_SIEM_TOKEN"):
        sink_for(collector.url, settings(siem_token="canary"), never)(EVENTS)


def test_a_collector_that_stays_away_ends_it(collector: Collector) -> None:
    collector.answers = [(500, {})] * ATTEMPTS
    with pytest.raises(Failure, match=r"does not take events \(http 500\); nothing is lost"):
        sink_for(collector.url, settings(), lambda _: None)(EVENTS)


async def test_a_topic_gets_a_record_an_event(embedded_broker: Broker, topics_prefix: str) -> None:
    topic = f"{topics_prefix}ocsf"
    create_topics(embedded_broker.bootstrap, [Topic(topic, 2, 1, {})])
    here = settings(broker=embedded_broker.bootstrap)
    thread = Thread(target=lambda: sink_for(f"kafka:{topic}", here, never)(EVENTS))
    thread.start()
    thread.join()
    records = await everything(embedded_broker.bootstrap, topic)
    assert sorted((key or b"", json.loads(record.value or b"")["time"]) for key, record in records) == [
        (b"f1", 1),
        (b"f2", 2),
    ]


def test_a_topic_that_is_missing_is_named(embedded_broker: Broker, topics_prefix: str) -> None:
    sink = sink_for(f"kafka:{topics_prefix}none", settings(broker=embedded_broker.bootstrap), never)
    with pytest.raises(Failure, match=f"there is no topic {topics_prefix}none"):
        sink(EVENTS)
