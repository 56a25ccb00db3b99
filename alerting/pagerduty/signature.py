"""Whether a webhook is from PagerDuty.

https://developer.pagerduty.com/docs/webhooks/signatures/
"""

import hashlib
import hmac
from collections.abc import Iterable

from alerting.channels.api import Secret

HEADER = "x-pagerduty-signature"
_VERSION = "v1="


def verify(body: bytes, header: str, secrets: Iterable[Secret]) -> bool:
    """Return whether one of the signatures is made with one of the secrets.

    Args:
        body: the raw body.
        header: the value of `X-PagerDuty-Signature`, such as `v1=ab…,v1=cd…`: several while PagerDuty's secret changes.
        secrets: ours; several while it changes here.
    """
    given = [part.strip().removeprefix(_VERSION) for part in header.split(",") if part.strip().startswith(_VERSION)]
    expected = [hmac.new(secret.reveal().encode(), body, hashlib.sha256).hexdigest() for secret in secrets]
    # Every pair is compared, so that time tells nothing.
    matches = [
        hmac.compare_digest(one.encode("utf-8", "replace"), other.encode()) for one in given for other in expected
    ]
    return any(matches)
