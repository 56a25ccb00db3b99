"""Health, readiness and metrics over real HTTP."""

from collections.abc import Iterator

import httpx
import pytest
from prometheus_client import CollectorRegistry, Counter

from monitor.health import Check, Heartbeat, health_routes
from monitor.web import WebServer, application, html_answer


class Probe:
    """A check that can be switched."""

    def __init__(self) -> None:
        self.result = Check(ok=True, detail="fine")

    def __call__(self) -> Check:
        return self.result


def broken() -> Check:
    raise ConnectionError("postgresql://user:hunter2@db")


@pytest.fixture
def assigned() -> Probe:
    return Probe()


@pytest.fixture
def client(assigned: Probe) -> Iterator[httpx.Client]:
    registry = CollectorRegistry()
    Counter("wardwatch_things", "Things", registry=registry).inc(3)
    routes = health_routes(registry, alive={"loop": lambda: Check(ok=True)}, ready={"assigned": assigned})
    routes["/below/"] = lambda request: html_answer(f"page {request.path}")
    routes["/broken"] = lambda _request: html_answer(str(broken()))
    with WebServer(application(routes), "127.0.0.1", 0) as server, httpx.Client(base_url=server.address) as web:
        yield web


def test_readiness_names_every_check_and_fails_with_one(client: httpx.Client, assigned: Probe) -> None:
    assert client.get("/readyz").status_code == 200
    assigned.result = Check(ok=False, detail="no partitions")
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {
        "ok": False,
        "checks": {"loop": {"ok": True, "detail": ""}, "assigned": {"ok": False, "detail": "no partitions"}},
    }
    assert client.get("/healthz").status_code == 200


def test_metrics_are_those_of_the_registry(client: httpx.Client) -> None:
    answer = client.get("/metrics")
    assert "wardwatch_things_total 3.0" in answer.text
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")


def test_a_check_that_raises_is_a_failed_check_and_shows_no_value() -> None:
    routes = health_routes(CollectorRegistry(), alive={"store": broken}, ready={})
    with WebServer(application(routes), "127.0.0.1", 0) as server:
        answer = httpx.get(f"{server.address}/healthz")
    assert answer.status_code == 503
    assert answer.json()["checks"] == {"store": {"ok": False, "detail": "ConnectionError"}}


def test_a_page_that_raises_shows_no_value(client: httpx.Client) -> None:
    answer = client.get("/broken")
    assert answer.status_code == 500
    assert "hunter2" not in answer.text


def test_unknown_pages_writing_and_folders(client: httpx.Client) -> None:
    assert client.get("/").status_code == 404
    assert client.get("/secret").status_code == 404
    assert client.post("/healthz").status_code == 405
    assert client.get("/below/x").text == "page /below/x"
    assert client.head("/healthz").text == ""


def test_answers_are_not_kept_and_not_framed(client: httpx.Client) -> None:
    headers = client.get("/below/x").headers
    assert headers["cache-control"] == "no-store"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]


def test_a_heartbeat_fails_when_it_stops() -> None:
    now = [100.0]
    heart = Heartbeat(patience_seconds=5, clock=lambda: now[0])
    now[0] = 105.0
    assert heart.check().ok
    now[0] = 105.1
    assert not heart.check().ok
    heart.beat()
    assert heart.check().ok
