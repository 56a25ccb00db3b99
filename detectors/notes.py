"""The notes that stages write about an event, by name: the vocabulary of rules and reasons.

Notes travel with the event to its later stops. Names are `topic.fact`; a rule that names anything else is refused.
"""

NOTE_NAMES: dict[str, str] = {
    "intake.free_text_masked": "texts in which something was masked that names a person outright, or a card number",
    "rel.direct": "templates by which this user is tied to the patient in person (T1, T2, T6, T7)",
    "rel.depts": "departments and units with a tie to the patient, as `template:name`",
    "rel.repeat": "this user had an explained access to this patient in the last 30 days (T8)",
    "rel.first_pair": "no access by this user to this patient in the last 400 days",
    "rel.templates": "all templates that explain the access (domain.md §3.2)",
    "rel.explained": "at least one template explains the access",
    "rel.context_ok": "the context feed is fresh enough to judge relationships",
    "patient.vip": "the patient is marked as a person of public interest",
    "patient.is_employee": "the patient works here",
    "patient.restricted": "the patient's record is restricted",
    "patient.deceased_days": "days between the patient's death and the event, where it came after",
    "staff.known": "the user is in the staff feed",
    "staff.account_ended": "the user's account had ended or was disabled when it acted",
    "staff.ended_hours": "hours between the end of the account and the event",
    "staff.self_access": "the user opened the own record",
    "user.patients_1h": "different patients whose records this user opened in one hour",
    "user.patients_24h": "records this user opened in 24 hours, each counted once in five minutes",
    "user.patients_1h_limit": "the number of different patients an hour above which it is mass access",
    "user.patients_1h_highest": "this user's highest number of different patients in an earlier hour",
    "user.mass_access_ratio": "patients in the hour, divided by the limit",
    "user.unexplained_24h": "different patients opened without an explanation in 24 hours",
    "user.login_failures_15m": "failed logins of this user in the last 15 minutes",
    "user.login_failures_minutes": "minutes between the first of those failures and this event",
    "claim.duplicate": "every line of the claim was already billed, unchanged, by an earlier claim",
    "provider.excluded": "the provider was on an exclusion list on the date of service",
    "provider.excluded_since": "first day of that exclusion",
    "refund.other_instrument": "the refund goes to another card or account than the payment came from",
    "refund.no_payment": "no payment is known that the refund could belong to",
    "refund.over_payment": "the refund is larger than what is left of the payment",
    "refund.below_limit": "the amount is within 5 % under the clerk's approval limit",
    "refund.amount": "amount of the refund in cents",
    "refund.original_amount": "amount of the original payment in cents",
    "refund.limit": "approval limit in cents",
    "refund.same_token_30d": "refunds by this clerk to this card or account in 30 days",
}
"""Name to what it says."""
