"""Reasons: sentences with numbers, from a rule's template.

`{user.patients_1h}` is replaced by the value of that note or field; `{refund.amount:money}` writes cents as an amount.
Reasons are stored with findings and read by people who may not know whom they are about, so a template can only name
what is on a list that holds no identifier.
"""

import re
from collections.abc import Callable, Mapping

from msgspec import Struct

from detectors.sigma.match import Notes, Values, reader_of
from detectors.sigma.problems import Problems
from detectors.sigma.reader import suggestion
from detectors.sigma.vocabulary import Vocabulary

REASON_NAMES = frozenset(
    {
        "action", "outcome", "actor.type", "session.mfa", "client.ip_class", "break_glass.flag", "query.result_count",
        "volume.records", "volume.bytes", "volume.pages", "resource.type",
        "kind", "currency", "claim.type", "claim.pos", "claim.frequency", "lines.units", "approval.limit",
        "amounts.charge", "amounts.allowed", "amounts.paid", "amounts.patient_resp", "amounts.patient_paid",
        "amounts.adjustment", "payment.method", "payment.direction", "payment.card.brand", "payment.card.entry",
        "payment.card.avs", "payment.card.cvv_result", "payment.card.response",
        "rel.first_pair", "rel.templates", "rel.explained", "rel.context_ok",
        "rel.unexplained_days", "rel.open_users_24h", "user.clerical_notes_7d", "user.clerical_notes_p99",
        "glass.same_reason_30d", "glass.uses_30d", "glass.uses_p99", "glass.expired_minutes",
        "portal.accounts_30d", "portal.addresses_30d", "portal.proxy_added_hours",
        "staff.known", "staff.ended_hours",
        "user.patients_1h", "user.patients_24h", "user.patients_1h_limit", "user.patients_1h_highest",
        "user.mass_access_ratio", "user.unexplained_24h", "user.login_failures_15m", "user.login_failures_minutes",
        "user.charts_day", "user.charts_day_limit", "user.outside_shift_hours", "user.seat_switches",
        "user.pushes_refused_1h", "user.reset_then_device_minutes", "user.run_of_records", "user.openings",
        "user.opening_seconds", "user.opening_variation", "user.lookups_30m", "user.lookups_unexplained_30m",
        "user.searches_1h", "user.searches_opened", "user.wide_searches_1h", "address.users_failed_15m",
        "address.users_entered_15m", "session.bits", "session.bits_median", "session.steps",
        "provider.excluded_since",
        "refund.amount", "refund.original_amount", "refund.limit", "refund.same_token_30d", "refund.owed",
        "refund.payment_days", "adjustment.after_close_days", "privilege.revoked_hours", "privilege.emergency_hours",
    }
)  # fmt: skip
"""Fields and notes that hold numbers and codes, and neither say who it was nor what the record is about."""

_PLACEHOLDER = re.compile(r"\{([^{}:]*)(?::([a-z]*))?\}")

Reason = Callable[[Struct, Notes, Mapping[str, int]], str]


def compile_reason(
    template: str, line: int, vocabulary: Vocabulary, problems: Problems, counts: frozenset[str] = frozenset()
) -> Reason:
    """Compile a template.

    Args:
        template: the sentence.
        line: its line in the file.
        vocabulary: what the rule may speak of.
        problems: takes what is wrong.
        counts: further names, whose numbers the caller gives.
    """
    parts: list[str | tuple[Callable[[object], str], Values | str]] = []
    end = 0
    for found in _PLACEHOLDER.finditer(template):
        parts.append(template[end : found.start()])
        end = found.end()
        name, style = found[1], found[2] or ""
        if style not in _STYLES:
            problems.add(line, f"reason: there is no style {style!r}, only {', '.join(filter(None, _STYLES))}")
        elif name in counts:
            parts.append((_STYLES[style], name))
        elif name not in REASON_NAMES:
            advice = suggestion(name, REASON_NAMES | counts)
            problems.add(line, f"reason: {name!r} is not on the list of names without identifiers{advice}")
        else:
            subject = vocabulary.subject(name, line, problems)
            if subject is not None:
                parts.append((_STYLES[style], reader_of(subject)))
    parts.append(template[end:])
    if any(isinstance(part, str) and ("{" in part or "}" in part) for part in parts):
        problems.add(line, "reason: a brace stands alone; placeholders look like {name} or {name:money}")

    def reason(data: Struct, notes: Notes, numbers: Mapping[str, int]) -> str:
        return "".join(
            part if isinstance(part, str) else part[0](_value(part[1], data, notes, numbers)) for part in parts
        )

    return reason


def _value(source: Values | str, data: Struct, notes: Notes, numbers: Mapping[str, int]) -> object:
    return numbers[source] if isinstance(source, str) else source(data, notes)


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.1f}".removesuffix(".0")
    if isinstance(value, list | tuple):
        return ", ".join(dict.fromkeys(map(_plain, value))) or "none"
    return str(value).replace("_", " ") if value not in (None, "") else "unknown"


def _money(value: object) -> str:
    """Write cents as an amount without its sign: a refund of -4,500 cents is a refund of 45.00."""
    return f"{abs(value) / 100:,.2f}" if isinstance(value, int) and not isinstance(value, bool) else _plain(value)


_STYLES: dict[str, Callable[[object], str]] = {"": _plain, "money": _money}
