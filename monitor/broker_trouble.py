"""What stands between Wardwatch and a broker, in words, and what to do about it."""

import asyncio
import socket

from monitor.settings import Settings
from streams.probe import Trouble, trouble_with
from streams.security import KafkaSecurity, SecurityError

CONNECT_SECONDS = 3.0

_ADVICE: dict[Trouble, str] = {
    Trouble.SILENT: "nothing answers; start Kafka, or correct WARDWATCH_BROKER",
    Trouble.NO_KAFKA: "what answers closes the connection; if the port wants TLS or a login, set "
    "WARDWATCH_KAFKA_SECURITY, else correct WARDWATCH_BROKER",
    Trouble.NO_TLS: "the port does not speak TLS as we do; set WARDWATCH_KAFKA_SECURITY=plaintext, or correct the port "
    "in WARDWATCH_BROKER",
    Trouble.UNKNOWN_AUTHORITY: "its certificate is of an authority that is not trusted here; name the authority's "
    "certificate in WARDWATCH_KAFKA_CA",
    Trouble.OTHER_NAME: "its certificate is of another host; write the name that is in the certificate into "
    "WARDWATCH_BROKER, or have a certificate made for this one",
    Trouble.EXPIRED: "its certificate has expired; renew it on the broker, and look at this machine's clock",
    Trouble.NOT_YET_VALID: "its certificate is not valid yet; look at the clocks of both machines",
    Trouble.BAD_CERTIFICATE: "its certificate will not do; have a correct one made",
    Trouble.OUR_CERTIFICATE: "it wants a client certificate that it trusts and that has not expired; set "
    "WARDWATCH_KAFKA_CERTIFICATE and WARDWATCH_KAFKA_KEY",
    Trouble.LOGIN_WANTED: "it wants a login; set WARDWATCH_KAFKA_SECURITY=sasl_tls, user and password",
    Trouble.NO_LOGIN: "the port takes no login; set WARDWATCH_KAFKA_SECURITY=tls, or correct the port in "
    "WARDWATCH_BROKER",
    Trouble.OTHER_MECHANISM: "it does not offer this way to log in; set WARDWATCH_KAFKA_MECHANISM to one that it does",
    Trouble.LOGIN_REFUSED: "it refuses the login; correct user and password, or look at what issues the tokens",
    Trouble.NO_TOKEN: "there is no token to log in with; correct WARDWATCH_KAFKA_TOKEN, or WARDWATCH_KAFKA_TOKEN_URL "
    "and what goes with it",
}


def broker_advice(settings: Settings, security: KafkaSecurity) -> str:
    """Return what is wrong with every broker that is named, and what to do; empty where one of them can be used."""
    found: dict[Trouble, str] = {}
    for address in settings.broker.split(","):
        try:
            trouble = _trouble_with(address, security)
        except SecurityError as error:
            return f"{error}; correct it"
        if trouble is None:
            return ""
        kind, words = trouble
        found.setdefault(kind, f"{address}: {_ADVICE[kind]}{f' ({words})' if words else ''}")
    if set(found) == {Trouble.SILENT}:  # of all
        return f"nothing answers at {settings.broker}; start Kafka, or correct WARDWATCH_BROKER"
    return "; ".join(found.values())


def _trouble_with(address: str, security: KafkaSecurity) -> tuple[Trouble, str] | None:
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host, int(port)), timeout=CONNECT_SECONDS).close()
    except (OSError, OverflowError):
        return Trouble.SILENT, ""
    return asyncio.run(trouble_with(address, security))
