"""How Kafka's clients speak with the brokers: in the clear, over TLS, or over TLS with a login (SASL).

One value says it, and gives each of the three libraries its own words for the same: aiokafka, Faust, kafka-python.
A login in the clear is not offered: it would show the password, or at least everything that follows.
"""

import asyncio
import ssl
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import faust
from aiokafka.abc import AbstractTokenProvider  # type: ignore[import-untyped]  # has no py.typed
from faust.auth import OAuthCredentials
from faust.types.auth import CredentialsT

from streams.kafka_python import module
from streams.oauth import TokenSource

PasswordMechanism = Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"]


class SecurityError(Exception):
    """A certificate or a key cannot be used; the text names the file and says why."""


@dataclass(frozen=True)
class Tls:
    """How a broker is known, and where it asks for it, how we are.

    Attributes:
        ca: PEM file of the authorities to trust; without it those of the system.
        certificate: PEM file of our certificate and its chain, for brokers that ask for one.
        key: PEM file of its private key.
        key_password: of the private key, where it has one.
        checks_names: whether the certificate must be of the host that was asked for.
    """

    ca: Path | None = None
    certificate: Path | None = None
    key: Path | None = None
    key_password: str = field(default="", repr=False)
    checks_names: bool = True

    def context(self) -> ssl.SSLContext:
        """Return the context of a client, TLS 1.2 or newer.

        Raises:
            SecurityError: a file is missing, is no PEM, or does not fit the others.
        """
        context = _trusting(self.ca)
        context.check_hostname = self.checks_names
        if self.certificate:
            self._load_client(context)
        return context

    def _load_client(self, context: ssl.SSLContext) -> None:
        was_asked = False

        def password() -> str:  # OpenSSL asks where the key has one; without this function, on the terminal
            nonlocal was_asked
            was_asked = True
            return self.key_password

        try:
            context.load_cert_chain(self.certificate or "", self.key, password=password)
        except (OSError, ValueError) as error:
            why = "the password of its key is wrong" if was_asked else _why(error)
            message = f"the client certificate {self.certificate} cannot be used: {why}"
            raise SecurityError(message) from None


@dataclass(frozen=True)
class PasswordLogin:
    """A login by user and password."""

    mechanism: PasswordMechanism
    user: str
    password: str = field(repr=False)


@dataclass(frozen=True)
class TokenLogin:
    """A login by access tokens (OAUTHBEARER)."""

    source: TokenSource


@dataclass(frozen=True)
class KafkaSecurity:
    """How to speak with Kafka; as it is made without arguments, in the clear."""

    tls: Tls | None = None
    login: PasswordLogin | TokenLogin | None = None

    def __post_init__(self) -> None:
        if self.login and not self.tls:
            raise ValueError("a login needs TLS")

    def for_aiokafka(self) -> dict[str, Any]:
        """Return the arguments for a consumer, producer or connection of aiokafka.

        Raises:
            SecurityError: see `Tls.context`.
        """
        if isinstance(self.login, TokenLogin):
            return self._common() | {"sasl_oauth_token_provider": _AsyncTokens(self.login.source)}
        return self._common()

    def for_kafka_python(self) -> dict[str, Any]:
        """Return the arguments for a client of kafka-python.

        Raises:
            SecurityError: see `Tls.context`.
        """
        if isinstance(self.login, TokenLogin):
            return self._common() | {"sasl_oauth_token_provider": _plain_tokens(self.login.source)}
        return self._common()

    def for_faust(self) -> CredentialsT | None:
        """Return Faust's credentials; it ignores every other setting of TLS where there is a login (engines.md §1.10).

        Raises:
            SecurityError: see `Tls.context`.
        """
        if self.tls is None:
            return None
        if self.login is None:
            return faust.SSLCredentials(self.tls.context())
        if isinstance(self.login, TokenLogin):
            return OAuthCredentials(oauth_cb=_AsyncTokens(self.login.source), ssl_context=self.tls.context())
        return faust.SASLCredentials(
            mechanism=self.login.mechanism,
            username=self.login.user,
            password=self.login.password,
            ssl_context=self.tls.context(),
        )

    def _common(self) -> dict[str, Any]:
        """Return the arguments that aiokafka and kafka-python share; they name no others where there is no TLS."""
        if self.tls is None:
            return {}
        encrypted = {"security_protocol": "SASL_SSL" if self.login else "SSL", "ssl_context": self.tls.context()}
        if isinstance(self.login, PasswordLogin):
            return encrypted | {
                "sasl_mechanism": self.login.mechanism,
                "sasl_plain_username": self.login.user,
                "sasl_plain_password": self.login.password,
            }
        return encrypted | ({"sasl_mechanism": "OAUTHBEARER"} if self.login else {})


IN_THE_CLEAR = KafkaSecurity()


def _trusting(ca: Path | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(ssl.Purpose.SERVER_AUTH, cafile=ca)
    except (OSError, ValueError) as error:
        message = f"the certificates of the authority in {ca} cannot be used: {_why(error)}"
        raise SecurityError(message) from None


def _why(error: OSError | ValueError) -> str:
    """Say what is wrong with a file of certificates or keys."""
    if isinstance(error, ssl.SSLError):
        mismatched = error.reason == "KEY_VALUES_MISMATCH"
        return "the key belongs to another certificate" if mismatched else "it is not what it should be, in PEM form"
    return (error.strerror if isinstance(error, OSError) else "") or "it cannot be read"


class _AsyncTokens(AbstractTokenProvider):  # type: ignore[misc]  # its base has no types
    """Tokens as aiokafka asks for them, in whichever event loop the connection is; the waiting is done in a thread."""

    def __init__(self, source: TokenSource) -> None:
        self._source = source

    async def token(self) -> str:
        return await asyncio.to_thread(self._source.token)


def _plain_tokens(source: TokenSource) -> object:
    """Return tokens as kafka-python asks for them."""

    class Tokens(module("kafka.net.sasl.oauth").AbstractTokenProvider):  # type: ignore[misc]  # imported at run time
        """Tokens for kafka-python, whose thread may wait."""

        def token(self) -> str:
            return source.token()

    return Tokens()
