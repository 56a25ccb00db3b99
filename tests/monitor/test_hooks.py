"""What `wardwatch hooks` serves."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from alerting.store import Store, create_schema, open_engine
from monitor import settings as settings_module
from monitor.build import check_store
from monitor.hooks import Parts, hook_pages, hook_posts, hook_works
from monitor.setting_reader import SettingsError
from monitor.web import WebServer, application
from tests.alerting.building import Clock, a_desk


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    engine = open_engine(f"sqlite:///{tmp_path}/incidents.sqlite")
    create_schema(engine)
    yield Store(engine)
    engine.dispose()


@pytest.fixture
def parts(store: Store) -> Parts:
    clock = Clock()
    return Parts(settings_module.load(environment={}), a_desk(store, clock), clock)


@pytest.fixture
def base(parts: Parts) -> Iterator[str]:
    pages = hook_pages(parts, {"store": lambda: check_store(parts.desk.store)})
    with WebServer(application(pages, hook_posts(parts)), "127.0.0.1", 0) as server:
        yield server.address


def test_it_tells_its_health_and_no_figures(base: str) -> None:
    assert httpx.get(f"{base}/readyz").json()["checks"] == {"store": {"ok": True, "detail": ""}}
    assert httpx.get(f"{base}/healthz").status_code == 200
    assert httpx.get(f"{base}/metrics").status_code == 404
    assert httpx.get(f"{base}/incidents/").status_code == 404


def test_what_the_site_does_not_use_is_not_there(base: str, parts: Parts) -> None:
    assert httpx.post(f"{base}/hooks/slack/actions", content=b"").status_code == 404
    assert httpx.post(f"{base}/hooks/pagerduty", content=b"").status_code == 404
    assert hook_works(parts) == []


@pytest.mark.parametrize("name", ["CONSOLE", "HEALTH", "HOOKS"])
def test_its_metrics_never_share_a_port(name: str) -> None:
    given = {f"WARDWATCH_{name}_PORT": "9000", "WARDWATCH_HOOKS_METRICS_PORT": "9000"}
    with pytest.raises(SettingsError, match="WARDWATCH_HOOKS_METRICS_PORT: it is also the port of the hooks"):
        settings_module.load(environment=given)


@pytest.mark.parametrize("name", ["CONSOLE", "HEALTH"])
def test_it_never_shares_a_port(name: str) -> None:
    with pytest.raises(SettingsError, match="WARDWATCH_HOOKS_PORT: it is also the port of the console"):
        settings_module.load(environment={f"WARDWATCH_{name}_PORT": "9000", "WARDWATCH_HOOKS_PORT": "9000"})
