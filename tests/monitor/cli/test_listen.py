"""`wardwatch listen` as a process on a broker: certificates, answers, SIGTERM, and what is seen of it."""

import json
import re
import signal
import socket
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from streams.embedded import EmbeddedBroker, free_port
from streams.records import REFUSED_HEADER, SourceRecord
from tests.monitor.cli.conftest import KEY, Wardwatch
from tests.monitor.cli.processes import environment, started, wait_for
from tests.services.certificates import Authority
from tests.streams.kafka_records import everything
from tests.streams.sources.atna.samples import HEADER, message
from tests.streams.sources.hl7.adt import adt

SOURCE = "urn:wardwatch:src:listen-test"


@dataclass(frozen=True)
class Site:
    """One installation: its settings, the senders' authority, and a port for the listener."""

    settings: dict[str, str]
    authority: Authority
    folder: Path
    port: int

    @property
    def log(self) -> Path:
        return self.folder / "listen.log"

    def client(self, authority: Authority | None) -> ssl.SSLContext:
        """Return the context of a sender with a certificate of an authority, or with none."""
        context = ssl.create_default_context(cafile=self.authority.pem)
        if authority:
            issued = authority.issue("sender")
            context.load_cert_chain(issued.certificate, issued.key)
        return context

    @contextmanager
    def connected(self, context: ssl.SSLContext) -> Iterator[ssl.SSLSocket]:
        with (
            socket.create_connection(("127.0.0.1", self.port), timeout=20) as plain,
            context.wrap_socket(plain, server_hostname="127.0.0.1") as secured,
        ):
            yield secured

    @contextmanager
    def listening(self, *words: str, **settings: str) -> Iterator[subprocess.Popen[bytes]]:
        """Run a listener until the end of the block, from when it is ready."""
        variables = environment({**self.settings, **settings})
        with started(["listen", *words, "--source", SOURCE], variables, self.log) as process:
            wait_for("readiness", self._is_ready, self.log)
            yield process

    def _is_ready(self) -> bool:
        try:
            return httpx.get(self._url("/readyz"), trust_env=False).status_code == 200
        except httpx.TransportError:
            return False

    def metric(self, name: str) -> float:
        text = httpx.get(self._url("/metrics"), trust_env=False).text
        return sum(float(line.rpartition(" ")[2]) for line in text.splitlines() if line.startswith(name))

    def ended(self, process: "subprocess.Popen[bytes]") -> list[str]:
        """Send SIGTERM, and return the messages of the log of what must have ended well."""
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0, self.log.read_text()[-2000:]
        return [json.loads(line)["message"] for line in self.log.read_text().splitlines()]

    def _url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.settings['health_port']}{path}"

    async def records(self, topic: str) -> list[SourceRecord]:
        prefix = self.settings["topic_prefix"]
        return [record for _, record in await everything(self.settings["broker"], prefix + topic)]


@pytest.fixture
def site(embedded_broker: EmbeddedBroker, topics_prefix: str, wardwatch: Wardwatch, tmp_path: Path) -> Site:
    authority = Authority(tmp_path)
    server = authority.issue("server", "127.0.0.1")
    settings = {
        "broker": embedded_broker.bootstrap,
        "topic_prefix": topics_prefix,
        "partitions": "2",
        "token_key": KEY,
        "data_dir": str(tmp_path / "data"),
        "health_port": str(free_port()),
        "listen_certificate": str(server.certificate),
        "listen_key": str(server.key),
        "listen_client_ca": str(authority.pem),
    }
    assert wardwatch("topics", "create", **settings).code == 0
    return Site(settings, authority, tmp_path, free_port())


def frame(payload: bytes) -> bytes:
    return b"%d %s" % (len(payload), payload)


def answers(site: Site, *messages: bytes) -> list[list[str]]:
    """Send messages on one connection, and return the acknowledgements in the answers."""
    received = b""
    with site.connected(site.client(site.authority)) as sender:
        sender.sendall(b"".join(b"\x0b" + one + b"\x1c\r" for one in messages))
        while received.count(b"\x1c\r") < len(messages):
            piece = sender.recv(65_536)
            assert piece, "the listener hung up"
            received += piece
    return [line.split("|") for line in received.decode().split("\r") if line.startswith("MSA")]


async def test_audit_messages_of_known_senders_reach_the_broker_and_strangers_do_not(
    site: Site, tmp_path: Path
) -> None:
    (tmp_path / "strangers").mkdir()
    stranger = Authority(tmp_path / "strangers", "strangers")
    udp = free_port()
    with site.listening("atna", "--tls", f"127.0.0.1:{site.port}", "--udp", f"127.0.0.1:{udp}") as process:
        for authority in (None, stranger):
            # TLS 1.3 tells a client only after its own side of the handshake.
            with pytest.raises((ssl.SSLError, ConnectionError)), site.connected(site.client(authority)) as sender:
                sender.sendall(frame(message()))
                sender.recv(1)
                raise ConnectionResetError
        with site.connected(site.client(site.authority)) as sender:
            messages = [HEADER + message(at=f"2026-03-02T09:14:{second:02}Z") for second in range(50)]
            sender.sendall(b"".join(frame(one) for one in [*messages, b"<34>1 - - - - - - su 4111 1111 1111 1111"]))
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams:
                datagrams.sendto(message(at="2026-03-02T09:15:00Z"), ("127.0.0.1", udp))
            wait_for("publication", lambda: site.metric("wardwatch_feed_published_total") == 52, site.log)
            assert site.metric("wardwatch_feed_connections") == 1
        assert site.metric("wardwatch_feed_received_total") == 52
        assert site.metric('wardwatch_feed_refused_total{reason="not_an_audit_message"') == 1
        said = site.ended(process)
    assert said == ["Listener starts", "Listener ends"]
    assert not re.search(r"u1001|MRN1|Ann|[a-z]1:[A-Za-z0-9_-]{22}", site.log.read_text())

    records = await site.records("access.events")
    refused = [record for record in records if REFUSED_HEADER in record.headers]
    assert (len(records), len(refused)) == (52, 1)
    assert refused[0].headers[REFUSED_HEADER] == b"not_an_audit_message"
    assert not any(b"u1001" in (record.value or b"") or b"MRN1" in (record.value or b"") for record in records)
    assert b"4111 1111" not in (refused[0].value or b"")


async def test_adt_messages_are_answered_when_the_broker_has_them(site: Site) -> None:
    with site.listening("hl7", "--address", f"127.0.0.1:{site.port}", "--zone", "America/New_York") as process:
        assert answers(site, adt(control="M1"), adt("A60", control="M2")) == [["MSA", "AA", "M1"], ["MSA", "AE", "M2"]]
        # They are answered, so they are there: no waiting before the process is told to end.
        assert site.ended(process) == ["Listener starts", "Listener ends"]
    context = await site.records("context.patient")
    assert {record.headers["ce_type"] for record in context} >= {b"org.wardwatch.context.encounter.v1"}
    assert [record.headers[REFUSED_HEADER] for record in await site.records("access.events")] == [
        b"unsupported_trigger"
    ]


async def test_what_was_taken_before_sigterm_is_published(site: Site) -> None:
    with (
        site.listening("atna", "--tls", f"127.0.0.1:{site.port}", source_burst="10", source_rate="300") as process,
        site.connected(site.client(site.authority)) as sender,
    ):
        sender.sendall(b"".join(frame(message(at=f"2026-03-02T{n // 60:02}:{n % 60:02}:00Z")) for n in range(1_000)))
        wait_for("the first records", lambda: site.metric("wardwatch_feed_published_total") > 0, site.log)
        site.ended(process)
        with suppress(ConnectionError, ssl.SSLError):
            assert sender.recv(1) == b""
    seen = {record.headers["ce_id"] for record in await site.records("access.events") if record.headers.get("ce_id")}
    assert 10 <= len(seen) <= 1_000  # how many had arrived is the network's business


def test_a_listener_says_what_it_lacks(site: Site, wardwatch: Wardwatch, tmp_path: Path) -> None:
    words = ("listen", "atna", "--tls", "127.0.0.1:0", "--source", SOURCE)
    hl7 = ("listen", "hl7", "--address", "192.0.2.1:2575", "--source", SOURCE)
    wrong = tmp_path / "wrong.pem"
    wrong.write_text("nothing")
    lacks: tuple[tuple[str, tuple[str, ...], dict[str, str]], ...] = (
        ("WARDWATCH_LISTEN_CERTIFICATE is not set", words, {"listen_certificate": ""}),
        ("WARDWATCH_LISTEN_CLIENT_CA is not set", words, {"listen_client_ca": ""}),
        ("cannot be used with its key", words, {"listen_certificate": str(wrong)}),
        ("cannot be used", words, {"listen_client_ca": str(wrong)}),
        ("in the clear", (*hl7, "--plain"), {}),
        ("in the clear", ("listen", "atna", "--udp", "0.0.0.0:514", "--source", SOURCE), {}),
        ("is no address", ("listen", "atna", "--udp", "514", "--source", SOURCE), {}),
        ("WARDWATCH_TOKEN_KEY is not set", words, {"token_key": ""}),
        ("run `wardwatch topics create`", words, {"topic_prefix": "nothing-here-"}),
        ("cannot listen", (*hl7, "--plain"), {"listen_plain": "true"}),
    )
    for told, line, settings in lacks:
        ran = wardwatch(*line, **{**site.settings, **settings})
        assert (ran.code, told in ran.err) == (1, True), ran.err
    mistakes: tuple[tuple[str, tuple[str, ...]], ...] = (
        ("--tls or --udp", ("listen", "atna", "--source", SOURCE)),
        ("takes a URN", ("listen", "atna", "--tls", "127.0.0.1:0", "--source", "a b")),
        ("there is no time zone", (*hl7, "--zone", "Nowhere/At_All")),
    )
    for told, line in mistakes:
        ran = wardwatch(*line, **site.settings)
        assert (ran.code, told in ran.err) == (2, True), ran.err
