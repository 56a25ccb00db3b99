"""The console placeholder shows what a notice may show, and nothing else."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from alerting.commands import RecordFindings
from alerting.store import Store
from detectors.finding import Entity, Finding
from monitor.catalogue import read_rules, titles
from monitor.console import console_routes
from monitor.response import build_desk, opened_store
from monitor.settings import Settings
from monitor.web import WebServer, application

TOKEN = "u1:abcdefghij0123456789_-"
REASON = "Marjorie Quagmire opened 212 different charts"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "data")


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    with opened_store(settings) as store:
        yield store


@pytest.fixture
def client(settings: Settings, store: Store) -> Iterator[httpx.Client]:
    pages = console_routes(store, titles(read_rules(settings)), "https://wardwatch.example.org")
    with (
        WebServer(application(pages), "127.0.0.1", 0) as server,
        httpx.Client(base_url=server.address, trust_env=False) as web,
    ):
        yield web


def opened(settings: Settings, store: Store) -> str:
    """Open an incident and return its id."""
    finding = Finding(
        id="f1", event_id="e1", at=1_772_442_843.0, kind="rule", detector="A13", version=1, severity="critical",
        risk=95.0, entity=Entity("user", TOKEN), entities=[Entity("patient", "p1:zzzzzzzzzz0123456789_-")],
        reasons=[REASON],
    )  # fmt: skip
    (incident,) = build_desk(settings, store, read_rules(settings)).handle(RecordFindings([finding])).opened
    return incident


def test_without_incidents_it_says_so(client: httpx.Client) -> None:
    assert "There are no incidents" in client.get("/").text


def test_an_incident_is_shown_without_people(client: httpx.Client, settings: Settings, store: Store) -> None:
    incident = opened(settings, store)
    listing, page, plain = (client.get(path) for path in ("/", f"/incidents/{incident}", f"/incidents/{incident}.json"))
    assert incident in listing.text
    assert "Activity of an account that had ended" in page.text
    assert plain.json()["first_hour"] == "2026-03-02T09:00:00Z"
    assert plain.json()["findings"] == "<11"
    assert "&lt;11" in page.text
    for answer in (listing, page, plain):
        for forbidden in (TOKEN, "p1:zzz", "Marjorie", "212", "09:14"):
            assert forbidden not in answer.text


def test_what_is_not_there_is_not_found(client: httpx.Client) -> None:
    assert client.get("/incidents/INC-NONE").status_code == 404
    assert client.get("/incidents/%3Cscript%3E").status_code == 404
    assert client.get("/other").status_code == 404


def test_the_folder_of_incidents_lists_them(client: httpx.Client, settings: Settings, store: Store) -> None:
    assert opened(settings, store) in client.get("/incidents/").text
