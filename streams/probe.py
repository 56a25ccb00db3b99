"""Whether a broker can be used as the settings say, and if not, what stands in the way.

Kafka's clients tell every one of these apart only in their logs, and try again for half a minute first.
"""

import asyncio
import ssl
from enum import Enum, auto

from aiokafka.conn import AIOKafkaConnection  # type: ignore[import-untyped]  # has no py.typed
from aiokafka.errors import (  # type: ignore[import-untyped]  # has no py.typed
    IllegalSaslStateError,
    KafkaError,
    SaslAuthenticationFailed,
    UnsupportedSaslMechanismError,
)
from aiokafka.protocol.metadata import MetadataRequest  # type: ignore[import-untyped]  # has no py.typed

from streams.oauth import TokenError
from streams.security import KafkaSecurity

PATIENCE_SECONDS = 15.0
"""For everything together; a token endpoint alone may take ten of them."""

GOODBYE_SECONDS = 1.0


class Trouble(Enum):
    """Why a broker cannot be used."""

    SILENT = auto()
    """Nothing answers."""
    NO_KAFKA = auto()
    """Something closes the connection or answers in another language: not Kafka, or a port that wants TLS."""
    NO_TLS = auto()
    """The port speaks in the clear, or wants other TLS than ours."""
    UNKNOWN_AUTHORITY = auto()
    OTHER_NAME = auto()
    EXPIRED = auto()
    NOT_YET_VALID = auto()
    BAD_CERTIFICATE = auto()
    """Something else about the broker's certificate."""
    OUR_CERTIFICATE = auto()
    """The broker wants a client certificate, or not this one."""
    LOGIN_WANTED = auto()
    NO_LOGIN = auto()
    """The port takes no login."""
    OTHER_MECHANISM = auto()
    LOGIN_REFUSED = auto()
    NO_TOKEN = auto()


# X509_V_ERR_… of OpenSSL's x509_vfy.h.
_OF_VERIFICATION: dict[int, Trouble] = {
    2: Trouble.UNKNOWN_AUTHORITY,  # unable to get issuer certificate
    18: Trouble.UNKNOWN_AUTHORITY,  # self-signed certificate
    19: Trouble.UNKNOWN_AUTHORITY,  # self-signed certificate in certificate chain
    20: Trouble.UNKNOWN_AUTHORITY,  # unable to get local issuer certificate
    21: Trouble.UNKNOWN_AUTHORITY,  # unable to verify the first certificate
    9: Trouble.NOT_YET_VALID,
    10: Trouble.EXPIRED,
    62: Trouble.OTHER_NAME,  # hostname mismatch
    64: Trouble.OTHER_NAME,  # IP address mismatch
}

# Alerts that a broker sends when it does not like the client's certificate (RFC 8446, 6.2), as OpenSSL names them.
_OF_ALERTS = frozenset(
    {
        "SSLV3_ALERT_BAD_CERTIFICATE",
        "SSLV3_ALERT_CERTIFICATE_EXPIRED",
        "SSLV3_ALERT_CERTIFICATE_REVOKED",
        "SSLV3_ALERT_CERTIFICATE_UNKNOWN",
        "SSLV3_ALERT_UNSUPPORTED_CERTIFICATE",
        "TLSV13_ALERT_CERTIFICATE_REQUIRED",
        "TLSV1_ALERT_ACCESS_DENIED",
        "TLSV1_ALERT_UNKNOWN_CA",
    }
)

_OF_LOGIN: dict[type[KafkaError], Trouble] = {
    IllegalSaslStateError: Trouble.NO_LOGIN,
    SaslAuthenticationFailed: Trouble.LOGIN_REFUSED,
    UnsupportedSaslMechanismError: Trouble.OTHER_MECHANISM,
}


async def trouble_with(address: str, security: KafkaSecurity) -> tuple[Trouble, str] | None:
    """Connect to a broker, log in and ask it something, as the clients do.

    Args:
        address: `host:port`.
        security: how to speak with it.

    Returns:
        None where that worked; otherwise what stands in the way, and words about it where there are more.

    Raises:
        streams.security.SecurityError: our own certificate or key cannot be used.
    """
    host, _, port = address.rpartition(":")
    connection = AIOKafkaConnection(
        host,
        int(port),
        client_id="wardwatch-probe",
        request_timeout_ms=PATIENCE_SECONDS * 1000,
        **security.for_aiokafka(),
    )
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await connection.connect()
            is_answered = await _answers(connection)
    except TokenError as error:
        found: tuple[Trouble, str] | None = Trouble.NO_TOKEN, str(error)
    except (OSError, OverflowError) as error:  # a timeout, too; nobody is there to say good-bye to
        connection.close()
        return _trouble(error, security)
    except KafkaError as error:
        found = _trouble(error, security)
    else:
        found = None if is_answered else (Trouble.LOGIN_REFUSED if security.login else Trouble.LOGIN_WANTED, "")
    await asyncio.wait([connection.close()], timeout=GOODBYE_SECONDS)
    return found


async def _answers(connection: AIOKafkaConnection) -> bool:
    """Ask for the brokers. One who is not logged in is told none, or cut off.

    With OAUTHBEARER aiokafka takes the broker's refusal (RFC 7628, 3.2.2) for success, and learns of it only here.
    """
    try:
        answer = await connection.send(MetadataRequest([]))
    except KafkaError:
        return False
    return bool(answer.brokers)


def _trouble(error: Exception, security: KafkaSecurity) -> tuple[Trouble, str]:
    """Return what an exception, or what it comes from, means."""
    login = next((trouble for kind, trouble in _OF_LOGIN.items() if isinstance(error, kind)), None)
    if login is not None:
        return login, ""
    cause = next((each for each in _with_causes(error) if isinstance(each, ssl.SSLError)), None)
    if isinstance(cause, ssl.SSLCertVerificationError):
        return _OF_VERIFICATION.get(cause.verify_code, Trouble.BAD_CERTIFICATE), cause.verify_message
    if cause is not None and cause.reason in _OF_ALERTS:
        return Trouble.OUR_CERTIFICATE, ""
    if cause is not None or (security.tls and isinstance(error, ConnectionResetError)):
        return Trouble.NO_TLS, ""
    return (Trouble.NO_KAFKA if isinstance(error, KafkaError) else Trouble.SILENT), ""


def _with_causes(error: BaseException | None) -> list[BaseException]:
    found: list[BaseException] = []
    while error is not None and error not in found:
        found.append(error)
        error = error.__cause__ or error.__context__
    return found
