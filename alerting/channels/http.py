"""One way to call an HTTP API, and one table of what its answers mean."""

from email.utils import parsedate_to_datetime

import httpx

from alerting.channels.api import CONNECT_SECONDS, READ_SECONDS, Failed, Retry

RETRIED = frozenset({408, 425, 429})
"""Client errors that pass: timeout, too early, too many requests (RFC 9110, RFC 8470, RFC 6585); so do all 5xx."""
_SERVER_ERRORS = 500


def http_client(proxy: str = "") -> httpx.Client:
    """Return a client with our timeouts that follows no redirects and reads nothing from the environment.

    Notices are rare, so it keeps no connection: there is nothing to close, and none that a firewall has dropped.
    """
    return httpx.Client(
        timeout=httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS),
        limits=httpx.Limits(max_keepalive_connections=0),
        trust_env=False,
        follow_redirects=False,
        proxy=proxy or None,
    )


def post(client: httpx.Client, url: str, content: bytes, headers: dict[str, str]) -> httpx.Response | Retry | Failed:
    """Post JSON; return the answer if it is a success (2xx), otherwise what to do."""
    try:
        response = client.post(url, content=content, headers={"Content-Type": "application/json"} | headers)
    except httpx.TimeoutException:
        return Retry("timeout")
    except httpx.HTTPError:
        return Retry("no connection")
    return response if response.is_success else refusal(response.status_code, response.headers)


def refusal(status: int, headers: httpx.Headers) -> Retry | Failed:
    """Return what to do after an answer that is not a success."""
    reason = f"http {status}"
    if status in RETRIED or status >= _SERVER_ERRORS:
        return Retry(reason, retry_after(headers))
    return Failed(reason)


def retry_after(headers: httpx.Headers) -> float | None:
    """Return the seconds that `Retry-After` asks for (RFC 9110, 10.2.3): a number, or a date against `Date`.

    Opsgenie gives the period of the limit that was reached instead (https://docs.opsgenie.com/docs/api-rate-limiting).
    """
    value = headers.get("Retry-After", headers.get("X-RateLimit-Period-In-Sec", "")).strip()
    if value.isascii() and value.isdigit():
        return float(value)
    try:
        seconds = (parsedate_to_datetime(value) - parsedate_to_datetime(headers.get("Date", ""))).total_seconds()
    except (TypeError, ValueError):
        return None
    return max(0.0, seconds)
