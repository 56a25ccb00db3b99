"""One value of security, in the words of three libraries; files that will not do are named."""

import asyncio
import ssl
from collections.abc import Callable
from pathlib import Path

import pytest
from faust.transport.drivers.aiokafka import credentials_to_aiokafka_auth

from streams.security import IN_THE_CLEAR, KafkaSecurity, PasswordLogin, SecurityError, Tls, TokenLogin
from tests.services.certificates import Authority

PASSWORD = "hunter2"


class Tokens:
    def token(self) -> str:
        return PASSWORD


LOGINS: dict[str, PasswordLogin | TokenLogin] = {
    "PLAIN": PasswordLogin("PLAIN", "wardwatch", PASSWORD),
    "SCRAM-SHA-256": PasswordLogin("SCRAM-SHA-256", "wardwatch", PASSWORD),
    "SCRAM-SHA-512": PasswordLogin("SCRAM-SHA-512", "wardwatch", PASSWORD),
    "OAUTHBEARER": TokenLogin(Tokens()),
}


def test_in_the_clear_nothing_is_said() -> None:
    assert IN_THE_CLEAR.for_aiokafka() == {}
    assert IN_THE_CLEAR.for_kafka_python() == {}
    assert IN_THE_CLEAR.for_faust() is None


@pytest.mark.parametrize("mechanism", LOGINS)
def test_faust_hands_the_same_to_aiokafka_as_we_do(mechanism: str) -> None:
    security = KafkaSecurity(Tls(), LOGINS[mechanism])
    ours = security.for_aiokafka()
    fausts = dict(credentials_to_aiokafka_auth(security.for_faust()))
    assert set(ours) == set(fausts)
    assert (ours["security_protocol"], ours["sasl_mechanism"]) == ("SASL_SSL", mechanism)
    for name in ("security_protocol", "sasl_mechanism", "sasl_plain_username", "sasl_plain_password"):
        assert ours.get(name) == fausts.get(name)
    for context in (ours["ssl_context"], fausts["ssl_context"]):
        assert context.verify_mode == ssl.CERT_REQUIRED
        assert context.check_hostname


def test_tls_alone_is_tls_alone_for_faust_too() -> None:
    fausts = credentials_to_aiokafka_auth(KafkaSecurity(Tls()).for_faust())
    assert fausts["security_protocol"] == KafkaSecurity(Tls()).for_aiokafka()["security_protocol"] == "SSL"
    assert fausts["ssl_context"].check_hostname


def test_every_library_gets_the_token_in_its_own_way() -> None:
    security = KafkaSecurity(Tls(), LOGINS["OAUTHBEARER"])
    assert asyncio.run(security.for_aiokafka()["sasl_oauth_token_provider"].token()) == PASSWORD
    assert security.for_kafka_python()["sasl_oauth_token_provider"].token() == PASSWORD


def test_kafka_python_shares_the_other_words() -> None:
    security = KafkaSecurity(Tls(), LOGINS["SCRAM-SHA-512"])
    assert set(security.for_kafka_python()) == set(security.for_aiokafka())


def test_a_login_in_the_clear_is_refused() -> None:
    with pytest.raises(ValueError, match="TLS"):
        KafkaSecurity(None, LOGINS["PLAIN"])


def test_names_are_checked_unless_told_otherwise() -> None:
    unchecked = Tls(checks_names=False).context()
    assert not unchecked.check_hostname
    assert unchecked.verify_mode == ssl.CERT_REQUIRED
    assert unchecked.minimum_version >= ssl.TLSVersion.TLSv1_2


def test_secrets_do_not_show() -> None:
    for login in LOGINS.values():
        assert PASSWORD not in repr(KafkaSecurity(Tls(key_password=PASSWORD), login))


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("certificates"))


def test_a_client_certificate_with_a_password(authority: Authority) -> None:
    issued = authority.issue("locked", key_password=PASSWORD)
    Tls(authority.pem, issued.certificate, issued.key, PASSWORD).context()


Wrong = Callable[[Authority], Tls]


def _mismatched(authority: Authority) -> Tls:
    return Tls(None, authority.issue("one").certificate, authority.issue("two").key)


def _locked(password: str) -> Wrong:
    def made(authority: Authority) -> Tls:
        issued = authority.issue("locked", key_password=PASSWORD)
        return Tls(None, issued.certificate, issued.key, password)

    return made


def _swapped(authority: Authority) -> Tls:
    issued = authority.issue("swapped")
    return Tls(None, issued.key, issued.certificate)


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (lambda _: Tls(Path("/nowhere/ca.pem")), "/nowhere/ca.pem cannot be used: No such file"),
        (lambda _: Tls(Path(__file__)), "in PEM form"),
        (lambda authority: Tls(None, authority.pem, Path("/nowhere/key.pem")), "No such file"),
        (_mismatched, "the key belongs to another certificate"),
        (_locked("wrong"), "password of its key is wrong"),
        (_locked(""), "password of its key is wrong"),
        (_swapped, "in PEM form"),
    ],
)
def test_files_that_will_not_do_are_named_with_the_reason(authority: Authority, wrong: Wrong, why: str) -> None:
    with pytest.raises(SecurityError, match=why) as raised:
        wrong(authority).context()
    assert PASSWORD not in str(raised.value)
