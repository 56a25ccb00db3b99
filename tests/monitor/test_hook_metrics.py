"""What Prometheus sees of the hooks: routes of our table, answers and times; never a path as it came."""

import hashlib
import hmac
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from msgspec import structs
from prometheus_client import CollectorRegistry

from alerting.store import Store, create_schema, open_engine
from monitor.health import health_routes
from monitor.hook_metrics import HookMetrics
from monitor.hooks import Parts, hook_pages, hook_posts
from monitor.hooks_answers import FORGED_PER_MINUTE
from monitor.secret import Secret
from monitor.settings import Settings
from monitor.web import WebServer, application
from tests.alerting.building import Clock, a_desk

CANARY = "canary-token-of-somebody"


class Site:
    """The hooks and their metrics, as the command serves them."""

    def __init__(self, hooks: str, metrics: str) -> None:
        self.hooks, self.metrics = hooks, metrics

    def lines(self) -> dict[str, float]:
        """Return what is counted, but for buckets and times."""
        text = httpx.get(f"{self.metrics}/metrics").text
        assert CANARY not in text
        shown = (line.rsplit(" ", 1) for line in text.splitlines() if line.startswith("wardwatch_hook_"))
        return {name: float(value) for name, value in shown if "_total" in name or "_seconds_count" in name}


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    engine = open_engine(f"sqlite:///{tmp_path}/incidents.sqlite")
    create_schema(engine)
    clock = Clock()
    settings = structs.replace(
        Settings(), pagerduty_webhook_secrets=Secret("s"), answer_key=Secret("0" * 64), hooks_url="https://h.example"
    )
    parts = Parts(settings, a_desk(Store(engine), clock), clock)
    metrics = HookMetrics(CollectorRegistry())
    app = application(hook_pages(parts, {}), hook_posts(parts), metrics.answered)
    figures = application(health_routes(metrics.registry, {}, {}))
    with WebServer(app, "127.0.0.1", 0) as hooks, WebServer(figures, "127.0.0.1", 0) as shown:
        yield Site(hooks.address, shown.address)
    engine.dispose()


def test_requests_are_counted_by_route_and_answer(site: Site) -> None:
    body = b'{"event":{"event_type":"incident.priority_updated","data":{}}}'
    signature = hmac.new(b"s", body, hashlib.sha256).hexdigest()
    address = f"{site.hooks}/hooks/pagerduty"
    httpx.post(address, content=body, headers={"x-pagerduty-signature": f"v1={signature}"})
    for _ in range(2):
        httpx.post(address, content=body, headers={"x-pagerduty-signature": "v1=00"})
    httpx.post(address, content=b"x" * (2 << 20))  # too large to be read
    httpx.get(f"{site.hooks}/{CANARY}")
    httpx.get(address)
    assert site.lines() == {
        'wardwatch_hook_requests_total{answer="200",route="/hooks/pagerduty"}': 1.0,
        'wardwatch_hook_requests_total{answer="401",route="/hooks/pagerduty"}': 2.0,
        'wardwatch_hook_requests_total{answer="413",route="/hooks/pagerduty"}': 1.0,
        'wardwatch_hook_requests_total{answer="404",route="none"}': 1.0,
        'wardwatch_hook_requests_total{answer="405",route="/hooks/pagerduty"}': 1.0,
        'wardwatch_hook_refused_signatures_total{route="/hooks/pagerduty"}': 2.0,
        'wardwatch_hook_seconds_count{route="/hooks/pagerduty"}': 5.0,
        'wardwatch_hook_seconds_count{route="none"}': 1.0,
    }


def test_wrong_links_that_are_too_many_are_counted_and_not_told(site: Site) -> None:
    for _ in range(FORGED_PER_MINUTE + 2):
        httpx.get(f"{site.hooks}/answers/{CANARY}")
    lines = site.lines()
    assert lines['wardwatch_hook_rate_limited_total{route="/answers/"}'] == 2.0
    assert lines['wardwatch_hook_requests_total{answer="404",route="/answers/"}'] == FORGED_PER_MINUTE


def test_the_hooks_themselves_show_no_figures(site: Site) -> None:
    assert httpx.get(f"{site.hooks}/metrics").status_code == 404
