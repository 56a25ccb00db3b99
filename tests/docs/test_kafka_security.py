"""The examples of docs/kafka-security.md are settings that fit together."""

import pytest
import yaml

from monitor.kafka_security import kafka_security
from monitor.settings import load
from streams.oauth import ClientCredentials, TokenFile
from streams.security import KafkaSecurity, PasswordLogin, TokenLogin
from tests.docs.pages import ROOT, blocks
from tests.services.certificates import Authority


@pytest.fixture(scope="module")
def examples(tmp_path_factory: pytest.TempPathFactory) -> list[KafkaSecurity]:
    """What each example makes, with every file in a folder of the test's own."""
    folder = tmp_path_factory.mktemp("files")
    authority = Authority(folder, "kafka-ca")
    issued = authority.issue("client", key_password="secret")
    issued.certificate.rename(folder / "kafka-client.pem")
    issued.key.rename(folder / "kafka-client.key")
    for name in ("kafka_password", "kafka_key_password", "kafka_client_secret", "token"):
        (folder / name).write_text("secret\n")
    made = []
    for number, text in enumerate(blocks(ROOT / "docs" / "kafka-security.md", "yaml")):
        values = yaml.safe_load(text).items()
        config = folder / f"{number}.yml"
        moved = {
            key: str(folder / value.rpartition("/")[2]) if value.startswith("/") else value for key, value in values
        }
        config.write_text(yaml.safe_dump(moved))
        made.append(kafka_security(load(config, {})))
    return made


def test_every_way_has_its_example(examples: list[KafkaSecurity]) -> None:
    by_password, by_certificate, by_file, by_endpoint = examples
    assert isinstance(by_password.login, PasswordLogin)
    assert by_password.login.mechanism == "SCRAM-SHA-512"
    assert by_certificate.tls
    assert by_certificate.tls.certificate
    assert by_certificate.login is None
    assert isinstance(by_file.login, TokenLogin)
    assert isinstance(by_file.login.source, TokenFile)
    assert isinstance(by_endpoint.login, TokenLogin)
    assert isinstance(by_endpoint.login.source, ClientCredentials)
    for example in examples:
        example.for_aiokafka()
