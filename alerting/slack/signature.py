"""Whether a request comes from Slack: version 0 of its signatures.

https://docs.slack.dev/authentication/verifying-requests-from-slack
"""

import hashlib
import hmac
import re

MAX_AGE_SECONDS = 300
"""Slack's own advice: a request that is older may be one that somebody recorded."""

_SECONDS = re.compile(r"[0-9]{1,12}")


def is_authentic(secret: str, body: bytes, *, timestamp: str, signature: str, now: float) -> bool:
    """Return whether a body was signed with our secret, not long ago.

    Args:
        secret: the signing secret of the app.
        body: the raw body, before anything reads it.
        timestamp: header `X-Slack-Request-Timestamp`.
        signature: header `X-Slack-Signature`.
        now: seconds since the epoch.
    """
    if not _SECONDS.fullmatch(timestamp) or abs(now - int(timestamp)) > MAX_AGE_SECONDS:
        return False
    expected = signature_of(secret, body, timestamp)
    return hmac.compare_digest(expected.encode(), signature.encode("utf-8", "replace"))


def signature_of(secret: str, body: bytes, timestamp: str) -> str:
    """Return the signature that Slack gives a body."""
    ground = b"v0:" + timestamp.encode() + b":" + body
    return f"v0={hmac.new(secret.encode(), ground, hashlib.sha256).hexdigest()}"
