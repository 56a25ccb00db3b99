"""`/hooks/pagerduty` over HTTP: signed webhooks in, nothing else."""

import hashlib
import hmac
import logging
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from alerting.commands import RecordFindings
from alerting.people import Person
from alerting.plan import Plan
from alerting.policy import Policy
from alerting.store import Store, create_schema, open_engine
from monitor import settings as settings_module
from monitor.hooks import Parts, hook_posts
from monitor.web import WebServer, application
from tests.alerting.building import Clock, a_desk, a_finding
from tests.alerting.pagerduty.webhooks import incident, note, user, webhook

ONE = "INC-T0000001"
ACKNOWLEDGED = webhook("incident.acknowledged", incident(ONE), user("PXYZ", "Jane Canary"))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    engine = open_engine(f"sqlite:///{tmp_path}/incidents.sqlite")
    create_schema(engine)
    yield Store(engine)
    engine.dispose()


@pytest.fixture
def address(store: Store) -> Iterator[str]:
    clock = Clock()
    ana = Person(name="ana", roles=("responder",), pagerduty="PXYZ")
    desk = a_desk(store, clock, policy=Policy(plan=Plan(people=(ana,))))
    desk.handle(RecordFindings([a_finding()]))
    settings = settings_module.load(environment={"WARDWATCH_PAGERDUTY_WEBHOOK_SECRETS": "older,test-secret"})
    posts = hook_posts(Parts(settings, desk, clock))
    with WebServer(application({}, posts), "127.0.0.1", 0) as server:
        yield f"{server.address}/hooks/pagerduty"


def post(address: str, body: bytes, *, secret: bytes = b"test-secret", webhook_id: str = "w1") -> httpx.Response:
    signature = hmac.new(secret, body, hashlib.sha256).hexdigest()
    headers = {"X-PagerDuty-Signature": f"v1={signature}"} | ({"X-Webhook-Id": webhook_id} if webhook_id else {})
    return httpx.post(address, content=body, headers=headers)


def status_of(store: Store) -> str:
    case = store.incident(ONE)
    assert case is not None
    return case.incident.status


@pytest.mark.parametrize("secret", [b"test-secret", b"older"])
def test_a_signed_webhook_is_carried_out_once(address: str, store: Store, secret: bytes) -> None:
    first = post(address, ACKNOWLEDGED, secret=secret)
    assert (first.status_code, first.json()) == (200, {"heard": "done"})
    assert status_of(store) == "triaged"
    assert post(address, ACKNOWLEDGED, secret=secret).json() == {"heard": "repeated"}


def test_what_is_not_signed_changes_nothing(address: str, store: Store) -> None:
    assert post(address, ACKNOWLEDGED, secret=b"wrong").status_code == 401
    assert httpx.post(address, content=ACKNOWLEDGED).status_code == 401
    assert status_of(store) == "new"


def test_what_is_no_webhook_is_refused_for_good(address: str) -> None:
    assert post(address, b"{}").status_code == 400


def test_what_does_not_concern_us_is_taken(address: str, store: Store) -> None:
    ping = webhook("pagey.ping", {"message": "Hello from your friend Pagey!", "type": "ping"}, None)
    assert (post(address, ping).status_code, post(address, ping).json()) == (200, {"heard": "nothing"})
    assert post(address, ACKNOWLEDGED, webhook_id="").json() == {"heard": "nothing"}  # it could not be known again
    assert status_of(store) == "new"


def test_logs_hold_nothing_of_it(address: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="monitor")
    post(address, webhook("incident.annotated", note("canary Jane Doe", title=ONE), user("PXYZ", "canary")))
    post(address, b"canary")
    post(address, b"canary", secret=b"wrong")
    assert len(caplog.messages) >= 2
    assert "canary" not in repr([record.__dict__ for record in caplog.records])
