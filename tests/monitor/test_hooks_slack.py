"""Slack calls `wardwatch hooks`: over real HTTP, signed, answered at once, carried out right after."""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from alerting.commands import RecordFindings
from alerting.people import Person
from alerting.plan import Plan
from alerting.policy import Policy
from alerting.practice.slack import PracticeSlack
from alerting.slack.signature import signature_of
from alerting.store import Store, create_schema, open_engine
from monitor import settings as settings_module
from monitor.hooks import Parts, hook_posts, hook_works
from monitor.web import WebServer, application
from tests.alerting.building import Clock, a_desk, a_finding
from tests.alerting.slack import payloads

TOKEN, SECRET = "xoxb-practice-token", "test-secret"
NONCE = "0123456789abcdef"
POLICY = Policy(plan=Plan(people=(Person(name="ana", roles=("analyst",), slack="U0ANA"),)))


@dataclass
class Site:
    """A practice Slack, the hooks that it calls, and the case that it knows of."""

    slack: PracticeSlack
    store: Store
    base: str
    clock: Clock
    case: str

    def send(
        self, path: str, body: bytes, *, secret: str = SECRET, age: float = 0.0, retry: str = ""
    ) -> httpx.Response:
        timestamp = str(int(self.clock() - age))
        signed = {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": signature_of(secret, body, timestamp)}
        again = {"X-Slack-Retry-Num": retry} if retry else {}
        return httpx.post(f"{self.base}/hooks/slack/{path}", content=body, headers=signed | again)

    def pressed(self, deed: str, **fields: object) -> bytes:
        actions = [{"action_id": deed, "value": f"{self.case}:{NONCE}"}]
        given = {"trigger": self.slack.trigger(), "actions": actions, "response_url": self.slack.reply_address("U0ANA")}
        return payloads.form(payloads.pressed(deed, **(given | fields)))  # type: ignore[arg-type]  # fields of JSON

    @property
    def status(self) -> str:
        found = self.store.incident(self.case)
        assert found is not None
        return found.incident.status


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    engine = open_engine(f"sqlite:///{tmp_path}/incidents.sqlite")
    create_schema(engine)
    store, clock = Store(engine), Clock()
    with PracticeSlack(TOKEN) as slack:
        settings = settings_module.load(
            environment={
                "WARDWATCH_SLACK_TOKEN": TOKEN,
                "WARDWATCH_SLACK_CHANNEL": slack.channel,
                "WARDWATCH_SLACK_URL": f"{slack.url}/api/",
                "WARDWATCH_SLACK_SIGNING_SECRET": SECRET,
            }
        )
        desk = a_desk(store, clock, policy=POLICY)
        (case,) = desk.handle(RecordFindings([a_finding(severity="medium")])).opened
        parts, stop = Parts(settings, desk, clock), threading.Event()
        threads = [threading.Thread(target=work, args=(stop,), daemon=True) for work in hook_works(parts)]
        for thread in threads:
            thread.start()
        with WebServer(application({}, hook_posts(parts)), "127.0.0.1", 0) as server:
            yield Site(slack, store, server.address, clock, case)
        stop.set()
        for thread in threads:
            thread.join(5)
    engine.dispose()


def wait_until(holds: object) -> None:
    assert callable(holds)
    give_up = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < give_up
        time.sleep(0.02)


def test_a_button_is_answered_at_once_and_carried_out_right_after(site: Site) -> None:
    answer = site.send("actions", site.pressed("acknowledge"))
    assert (answer.status_code, answer.content) == (200, b"")
    wait_until(lambda: site.status == "triaged")


def test_a_modal_opens_while_the_trigger_holds(site: Site) -> None:
    site.send("actions", site.pressed("comment"))
    wait_until(lambda: site.slack.opened)
    (view,) = site.slack.opened
    assert (view["callback_id"], view["private_metadata"]) == ("comment", f"{site.case}:{NONCE}")
    body = payloads.form(payloads.submitted("comment", {"note": "canary"}, value=view["private_metadata"]))
    assert site.send("actions", body).content == b""
    wait_until(lambda: len((site.store.incident(site.case) or pytest.fail("no case")).timeline) == 2)
    assert not [request for request in site.slack.requests if b"canary" in request.body]


def test_refusals_and_commands_are_told_to_one_pair_of_eyes(site: Site) -> None:
    site.send("actions", site.pressed("resolve", user="U0NOBODY"))
    wait_until(lambda: site.slack.whispers)
    assert site.slack.whispers[0][1].startswith("Wardwatch does not know you.")
    assert site.status == "new"
    site.send("commands", payloads.command("list"))
    wait_until(lambda: len(site.slack.messages) == 1)  # an address that is not Slack's is not followed
    assert site.case in site.slack.messages[0].text
    assert site.slack.messages[0].channel == "U0ANA"


def test_the_challenge_is_answered(site: Site) -> None:
    answer = site.send("events", b'{"token":"x","type":"url_verification","challenge":"3eZbrw1aBm2rZgRNFdxV2595"}')
    assert answer.text.strip() == "3eZbrw1aBm2rZgRNFdxV2595"
    assert answer.headers["content-type"].startswith("text/plain")


def test_what_slack_did_not_sign_is_refused(site: Site) -> None:
    body = site.pressed("acknowledge")
    assert site.send("actions", body, secret="another").status_code == 401
    assert site.send("actions", body, age=301).status_code == 401
    assert httpx.post(f"{site.base}/hooks/slack/actions", content=body).status_code == 401
    assert httpx.get(f"{site.base}/hooks/slack/actions").status_code == 405
    with site.store.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM slack_jobs").scalar() == 0


def test_what_comes_again_is_answered_and_done_once(site: Site) -> None:
    body = payloads.command(f"ack {site.case}")
    for retry in ("0", "1", "2"):
        assert site.send("commands", body, retry=retry).status_code == 200
    wait_until(lambda: site.slack.messages)
    assert [message.text for message in site.slack.messages] == [f"{site.case} is triaged."]


def test_what_cannot_be_read_is_refused_and_not_repeated(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    answer = site.send("actions", b"payload=%7Bcanary")
    assert (answer.status_code, answer.text) == (400, "this cannot be read\n")
    assert "canary" not in caplog.text
    assert caplog.messages == ["A request of Slack cannot be read: no Kind as it is documented"]
