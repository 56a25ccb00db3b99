"""Addresses, and the TLS context of listeners."""

import ssl
from pathlib import Path

import pytest

from monitor.failure import Failure
from monitor.listening_addresses import address_of, plain_address_of, server_context, source_limits
from monitor.settings import Settings, load
from streams.sources.limits import SourceLimits
from tests.services.certificates import Authority


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("0.0.0.0:6514", ("0.0.0.0", 6514)),
        ("[::1]:514", ("::1", 514)),
        ("atna.example.org:0", ("atna.example.org", 0)),
    ],
)
def test_addresses(text: str, address: tuple[str, int]) -> None:
    assert address_of(text) == address


@pytest.mark.parametrize("text", ["", "514", ":514", "host:", "host:99999", "host:-1", "host:x"])
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(Failure, match="write HOST:PORT"):
        address_of(text)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.3.2.1", "localhost", "[::1]"])
def test_the_loopback_may_be_plain(host: str) -> None:
    assert plain_address_of(f"{host}:2575", Settings())[1] == 2575


@pytest.mark.parametrize("host", ["10.1.2.3", "0.0.0.0", "[::]", "hospital.example.org", "localhost.example.org"])
def test_everything_else_may_not_unless_it_is_allowed(host: str) -> None:
    with pytest.raises(Failure, match="in the clear"):
        plain_address_of(f"{host}:2575", Settings())
    assert plain_address_of(f"{host}:2575", Settings(listen_plain=True))[1] == 2575


def test_certificates_of_senders_are_demanded_and_old_versions_are_not_spoken(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    issued = authority.issue("server", "127.0.0.1", key_password="sesame")
    variables = {
        "WARDWATCH_LISTEN_CERTIFICATE": str(issued.certificate),
        "WARDWATCH_LISTEN_KEY": str(issued.key),
        "WARDWATCH_LISTEN_KEY_PASSWORD": "sesame",
        "WARDWATCH_LISTEN_CLIENT_CA": str(authority.pem),
    }
    context = server_context(load(environment=variables))
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2
    trusting = server_context(load(environment={**variables, "WARDWATCH_LISTEN_CLIENT_CERTIFICATES": "false"}))
    assert trusting.verify_mode is ssl.CERT_NONE
    with pytest.raises(Failure, match="cannot be used with its key"):
        server_context(load(environment={**variables, "WARDWATCH_LISTEN_KEY_PASSWORD": "open"}))


def test_the_limits_of_a_source_are_settings() -> None:
    given = load(
        environment={
            "WARDWATCH_SOURCE_RECORD_BYTES": "4096",
            "WARDWATCH_SOURCE_DEPTH": "9",
            "WARDWATCH_SOURCE_RATE": "7.5",
            "WARDWATCH_SOURCE_BURST": "3",
        }
    )
    assert source_limits(given) == SourceLimits(record_bytes=4096, depth=9, per_second=7.5, burst=3)
    assert source_limits(Settings()) == SourceLimits()
