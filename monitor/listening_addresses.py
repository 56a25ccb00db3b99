"""Where `wardwatch listen` listens, with which certificate, and what it may do there without one."""

import ipaddress
import ssl

from monitor.failure import Failure
from monitor.settings import Settings
from streams.sources.limits import SourceLimits
from streams.sources.listening import Address

LOCALHOST = "localhost"


def address_of(text: str) -> Address:
    """Return the address that `HOST:PORT` names; an IPv6 host stands in brackets.

    Raises:
        Failure: where it names none.
    """
    host, colon, port = text.rpartition(":")
    if not (host and colon and port.isascii() and port.isdigit() and int(port) <= 65_535):
        message = f"`{text}` is no address; write HOST:PORT, for example 0.0.0.0:6514"
        raise Failure(message)
    return host.removeprefix("[").removesuffix("]"), int(port)


def plain_address_of(text: str, settings: Settings) -> Address:
    """Return an address at which PHI comes in the clear: only on the loopback, unless the settings allow another.

    Raises:
        Failure: where they do not.
    """
    address = address_of(text)
    if not (_is_loopback(address[0]) or settings.listen_plain):
        message = (
            f"{text} would take patients' data in the clear from the network; listen with TLS, or on 127.0.0.1, "
            "or set WARDWATCH_LISTEN_PLAIN=true where the network itself is protected"
        )
        raise Failure(message)
    return address


def _is_loopback(host: str) -> bool:
    try:
        return host == LOCALHOST or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def server_context(settings: Settings) -> ssl.SSLContext:
    """Return the TLS context of a listener: TLS 1.2 or newer (BCP 195), and certificates of senders are demanded.

    Raises:
        Failure: where a file is not named or cannot be used.
    """
    if settings.listen_certificate is None:
        raise Failure(
            "WARDWATCH_LISTEN_CERTIFICATE is not set, and TLS needs a certificate; docs/listening.md shows how"
        )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    password = settings.listen_key_password.reveal() if settings.listen_key_password else ""
    try:
        # Without a password OpenSSL would ask for one on the terminal.
        context.load_cert_chain(settings.listen_certificate, settings.listen_key, password=lambda: password)
    except (OSError, ValueError) as error:
        message = f"the certificate {settings.listen_certificate} cannot be used with its key: {_why(error)}"
        raise Failure(message) from None
    if settings.listen_client_certificates:
        _demand_certificates(context, settings)
    return context


def _demand_certificates(context: ssl.SSLContext, settings: Settings) -> None:
    if settings.listen_client_ca is None:
        raise Failure(
            "WARDWATCH_LISTEN_CLIENT_CA is not set, and senders must show a certificate of it; name the authority, "
            "or set WARDWATCH_LISTEN_CLIENT_CERTIFICATES=false"
        )
    try:
        context.load_verify_locations(settings.listen_client_ca)
    except (OSError, ValueError) as error:
        message = f"the authority {settings.listen_client_ca} cannot be used: {_why(error)}"
        raise Failure(message) from None
    context.verify_mode = ssl.CERT_REQUIRED


def _why(error: OSError | ValueError) -> str:
    if isinstance(error, ssl.SSLError):
        return (error.reason or "it is not in PEM form").lower().replace("_", " ")
    return (error.strerror if isinstance(error, OSError) else "") or "it cannot be read"


def source_limits(settings: Settings) -> SourceLimits:
    """Return what a source may send."""
    return SourceLimits(
        record_bytes=settings.source_record_bytes,
        depth=settings.source_depth,
        per_second=settings.source_rate,
        burst=settings.source_burst,
    )
