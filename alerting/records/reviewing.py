"""Signing reviews, and telling when one is overdue."""

from msgspec import structs

from alerting.act import Act
from alerting.drafts import Drafts, Evidence, Subject
from alerting.people import Role
from alerting.records.commands import SignReview
from alerting.records.review_rows import alarm_of, insert_alarm, insert_review, last_end, seen_in
from alerting.records.reviews import Review, next_period, overdue_at, signed
from alerting.refusal import Refused
from alerting.severity import IncidentSeverity
from alerting.telling import News, tell
from alerting.transitions import UNTOUCHED

REVIEWERS: tuple[Role, ...] = ("privacy_officer", "security_officer", "auditor")
SEVERITY: IncidentSeverity = "SEV3"
"""Of an overdue review: a business day to answer (domain.md §4.4)."""


def sign_review(act: Act, command: SignReview) -> Review:
    """Sign for the next period that is to be reviewed."""
    plan = act.policy.plan
    period = next_period(plan.records, plan.zone, last_end(act.connection))
    if period is None:
        raise Refused("the response plan asks for no reviews (records.review_every_days)")
    if act.now < period.end:
        raise Refused("the period has not ended yet")
    if not command.note.strip():
        raise Refused("a note is needed: what was looked at, and what came of it")
    person = plan.directory.named(command.actor)
    if plan.people and (person is None or not set(REVIEWERS) & set(person.roles)):
        message = f"only people of the response plan sign who are {', '.join(REVIEWERS)}"
        raise Refused(message)
    review = signed(
        Review(
            start_at=period.start,
            end_at=period.end,
            reviewer=command.actor,
            signed_at=act.now,
            note=command.note,
            seen=seen_in(act.connection, period, command.rules),
        )
    )
    insert_review(act.connection, review)
    alarm = alarm_of(act.connection, period)
    if alarm is not None:
        _settle(act, alarm, command.actor)
    # Last, as everywhere: who has a case locked may be waiting for the audit log.
    act.audit(actor=command.actor, action="review.signed", outcome="done", subject=review.hash)
    return review


def tell_overdue(act: Act) -> None:
    """Raise an incident, once, for the period whose review is overdue."""
    plan = act.policy.plan
    period = next_period(plan.records, plan.zone, last_end(act.connection))
    if period is None or act.now < overdue_at(period, plan.records) or alarm_of(act.connection, period) is not None:
        return
    drafts = Drafts(act.connection, act.policy.windows, act.incident_ids, act.now, plan.promise)
    key = f"review_overdue:{round(period.start)}"
    drafts.load({key}, first_at=act.now, last_at=act.now)
    drafts.add(Subject("review_overdue", key), Evidence("review_overdue", SEVERITY, act.now))
    changed = drafts.save()
    insert_alarm(act.connection, period, changed[0].incident.id)
    tell(act.connection, [News(item.incident, "opened") for item in changed], act.policy, act.now)


def _settle(act: Act, incident_id: str, reviewer: str) -> None:
    """Resolve the incident about an overdue review that nobody has begun to work on."""
    incident = act.incident(incident_id)
    if incident.status not in UNTOUCHED:
        return
    reason = "the review was signed"
    resolved = structs.replace(
        incident, status="resolved", verdict="benign_explained", reason=reason, resolved_at=act.now
    )
    act.tell(act.note(incident, resolved, action="resolve", actor=reviewer, note=reason), "status_changed")
