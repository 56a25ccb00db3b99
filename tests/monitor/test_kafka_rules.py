"""The settings of Kafka's security: what does not fit is told at start, all of it, and no secret with it."""

from pathlib import Path

import pytest

from monitor.kafka_security import described, kafka_security
from monitor.setting_reader import SettingsError
from monitor.settings import load
from streams.oauth import ClientCredentials, TokenFile
from streams.security import KafkaSecurity, PasswordLogin, Tls, TokenLogin
from tests.services.certificates import Authority, Issued

SECRET = "hunter2"


def variables(**settings: str | Path) -> dict[str, str]:
    return {f"WARDWATCH_KAFKA_{name.upper()}": str(value) for name, value in settings.items()}


def problems(**settings: str | Path) -> set[str]:
    with pytest.raises(SettingsError) as raised:
        load(environment=variables(**settings))
    assert SECRET not in str(raised.value)
    return {problem.name.removeprefix("WARDWATCH_KAFKA_").lower() for problem in raised.value.problems}


def built(**settings: str | Path) -> KafkaSecurity:
    return kafka_security(load(environment=variables(**settings)))


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="module")
def client(authority: Authority) -> Issued:
    return authority.issue("client", key_password=SECRET)


def test_without_any_setting_kafka_is_spoken_with_in_the_clear() -> None:
    assert built() == KafkaSecurity()


def test_tls_with_a_client_certificate(authority: Authority, client: Issued) -> None:
    made = built(security="tls", ca=authority.pem, certificate=client.certificate, key=client.key, key_password=SECRET)
    assert made == KafkaSecurity(Tls(authority.pem, client.certificate, client.key, SECRET))


@pytest.mark.parametrize("mechanism", ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"])
def test_a_login_by_password(mechanism: str) -> None:
    made = built(security="sasl_tls", mechanism=mechanism, user="w", password=SECRET, check_names="false")
    assert made.tls == Tls(checks_names=False)
    assert isinstance(made.login, PasswordLogin)
    assert (made.login.mechanism, made.login.user, made.login.password) == (mechanism, "w", SECRET)


def test_a_login_by_a_token_of_a_file(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("token")
    made = built(security="sasl_tls", mechanism="OAUTHBEARER", token=file)
    assert made.login == TokenLogin(TokenFile(file))


def test_a_login_by_a_token_of_an_endpoint(authority: Authority) -> None:
    made = built(
        security="sasl_tls",
        mechanism="OAUTHBEARER",
        token_url="https://id.example.org/token",
        token_scope="kafka",
        token_ca=authority.pem,
        client_id="w",
        client_secret=SECRET,
    )
    assert isinstance(made.login, TokenLogin)
    source = made.login.source
    assert isinstance(source, ClientCredentials)
    assert (source.url, source.client_id, source.client_secret) == ("https://id.example.org/token", "w", SECRET)
    assert source.scope == "kafka"
    assert source.http.timeout.read is not None
    assert not source.http.follow_redirects


def test_every_setting_without_effect_is_a_mistake(authority: Authority, client: Issued, tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("token")
    pair: dict[str, str | Path] = {"certificate": client.certificate, "key": client.key, "key_password": SECRET}
    login = {"user": "w", "password": SECRET}
    assert problems(ca=authority.pem, **pair, **login) == {"ca", "certificate", "user", "password"}
    assert problems(security="tls", **login, token=file) == {"user", "password", "token"}
    assert problems(token_url="https://id.example.org", client_id="w", client_secret=SECRET) == {"token_url"}
    assert problems(check_names="false") == {"check_names"}
    assert problems(security="sasl_tls", **login, token=file) == {"token"}
    assert problems(security="sasl_tls", mechanism="OAUTHBEARER", token=file, **login) == {"user", "password"}
    endpoint = {"token_scope": "kafka", "client_id": "w", "client_secret": SECRET}
    by_file: dict[str, str | Path] = {"security": "sasl_tls", "mechanism": "OAUTHBEARER", "token": file}
    assert problems(**by_file, **endpoint, token_ca=authority.pem, key_password=SECRET) == {
        *endpoint,
        "token_ca",
        "key_password",
    }


def test_a_login_needs_what_its_mechanism_needs(tmp_path: Path) -> None:
    assert problems(security="sasl_tls") == {"user", "password"}
    assert problems(security="sasl_tls", mechanism="OAUTHBEARER") == {"mechanism"}
    both: dict[str, str | Path] = {"token": tmp_path, "token_url": "https://id.example.org"}
    assert problems(security="sasl_tls", mechanism="OAUTHBEARER", **both) == {
        "mechanism",
        "token",
        "client_id",
        "client_secret",
    }


@pytest.mark.parametrize("url", ["http://id.example.org/token", "id.example.org", "ftp://127.0.0.1/"])
def test_a_secret_goes_to_an_endpoint_by_https_only(url: str) -> None:
    assert "token_url" in problems(security="sasl_tls", mechanism="OAUTHBEARER", token_url=url)


def test_files_are_looked_into(authority: Authority, client: Issued, tmp_path: Path) -> None:
    none = tmp_path / "none.pem"
    assert problems(security="tls", ca=none) == {"ca"}
    assert "token_ca" in problems(security="sasl_tls", token_url="https://id.example.org", token_ca=Path(__file__))
    assert problems(security="tls", certificate=client.certificate) == {"key"}
    assert problems(security="tls", key=client.key) == {"certificate"}
    assert problems(security="tls", certificate=client.certificate, key=client.key) == {"certificate"}
    other = authority.issue("other")
    assert problems(security="tls", certificate=client.certificate, key=other.key) == {"certificate"}


def test_a_login_in_the_clear_is_not_offered() -> None:
    assert problems(security="sasl_plaintext") == {"security"}


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({}, "in the clear"),
        ({"security": "tls"}, "TLS"),
        ({"security": "tls", "check_names": "false"}, "TLS, names of certificates not checked"),
        ({"security": "sasl_tls", "user": "w", "password": SECRET}, "TLS, SCRAM-SHA-512"),
    ],
)
def test_the_security_in_a_few_words(settings: dict[str, str], words: str) -> None:
    assert described(load(environment=variables(**settings))) == words
