"""The commands and a worker over TLS and a login, against a real Apache Kafka."""

import json
from pathlib import Path

import httpx
import pytest

from streams.embedded import LOOPBACK, free_port
from streams.simulator import write
from tests.monitor.cli.conftest import KEY, Wardwatch
from tests.monitor.cli.processes import environment, started, wait_for
from tests.services.certificates import Authority
from tests.services.kafka_secured import GUEST, PASSWORD, USER, SecuredKafka, token


@pytest.fixture
def settings(secured_kafka: SecuredKafka, topics_prefix: str, tmp_path: Path) -> dict[str, str]:
    """An installation that logs in with its password, from a file."""
    password = tmp_path / "password"
    password.write_text(f"{PASSWORD}\n")
    return {
        "broker": secured_kafka.login,
        "kafka_security": "sasl_tls",
        "kafka_ca": str(secured_kafka.authority.pem),
        "kafka_user": USER,
        "kafka_password_file": str(password),
        "topic_prefix": topics_prefix,
        "app_id": "w",
        "partitions": "2",
        "session_timeout": "6",
        "rebalance_timeout": "5",
        "data_dir": str(tmp_path / "data"),
        "token_key": KEY,
        "health_port": str(free_port()),
    }


def test_events_become_incidents_over_tls_with_a_login(
    settings: dict[str, str], wardwatch: Wardwatch, tmp_path: Path
) -> None:
    log, folder = tmp_path / "worker.log", tmp_path / "hospital"
    write(folder, 1, 3, 0.004)
    assert wardwatch("topics", "create", **settings).code == 0
    with (folder / "events.jsonl").open("a") as events:
        events.write('{"specversion":"1.0","id":"x","source":"urn:test","type":"nobody.knows.v1","data":{}}\n')

    def accounted() -> bool:
        try:
            text = httpx.get(f"http://127.0.0.1:{settings['health_port']}/metrics", trust_env=False).text
        except httpx.TransportError:
            return False
        rows = [line.rpartition(" ") for line in text.splitlines() if line.startswith("wardwatch_ledger{")]
        received = sum(float(value) for name, _, value in rows if 'outcome="received"' in name)
        return received == sent and not any(float(value) for name, _, value in rows if 'outcome="in_flight"' in name)

    def has_incidents() -> bool:
        return bool(json.loads(wardwatch("incidents", "list", "--open", "--json", **settings).out))

    with started(["worker"], environment({**settings, "log_level": "debug"}), log):
        sent = 0
        for file in (folder / "context.jsonl", folder / "events.jsonl"):
            ran = wardwatch("ingest", file, "--json", **settings)
            assert ran.code == 0, ran.err
            sent += len(file.read_text().splitlines())
        wait_for("the ledger", accounted, log)
        wait_for("an incident", has_incidents, log)
        letters = json.loads(wardwatch("deadletters", "list", "--json", **settings).out)
        assert sum(letters["by_reason"].values()) == 1
        assert json.loads(wardwatch("deadletters", "replay", "--json", **settings).out)["replayed"] == 1
    assert PASSWORD not in log.read_text()


def test_the_doctor_says_how_kafka_is_spoken_with(settings: dict[str, str], wardwatch: Wardwatch) -> None:
    rows = json.loads(wardwatch("doctor", "--json", **settings).out)
    broker = next(row for row in rows if row["check"] == "broker")
    assert broker == {"check": "broker", "ok": True, "detail": f"{settings['broker']}, TLS, SCRAM-SHA-512"}


def test_topics_are_created_by_client_certificate_and_by_token(
    settings: dict[str, str], secured_kafka: SecuredKafka, wardwatch: Wardwatch, tmp_path: Path
) -> None:
    client = secured_kafka.authority.issue("with-password", key_password=PASSWORD)
    common = {name: value for name, value in settings.items() if name not in ("kafka_user", "kafka_password_file")}
    by_certificate = {
        "broker": secured_kafka.tls,
        "kafka_security": "tls",
        "kafka_certificate": str(client.certificate),
        "kafka_key": str(client.key),
        "kafka_key_password": PASSWORD,
    }
    ran = wardwatch("topics", "create", **{**common, **by_certificate})
    assert ran.code == 0, ran.err
    (tmp_path / "token").write_text(token())
    by_token = {"kafka_mechanism": "OAUTHBEARER", "kafka_token": str(tmp_path / "token")}
    again = wardwatch("topics", "create", **{**common, **by_token})
    assert (again.code, again.out.partition(",")[0]) == (0, "0 topics created")


def test_a_user_without_rights_is_told_which_page_lists_them(settings: dict[str, str], wardwatch: Wardwatch) -> None:
    guest = {"kafka_mechanism": "PLAIN", "kafka_user": GUEST}
    ran = wardwatch("topics", "create", **{**settings, **guest})
    assert ran.code == 1
    assert "docs/kafka-security.md" in ran.err


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"kafka_password_file": "", "kafka_password": "not-it"}, "refuses the login; correct user and password"),
        ({"kafka_ca": "OTHER"}, "WARDWATCH_KAFKA_CA"),
        ({"broker": "BY_NAME"}, "certificate is of another host"),
        ({"kafka_security": "plaintext", "kafka_user": "", "kafka_ca": ""}, "set WARDWATCH_KAFKA_SECURITY"),
    ],
)
def test_what_is_wrong_is_said_at_once_with_what_to_do(
    settings: dict[str, str],
    wardwatch: Wardwatch,
    tmp_path: Path,
    wrong: dict[str, str],
    said: str,
) -> None:
    made = {
        "OTHER": lambda: str(Authority(tmp_path, "other").pem),
        "BY_NAME": lambda: settings["broker"].replace(LOOPBACK, "localhost"),
    }
    changed = {name: made[value]() if value in made else value for name, value in wrong.items()}
    if wrong.get("kafka_security") == "plaintext":
        changed["kafka_password_file"] = ""
    chosen = {name: value for name, value in {**settings, **changed}.items() if value}
    for words in (["topics", "create"], ["worker"], ["deadletters", "list"]):
        ran = wardwatch(*words, **chosen)
        assert ran.code == 1
        assert said in ran.err
        assert "not-it" not in ran.err
    sick = json.loads(wardwatch("doctor", "--json", **chosen).out)
    assert said in next(row["detail"] for row in sick if row["check"] == "broker")
