"""A webhook of your own: the notification as JSON, signed.

The request carries

    Wardwatch-Signature: t=1772442843,v1=5257a869…
    Idempotency-Key: <notice id>

where `v1` is the hexadecimal HMAC-SHA-256 of `<t>.<body>` under the shared secret; while the secret is being changed
there is a second `v1`, under the one before. A receiver must compute it over the raw body, compare in constant time,
refuse a `t` more than 300 seconds from its own clock (somebody plays an old request again), and ignore a notice id that
it has seen: a notice may come twice. In Python:

    parts = [part.split("=", 1) for part in header.split(",")]
    (at,) = [value for name, value in parts if name == "t"]
    expected = hmac.new(secret, f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    signed = any(name == "v1" and hmac.compare_digest(expected, value) for name, value in parts)
    genuine = signed and abs(time.time() - int(at)) <= 300

Any 2xx is a receipt; 408, 425, 429 and 5xx are tried again, everything else is a failure.
"""

import hashlib
import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import httpx
import msgspec

from alerting.channels.api import Call, Message, Outcome, Secret, Sent
from alerting.channels.http import http_client, post
from alerting.notices import Notice


@dataclass(frozen=True, kw_only=True)
class WebhookConfig:
    """Where to post, and the secret shared with the receiver. `clock` gives seconds since the epoch.

    `previous` is the secret before it, for as long as the receiver may not know the new one yet.
    """

    url: str
    secret: Secret
    previous: Secret | None = None
    clock: Callable[[], float]
    pace: float = 0.0


class WebhookChannel:
    """Posts to one URL."""

    def __init__(self, config: WebhookConfig) -> None:
        self._config = config
        self._client = http_client()
        self._secrets = (config.secret, *([config.previous] if config.previous else []))

    @property
    def pace(self) -> float:
        """Seconds between two sends."""
        return self._config.pace

    def compose(self, notice: Notice) -> Message:
        """Return the notification as it is."""
        body = {"notice_id": notice.id, "notification": msgspec.to_builtins(notice.body)}
        return Message((Call("post", {"idempotency_key": notice.id}, body),))

    def send(self, message: Message) -> Outcome:
        """Post the notification with its signature."""
        (call,) = message.calls
        content = msgspec.json.encode(call.body)
        headers = {
            "Wardwatch-Signature": signature(self._secrets, int(self._config.clock()), content),
            "Idempotency-Key": call.address["idempotency_key"],
        }
        answer = post(self._client, self._config.url, content, headers)
        return Sent() if isinstance(answer, httpx.Response) else answer


def signature(secrets: Sequence[Secret], at: int, content: bytes) -> str:
    """Return the value of the header `Wardwatch-Signature` for a body sent at a time, with a `v1` for each secret."""
    signed = f"{at}.".encode() + content
    digests = [hmac.new(secret.reveal().encode(), signed, hashlib.sha256).hexdigest() for secret in secrets]
    return ",".join([f"t={at}", *(f"v1={digest}" for digest in digests)])
