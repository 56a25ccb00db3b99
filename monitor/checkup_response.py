"""What `wardwatch doctor` looks at of the response: the plan, hooks, keys and the archive."""

import time
from collections.abc import Callable, Iterator
from http import HTTPStatus
from pathlib import Path

import httpx
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from monitor.archive import opened_archive
from monitor.auditing import MADE_BY
from monitor.channels import configured
from monitor.evidence import evidence_keys
from monitor.health import Check
from monitor.named_secrets import named
from monitor.response_doubts import doubts
from monitor.response_plan import response_plan
from monitor.setting_doubts import setting_doubts
from monitor.settings import Settings
from monitor.signing_keys import private_key, public_key
from monitor.staff_contacts import staff_contacts

SOCKET = "Slack by Socket Mode"
PATIENCE_SECONDS = 2.0
"""How long the hooks have to answer."""


def all_doubts(settings: Settings) -> Iterator[str]:
    """Yield what of the response plan and the settings about it may not be meant.

    Raises:
        Failure: where the plan is wrong.
    """
    keys = frozenset(named(settings.pagerduty_keys))
    yield from doubts(response_plan(settings), configured(settings), keys, time.time())
    yield from setting_doubts(settings)


def check_response(settings: Settings) -> Check:
    """Check that the response plan and the table of contacts can be read; doubts do not fail."""
    plan = response_plan(settings)
    staff_contacts(settings, plan.people)
    if settings.response_file is None:
        return Check(ok=True, detail="no plan: everything goes to the channels of the settings")
    found = list(all_doubts(settings))
    detail = f"{len(plan.people)} people, {len(plan.schedules)} schedules"
    if found:
        detail += f"; {found[0]}; {len(found)} doubts, see `wardwatch config check`"
    return Check(ok=True, detail=detail)


def check_hooks(settings: Settings) -> Check:
    """Tell what others may call, and ask whether anything answers where they call."""
    used = [
        name
        for name, secret in (
            ("Slack by HTTP", settings.slack_signing_secret),
            (SOCKET, settings.slack_app_token),
            ("PagerDuty", settings.pagerduty_webhook_secrets),
            ("answers", settings.answer_key),
        )
        if secret
    ]
    if not used:
        return Check(ok=True, detail="none are used")
    if used == [SOCKET]:
        return Check(ok=True, detail=f"{SOCKET}; not asked, for nobody calls it")
    return _asked(", ".join(used), settings.hooks_url)


def _asked(used: str, url: str) -> Check:
    """Ask an address. A proxy may let through no more than hooks and answers: whatever it refuses is an answer, too."""
    try:
        status = httpx.get(f"{url.rstrip('/')}/healthz", timeout=PATIENCE_SECONDS, trust_env=False).status_code
    except (httpx.HTTPError, httpx.InvalidURL):
        return Check(
            ok=False,
            detail=f"{used}: nothing answers at {url} from here; does `wardwatch hooks` run, and is "
            "WARDWATCH_HOOKS_URL its address?",
        )
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Check(ok=False, detail=f"{used}: {url} answers with {status}; look at the logs of `wardwatch hooks`")
    return Check(ok=True, detail=f"{used}: answers at {url}")


def check_audit(settings: Settings) -> Check:
    """Check that the keys of the audit log are keys, and a pair."""
    public = public_key(settings.audit_public_key, MADE_BY) if settings.audit_public_key else None
    if settings.audit_signing_key is None:
        return Check(ok=True, detail="checked, not signed by this process" if public else "not signed: no key is set")
    private = private_key(settings.audit_signing_key, MADE_BY)
    if public and private.public_key().public_bytes_raw() != public.public_bytes_raw():
        return Check(ok=False, detail="WARDWATCH_AUDIT_PUBLIC_KEY is not that of WARDWATCH_AUDIT_SIGNING_KEY")
    return Check(ok=True, detail="signed every hour")


def check_archive(settings: Settings) -> Check:
    """Check that the archive of accesses answers."""
    try:
        url = make_url(settings.archive_database)
    except ArgumentError:
        return Check(ok=False, detail="it is no address; correct WARDWATCH_ARCHIVE_URL")
    if url.get_backend_name() == "sqlite" and url.database and not Path(url.database).exists():
        return Check(ok=True, detail="sqlite, to be made at first use")
    with opened_archive(settings) as archive:
        return Check(ok=True, detail=archive.engine.dialect.name)


def check_evidence(settings: Settings) -> Check:
    """Check that the keys of evidence are keys."""
    if settings.evidence_key is None:
        return Check(ok=True, detail="no files and notes are kept: WARDWATCH_EVIDENCE_KEY is not set")
    return Check(ok=True, detail=f"key {evidence_keys(settings).current}")


RESPONSE_CHECKS: dict[str, Callable[[Settings], Check]] = {
    "response": check_response,
    "hooks": check_hooks,
    "audit": check_audit,
    "archive": check_archive,
    "evidence": check_evidence,
}
