"""Access tokens for Kafka's SASL/OAUTHBEARER (RFC 7628): from a file, or from a token endpoint (RFC 6749, 4.4).

A token is asked for at every new connection, by clients in several threads and event loops; so these are plain
functions that may wait.
"""

import logging
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol
from urllib.parse import quote_plus

import httpx
import msgspec

_log = logging.getLogger(__name__)

CONNECT_SECONDS = 5.0
ANSWER_SECONDS = 10.0

REFRESHED_AFTER = 0.8
"""Share of its life after which a token is renewed: Kafka's own `sasl.login.refresh.window.factor`."""

REFUSALS = frozenset(
    {
        "invalid_request",
        "invalid_client",
        "invalid_grant",
        "unauthorized_client",
        "unsupported_grant_type",
        "invalid_scope",
    }
)
"""What an endpoint may answer (RFC 6749, 5.2); other words of its answer are not repeated."""


class TokenError(ConnectionError):
    """There is no token; the text says why and holds no secret. Kafka's clients try again, as without a connection."""


class TokenSource(Protocol):
    """Where tokens come from."""

    def token(self) -> str:
        """Return a token that is still good.

        Raises:
            TokenError: there is none.
        """


@dataclass(frozen=True)
class TokenFile:
    """A file that somebody else keeps up to date, as Kubernetes does; it is read again each time."""

    path: Path

    def token(self) -> str:
        """Return what the file holds now, without the line end."""
        try:
            text = self.path.read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not ASCII"
            message = f"the token file {self.path} cannot be read: {reason}"
            raise TokenError(message) from None
        if not text or any(letter.isspace() for letter in text):
            message = f"the token file {self.path} does not hold one token"
            raise TokenError(message)
        return text


class _Granted(msgspec.Struct):
    """A successful answer (RFC 6749, 5.1). Without a life time the token is used once."""

    access_token: str
    expires_in: float = 0.0


class _Refused(msgspec.Struct):
    error: str = ""


@dataclass
class ClientCredentials:
    """Tokens of a token endpoint by the client-credentials grant, kept until shortly before they expire.

    Attributes:
        url: of the token endpoint.
        client_id: the name that the endpoint knows Wardwatch by.
        client_secret: sent by HTTP Basic authentication (RFC 6749, 2.3.1).
        http: the client that asks; its time limits hold.
        scope: what is asked for, may be empty.
        clock: seconds that never go back.
    """

    url: str
    client_id: str
    client_secret: str = field(repr=False)
    http: httpx.Client = field(repr=False)
    scope: str = ""
    clock: Callable[[], float] = time.monotonic
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)
    _kept: str = field(default="", init=False, repr=False)
    _renew_at: float = field(default=0.0, init=False, repr=False)
    _expires_at: float = field(default=0.0, init=False, repr=False)

    def token(self) -> str:
        """Return the token in hand, or a new one; where the endpoint fails, the old one as long as it is good."""
        with self._lock:
            now = self.clock()
            if self._kept and now < self._renew_at:
                return self._kept
            try:
                granted = self._asked()
            except TokenError as error:
                if not self._kept or now >= self._expires_at:
                    raise
                _log.warning("The Kafka token could not be renewed, the old one is used: %s", error)
                return self._kept
            self._kept = granted.access_token
            self._renew_at = now + granted.expires_in * REFRESHED_AFTER
            self._expires_at = now + granted.expires_in
            return self._kept

    def _asked(self) -> _Granted:
        form = {"grant_type": "client_credentials"} | ({"scope": self.scope} if self.scope else {})
        login = httpx.BasicAuth(quote_plus(self.client_id), quote_plus(self.client_secret))
        try:
            answer = self.http.post(self.url, data=form, auth=login, headers={"Accept": "application/json"})
        except httpx.HTTPError as error:
            message = f"the token endpoint does not answer ({type(error).__name__})"
            raise TokenError(message) from None
        if not answer.is_success:
            message = f"the token endpoint refuses: http {answer.status_code}{_reason(answer.content)}"
            raise TokenError(message)
        try:
            granted = msgspec.json.decode(answer.content, type=_Granted, strict=False)
        except msgspec.MsgspecError:
            raise TokenError("the token endpoint's answer holds no access token") from None
        return granted


def http_client(verify: ssl.SSLContext) -> httpx.Client:
    """Return a client with time limits that follows no redirects and reads nothing from the environment."""
    return httpx.Client(
        verify=verify,
        timeout=httpx.Timeout(ANSWER_SECONDS, connect=CONNECT_SECONDS),
        limits=httpx.Limits(max_keepalive_connections=0),  # asked once an hour: an idle connection would be dropped
        trust_env=False,
        follow_redirects=False,
    )


def _reason(content: bytes) -> str:
    try:
        refused = msgspec.json.decode(content, type=_Refused)
    except msgspec.MsgspecError:
        return ""
    return f", {refused.error}" if refused.error in REFUSALS else ""
