"""TLS and logins against a real Apache Kafka: what works, and what is said of everything that does not."""

import asyncio
import datetime
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Literal

import pytest
from aiokafka import AIOKafkaConsumer  # type: ignore[import-untyped]  # no py.typed

from streams.embedded import LOOPBACK
from streams.emit import Outgoing, Outlet
from streams.oauth import TokenError, TokenFile
from streams.probe import Trouble, trouble_with
from streams.security import IN_THE_CLEAR, KafkaSecurity, PasswordLogin, Tls, TokenLogin
from streams.topic_admin import create_topics, inspect_topics
from streams.topics import Topic
from tests.services.certificates import DAY, Authority, Issued
from tests.services.kafka_secured import MECHANISMS, PASSWORD, USER, SecuredKafka, token

Mechanism = Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"]


class FreshTokens:
    """Makes a token whenever it is asked, and counts."""

    def __init__(self) -> None:
        self.asked = 0

    def token(self) -> str:
        self.asked += 1
        return token()


class NoTokens:
    def token(self) -> str:
        raise TokenError("the token endpoint does not answer")


def trusting(kafka: SecuredKafka, client: Issued | None = None, *, checks_names: bool = True) -> Tls:
    certificate, key = (client.certificate, client.key) if client else (None, None)
    return Tls(kafka.authority.pem, certificate, key, checks_names=checks_names)


def by_password(
    kafka: SecuredKafka, mechanism: Mechanism = "SCRAM-SHA-512", password: str = PASSWORD, user: str = USER
) -> KafkaSecurity:
    return KafkaSecurity(trusting(kafka), PasswordLogin(mechanism, user, password))


WAYS: dict[str, Callable[[SecuredKafka], tuple[str, KafkaSecurity]]] = {
    "PLAIN": lambda kafka: (kafka.login, by_password(kafka, "PLAIN")),
    "SCRAM-SHA-256": lambda kafka: (kafka.login, by_password(kafka, "SCRAM-SHA-256")),
    "SCRAM-SHA-512": lambda kafka: (kafka.login, by_password(kafka, "SCRAM-SHA-512")),
    "OAUTHBEARER": lambda kafka: (kafka.login, KafkaSecurity(trusting(kafka), TokenLogin(FreshTokens()))),
    "client certificate": lambda kafka: (
        kafka.tls,
        KafkaSecurity(trusting(kafka, kafka.authority.issue("client"))),
    ),
}


def test_every_mechanism_is_tried() -> None:
    assert set(MECHANISMS) < set(WAYS)


@asynccontextmanager
async def outlet_to(address: str, security: KafkaSecurity) -> AsyncIterator[Outlet]:
    outlet = Outlet(address, maximum_bytes=1024 * 1024, delivery_seconds=20.0, attempts=3, security=security)
    async with outlet:
        yield outlet


@pytest.mark.parametrize("way", WAYS)
async def test_a_record_goes_there_and_comes_back(secured_kafka: SecuredKafka, topics_prefix: str, way: str) -> None:
    address, security = WAYS[way](secured_kafka)
    topic = f"{topics_prefix}records"
    assert await trouble_with(address, security) is None
    report = await asyncio.to_thread(create_topics, address, [Topic(topic, 1, 1, {})], security)
    assert report.created == [topic]
    async with outlet_to(address, security) as outlet:
        await outlet.send([Outgoing(topic, 0, b"key", b"value")])
    async with AIOKafkaConsumer(
        topic,
        bootstrap_servers=address,
        group_id=topic,
        auto_offset_reset="earliest",
        **security.for_aiokafka(),
    ) as consumer:
        record = await consumer.getone()
        await consumer.commit()
    assert (record.key, record.value) == (b"key", b"value")


async def test_where_the_broker_ends_a_login_the_next_connection_has_a_new_token(
    secured_kafka: SecuredKafka, topics_prefix: str
) -> None:
    """The broker of the tests ends a login by token after two seconds (KIP-368)."""
    tokens = FreshTokens()
    security = KafkaSecurity(trusting(secured_kafka), TokenLogin(tokens))
    topic = f"{topics_prefix}renewed"
    await asyncio.to_thread(create_topics, secured_kafka.login, [Topic(topic, 1, 1, {})], security)
    async with outlet_to(secured_kafka.login, security) as outlet, asyncio.timeout(60):
        await outlet.send([Outgoing(topic, 0, None, b"")])
        before, sent = tokens.asked, 1
        while tokens.asked == before:
            await asyncio.sleep(0.25)
            await outlet.send([Outgoing(topic, 0, None, b"")])
            sent += 1
        delivery = (await outlet.send([Outgoing(topic, 0, None, b"")]))[topic, 0]
    assert delivery.last >= sent


Wrong = Callable[[SecuredKafka, Path], tuple[str, KafkaSecurity]]


def _expired_client(kafka: SecuredKafka, _: Path) -> tuple[str, KafkaSecurity]:
    return kafka.tls, KafkaSecurity(trusting(kafka, kafka.authority.issue("expired-client", valid_for=-DAY)))


def _foreign_client(kafka: SecuredKafka, folder: Path) -> tuple[str, KafkaSecurity]:
    return kafka.tls, KafkaSecurity(trusting(kafka, Authority(folder, "foreign").issue("foreign-client")))


def _bad_token(kafka: SecuredKafka, folder: Path) -> tuple[str, KafkaSecurity]:
    file = folder / "token"
    file.write_text(token(seconds=-60))
    return kafka.login, KafkaSecurity(trusting(kafka), TokenLogin(TokenFile(file)))


def _by_name(address: str) -> str:
    return address.replace(LOOPBACK, "localhost")


WRONG: dict[str, tuple[Trouble, Wrong]] = {
    "password": (Trouble.LOGIN_REFUSED, lambda kafka, _: (kafka.login, by_password(kafka, password="wrong"))),
    "password sent in full": (
        Trouble.LOGIN_REFUSED,
        lambda kafka, _: (kafka.login, by_password(kafka, "PLAIN", "wrong")),
    ),
    "user": (Trouble.LOGIN_REFUSED, lambda kafka, _: (kafka.login, by_password(kafka, user="nobody"))),
    "expired token": (Trouble.LOGIN_REFUSED, _bad_token),
    "no token": (
        Trouble.NO_TOKEN,
        lambda kafka, _: (kafka.login, KafkaSecurity(trusting(kafka), TokenLogin(NoTokens()))),
    ),
    "no login": (Trouble.LOGIN_WANTED, lambda kafka, _: (kafka.login, KafkaSecurity(trusting(kafka)))),
    "login where none is": (
        Trouble.NO_LOGIN,
        lambda kafka, _: (
            kafka.tls,
            KafkaSecurity(trusting(kafka, kafka.authority.issue("both")), PasswordLogin("PLAIN", USER, PASSWORD)),
        ),
    ),
    "authority": (
        Trouble.UNKNOWN_AUTHORITY,
        lambda kafka, folder: (kafka.login, KafkaSecurity(Tls(Authority(folder, "other").pem))),
    ),
    "the system's authorities": (Trouble.UNKNOWN_AUTHORITY, lambda kafka, _: (kafka.login, KafkaSecurity(Tls()))),
    "name": (Trouble.OTHER_NAME, lambda kafka, _: (_by_name(kafka.login), by_password(kafka))),
    "in the clear": (Trouble.NO_KAFKA, lambda kafka, _: (kafka.login, IN_THE_CLEAR)),
    "TLS": (Trouble.NO_TLS, lambda kafka, _: (kafka.bootstrap, KafkaSecurity(trusting(kafka)))),
    "no client certificate": (Trouble.OUR_CERTIFICATE, lambda kafka, _: (kafka.tls, KafkaSecurity(trusting(kafka)))),
    "expired client certificate": (Trouble.OUR_CERTIFICATE, _expired_client),
    "client certificate of others": (Trouble.OUR_CERTIFICATE, _foreign_client),
}


@pytest.mark.parametrize("wrong", WRONG)
async def test_whatever_is_wrong_has_a_name(secured_kafka: SecuredKafka, tmp_path: Path, wrong: str) -> None:
    expected, made = WRONG[wrong]
    found = await trouble_with(*made(secured_kafka, tmp_path))
    assert found is not None
    assert found[0] is expected
    assert PASSWORD not in found[1]


async def test_names_need_not_be_checked(secured_kafka: SecuredKafka) -> None:
    security = KafkaSecurity(trusting(secured_kafka, checks_names=False), by_password(secured_kafka).login)
    assert await trouble_with(_by_name(secured_kafka.login), security) is None


def test_kafka_python_checks_names_too(secured_kafka: SecuredKafka) -> None:
    """It has contexts of its own where it is given none; through ours it is held to the same."""
    security = KafkaSecurity(Tls(secured_kafka.authority.pem), by_password(secured_kafka).login)
    assert inspect_topics(secured_kafka.login, [], security).is_complete
    context = security.for_kafka_python()["ssl_context"]
    with (
        socket.create_connection((LOOPBACK, int(secured_kafka.login.rpartition(":")[2]))) as plain,
        pytest.raises(ssl.SSLCertVerificationError, match="localhost"),
    ):
        context.wrap_socket(plain, server_hostname="localhost")


@pytest.mark.parametrize(
    ("valid_for", "begins", "expected"),
    [(-DAY, 2 * DAY, Trouble.EXPIRED), (3 * DAY, -DAY, Trouble.NOT_YET_VALID)],
)
async def test_the_dates_of_a_brokers_certificate(
    tmp_path: Path, valid_for: datetime.timedelta, begins: datetime.timedelta, expected: Trouble
) -> None:
    authority = Authority(tmp_path)
    issued = authority.issue("broker", LOOPBACK, valid_for=valid_for, begun_before=begins)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(issued.certificate, issued.key)
    server = await asyncio.start_server(lambda _, writer: writer.close(), LOOPBACK, 0, ssl=context)
    async with server:
        port = server.sockets[0].getsockname()[1]
        found = await trouble_with(f"{LOOPBACK}:{port}", KafkaSecurity(Tls(authority.pem)))
    assert found is not None
    assert found[0] is expected


async def test_nothing_at_the_address() -> None:
    with socket.socket() as unused:
        unused.bind((LOOPBACK, 0))
        address = f"{LOOPBACK}:{unused.getsockname()[1]}"
        assert await trouble_with(address, IN_THE_CLEAR) == (Trouble.SILENT, "")
