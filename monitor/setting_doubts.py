"""What is not wrong with the settings of a site that has a response plan, and yet may not be meant."""

from collections.abc import Callable, Iterator

from monitor.settings import Settings

_DOUBTS: tuple[tuple[Callable[[Settings], bool], str], ...] = (
    (
        lambda s: bool(s.slack_token) and not (s.slack_signing_secret or s.slack_app_token),
        "Slack shows no buttons: set WARDWATCH_SLACK_SIGNING_SECRET or WARDWATCH_SLACK_APP_TOKEN (docs/slack.md)",
    ),
    (
        lambda s: bool(s.pagerduty_routing_key) and not s.pagerduty_webhook_secrets,
        "what people acknowledge in PagerDuty is not heard of: set WARDWATCH_PAGERDUTY_WEBHOOK_SECRETS",
    ),
    (
        lambda s: bool(s.staff_contacts) and not s.answer_key,
        "nobody can be asked about an account: set WARDWATCH_ANSWER_KEY (docs/questions.md)",
    ),
    (
        lambda s: (
            bool(s.slack_signing_secret or s.pagerduty_webhook_secrets or s.answer_key)
            and not s.hooks_url.startswith("https://")
        ),
        "WARDWATCH_HOOKS_URL is no https address: nobody outside reaches `wardwatch hooks` there",
    ),
    (
        lambda s: not (s.audit_signing_key or s.audit_public_key),
        "the audit log is not signed: set WARDWATCH_AUDIT_SIGNING_KEY for the workers (docs/audit.md)",
    ),
    (
        lambda s: not s.evidence_key,
        "files and notes cannot be kept as evidence: set WARDWATCH_EVIDENCE_KEY",
    ),
)


def setting_doubts(settings: Settings) -> Iterator[str]:
    """Yield what may not be meant, a sentence each; nothing for a site without a response plan."""
    if settings.response_file is not None:
        yield from (doubt for holds, doubt in _DOUBTS if holds(settings))
