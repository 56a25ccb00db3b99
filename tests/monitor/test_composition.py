"""The composition root: settings become the parts that they call for."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from alerting.channels import PagerDutyChannel, SlackChannel, WebhookChannel
from alerting.channels.api import Sent
from alerting.commands import RecordLedger
from alerting.ledger import LedgerEntry, LedgerRow
from alerting.routes import route_for
from alerting.store import Store
from detectors.events.access import AccessedPatient
from monitor.build import MeasuredDesk, build_worker, engine_config, refresh_gauges
from monitor.catalogue import catalogue, read_minutes, read_rules, titles
from monitor.channels import build_channels, routes
from monitor.failure import Failure
from monitor.keys import local_tokeniser, required_tokeniser
from monitor.metrics import Metrics
from monitor.response import build_desk, opened_store
from monitor.secret import Secret
from monitor.settings import Settings, load

KEY = "0123456789abcdef" * 4
OTHER_KEY = "fedcba9876543210" * 4


def settings_with(tmp_path: Path, **more: str) -> Settings:
    given = {"data_dir": str(tmp_path / "data"), "token_key": KEY, **more}
    return load(environment={f"WARDWATCH_{name.upper()}": value for name, value in given.items()})


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with opened_store(settings_with(tmp_path)) as store:
        yield store


def test_a_worker_is_built_whole(tmp_path: Path) -> None:
    registry = CollectorRegistry()
    worker = build_worker(settings_with(tmp_path, table_store="memory", partitions="3"), registry)
    assert set(worker.alive()) == {"event_loop"}
    assert worker.alive()["event_loop"]().ok
    assert not worker.ready()["events"]().ok
    worker.metrics.ready(is_ready=True)
    assert worker.ready()["events"]().ok
    assert worker.ready()["store"]().ok
    assert worker.engine.plan.partitions == 3
    worker.database.dispose()


def test_settings_reach_the_engine(tmp_path: Path) -> None:
    config = engine_config(
        settings_with(
            tmp_path, broker="a:1,b:2", app_id="north", topic_prefix="n.", retention_days="3", replication="3",
            session_timeout="12", rebalance_timeout="9", commit_interval="0.5", intake_batch="77", fast_drain="false",
            table_store="rocksdb", recovery_check="false",
        )
    )  # fmt: skip
    assert (config.bootstrap, config.app_id, config.plan.prefix) == ("a:1,b:2", "north", "n.")
    assert (config.plan.source_retention_days, config.plan.replication) == (3, 3)
    assert (config.session_timeout, config.rebalance_timeout, config.commit_interval) == (12, 9, 0.5)
    assert (config.intake_records, config.fast_drain, config.consistency_check) == (77, False, False)
    assert config.store == "rocksdb://"
    assert config.heartbeat_interval <= config.session_timeout / 3
    assert config.request_timeout > config.session_timeout


def test_without_channels_everything_goes_to_the_log(tmp_path: Path) -> None:
    settings = settings_with(tmp_path)
    assert set(build_channels(settings)) == {"log"}
    assert {route_for(severity, routes(settings)).channels for severity in ("SEV1", "SEV4")} == {("log",)}


def test_pagers_get_grave_incidents_only(tmp_path: Path) -> None:
    settings = settings_with(
        tmp_path, slack_token="xoxb-1", slack_channel="C1", pagerduty_routing_key="r" * 32,
        webhook_url="https://siem.example.org/x", webhook_secret="s",
    )  # fmt: skip
    channels = build_channels(settings)
    assert isinstance(channels["slack"], SlackChannel)
    assert isinstance(channels["pagerduty"], PagerDutyChannel)
    assert isinstance(channels["webhook"], WebhookChannel)
    told = {severity: set(route_for(severity, routes(settings)).channels) for severity in ("SEV1", "SEV2", "SEV3")}
    assert told == {
        "SEV1": {"slack", "pagerduty", "webhook"},
        "SEV2": {"slack", "pagerduty", "webhook"},
        "SEV3": {"slack", "webhook"},
    }
    assert {name for route in routes(settings) for name in (*route.channels, *route.fallbacks)} <= set(channels)


def test_every_channel_can_be_had(tmp_path: Path) -> None:
    settings = settings_with(
        tmp_path, opsgenie_key="k", teams_url="https://teams.example/x", teams_urls="privacy=https://teams.example/y",
        email_host="smtp.example", email_from="a@b.example", email_to="c@d.example",
        pagerduty_routing_key="r" * 32, pagerduty_keys=f"privacy={'p' * 32}\nsecurity={'s' * 32}",
    )  # fmt: skip
    assert set(build_channels(settings)) == {"pagerduty", "opsgenie", "teams", "email", "log"}
    assert set(route_for("SEV1", routes(settings)).channels) == {"pagerduty", "opsgenie", "teams", "email"}
    assert set(route_for("SEV3", routes(settings)).channels) == {"teams", "email"}


def test_an_alertmanager_is_told_of_the_workers_health(tmp_path: Path) -> None:
    without = build_worker(settings_with(tmp_path), CollectorRegistry())
    told = build_worker(settings_with(tmp_path, alertmanager_url="http://127.0.0.1:1/"), CollectorRegistry())
    assert without.health is None
    assert told.health is not None
    assert len(told.works()) == len(without.works()) + 1
    assert told.health.push_once() == Sent()  # nothing is wrong: nothing is pushed


def token_of(settings: Settings) -> str:
    return local_tokeniser(settings).token("p", "MRN000001")


def test_a_local_key_is_made_once_and_kept_to_its_owner(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "data")
    first = token_of(settings)
    assert token_of(settings) == first
    assert (tmp_path / "data" / "token.key").stat().st_mode & 0o777 == 0o600
    assert token_of(Settings(data_dir=tmp_path / "elsewhere")) != first


def test_a_damaged_local_key_is_told(tmp_path: Path) -> None:
    (tmp_path / "token.key").write_text("zz")
    with pytest.raises(Failure, match=r"token\.key cannot be read or written"):
        token_of(Settings(data_dir=tmp_path))


def test_a_worker_needs_the_key_of_its_settings(tmp_path: Path) -> None:
    with pytest.raises(Failure, match="WARDWATCH_TOKEN_KEY is not set"):
        required_tokeniser(Settings(data_dir=tmp_path))


def test_tokens_of_a_previous_key_are_still_known(tmp_path: Path) -> None:
    old = token_of(settings_with(tmp_path, token_key=OTHER_KEY, token_key_id="1"))
    renewed = settings_with(tmp_path, token_key=KEY, token_key_id="2", previous_token_keys=f"1={OTHER_KEY}")
    assert local_tokeniser(renewed).token("p", old) == old
    assert token_of(renewed).startswith("p2:")
    assert AccessedPatient(ref=old).ref == old


def test_the_catalogue_has_every_kind_and_titles_for_notices(tmp_path: Path) -> None:
    rules = read_rules(Settings(data_dir=tmp_path))
    rows = catalogue(rules)
    assert {"rule", "detector"} <= {row.kind for row in rows}
    assert set(titles(rules)) == {row.id for row in rows}


def test_the_rules_of_a_site_are_loaded_beside_ours(tmp_path: Path) -> None:
    own = tmp_path / "rules"
    own.mkdir()
    assert len(read_rules(Settings(rules_dir=own)).rules) == len(read_rules(Settings()).rules)


def test_a_table_of_minutes_that_is_none_is_told_by_line(tmp_path: Path) -> None:
    table = tmp_path / "minutes.csv"
    table.write_text("code,minutes,each\n99213,20,20\n99214,many,30\n")
    with pytest.raises(Failure, match="line 3"):
        read_minutes(Settings(service_minutes=table))


def test_a_database_that_does_not_answer_is_told_without_its_password() -> None:
    settings = Settings(database_url=Secret("postgresql+psycopg://user:hunter2@127.0.0.1:1/db"))
    with pytest.raises(Failure, match="correct WARDWATCH_DATABASE_URL") as raised, opened_store(settings):
        pass
    assert "hunter2" not in str(raised.value)


def test_the_desk_is_timed_and_the_ledger_counted(tmp_path: Path, store: Store) -> None:
    settings = settings_with(tmp_path)
    metrics = Metrics(CollectorRegistry())
    desk = MeasuredDesk(build_desk(settings, store, read_rules(settings)), metrics)
    rows = [LedgerRow(0, 4, "ehr", 1, "received", 5), LedgerRow(0, 3, "ehr", 1, "scored", 4)]
    desk.handle(RecordLedger([LedgerEntry("access.events", 0, rows)]))
    value = metrics.registry.get_sample_value
    assert value("wardwatch_desk_seconds_count") == 1
    assert value("wardwatch_events_total", {"source": "ehr", "outcome": "received"}) == 5

    stop = threading.Event()
    thread = threading.Thread(target=refresh_gauges, args=(store, metrics, stop))
    thread.start()
    while value("wardwatch_ledger", {"source": "ehr", "outcome": "in_flight"}) is None:
        stop.wait(0.01)
    stop.set()
    thread.join()
    assert value("wardwatch_ledger", {"source": "ehr", "outcome": "in_flight"}) == 1
    assert value("wardwatch_outbox_depth") == 0
