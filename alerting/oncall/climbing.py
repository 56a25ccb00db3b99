"""The next steps of escalations, when their time has come; and what is done when nobody answers to the last one."""

from collections.abc import Sequence

from msgspec import structs

from alerting.act import Act
from alerting.drafts import Drafts, Evidence, Subject
from alerting.incidents import Incident
from alerting.muting.passing import Scene, what_holds
from alerting.notification import Told
from alerting.oncall.climbs import Climb, again, answered, due_climbs, ended, put_climbs
from alerting.oncall.escalations import Escalation
from alerting.routing.receivers import Receiver
from alerting.store.timeline_rows import last_deed_at
from alerting.subjects import subjects_of
from alerting.telling import News, news_of, tell
from alerting.timeline import SYSTEM

AT_ONCE = 200
"""Steps in one pass: after a long rest the others follow with the next."""
PAUSE = 60.0
"""Seconds until a step is tried again that something holds back."""

DEEDS = frozenset(
    {
        "acknowledge", "start_investigation", "await_context", "contain", "remediate", "assess_risk", "confirm_breach",
        "rule_out_breach", "start_notifying", "finish_notifying", "resolve", "reopen", "close", "suppress", "merge",
        "comment", "assign", "took_over", "split", "add_task", "finish_task", "add_evidence", "link", "unlink", "asked",
        "snooze", "record_discovery", "describe_breach", "count_affected", "assess_breach", "approve_assessment",
        "hold_notices", "lift_hold", "record_notice", "record_document", "void_notice", "decide_overpayment",
        "return_overpayment",
    }
)  # fmt: skip
"""Entries that are work on a case. To look at it, to follow or export it, or to pass its page on is none, nor is what
was refused or said outside; what nobody thought of is none either, for who is called once too often is no harm."""


def climb(act: Act) -> None:
    """Make every step that is due. A step is made once, however many workers look for it."""
    escalations = {one.name: one for one in act.policy.plan.escalations}
    for one in due_climbs(act.connection, act.now, AT_ONCE):
        after = _next(act, one, escalations.get(one.escalation))
        put_climbs(act.connection, [after], {one.incident_id})


def _next(act: Act, one: Climb, escalation: Escalation | None) -> Climb:
    incident = act.incident(one.incident_id)
    if escalation is None or not incident.is_open:
        return ended(one)
    touched_at = _touched_at(act, one, incident)
    if one.state == "answered":
        return _lapsed(act, one, escalation, incident, touched_at)
    has_answer = incident.status != "new" if one.from_new else touched_at is not None
    if has_answer:
        return answered(one, escalation, incident, touched_at or act.now)
    if one.position >= escalation.length:
        return _given_up(act, one, escalation, incident)
    return _stepped(act, one, escalation, incident)


def _stepped(act: Act, one: Climb, escalation: Escalation, incident: Incident) -> Climb:
    """Make one step, unless a silence or its like holds the case back."""
    if what_holds(Scene(act.connection, [incident], act.policy, act.now), incident):
        return structs.replace(one, next_at=act.now + PAUSE)
    rounds, number = divmod(one.position, len(escalation.steps))
    detail: dict[str, str | int] = {"escalation": escalation.name, "step": number + 1, "round": rounds + 1}
    noted = act.note(incident, action="escalation_step", detail=detail)
    _tell(act, noted, "escalation_step", escalation.step(one.position).receivers)
    position = one.position + 1
    return structs.replace(one, position=position, next_at=act.now + escalation.wait(position))


def _given_up(act: Act, one: Climb, escalation: Escalation, incident: Incident) -> Climb:
    """Tell the last resort, and raise an incident: this way of reaching people does not work."""
    drafts = Drafts(act.connection, act.policy.windows, act.incident_ids, act.now, act.policy.plan.promise)
    key = f"nobody_reached:{escalation.name}"
    drafts.load({key}, first_at=act.now, last_at=act.now)
    drafts.add(Subject("nobody_reached", key), Evidence("nobody_reached", incident.severity, act.now))
    changed = drafts.save({"escalation": escalation.name, "incident": incident.id})
    raised = changed[0].incident.id
    noted = act.note(incident, action="nobody_reached", detail={"escalation": escalation.name, "raised": raised})
    if act.policy.plan.last_resort:
        _tell(act, noted, "nobody_reached", (act.policy.plan.last_resort,))
    tell(act.connection, news_of(changed), act.policy, act.now)
    return ended(one)


def _lapsed(act: Act, one: Climb, escalation: Escalation, incident: Incident, touched_at: float | None) -> Climb:
    """Climb again where an acknowledgement has not been followed by anything."""
    if incident.status != "triaged" or not escalation.ack_timeout:
        return ended(one)
    holds_until = (touched_at or one.began_at) + escalation.ack_seconds
    if holds_until > act.now:
        return structs.replace(one, next_at=holds_until)
    act.note(incident, action="acknowledgement_lapsed", detail={"escalation": escalation.name})
    return again(one, escalation, act.now)


def _touched_at(act: Act, one: Climb, incident: Incident) -> float | None:
    """Return when somebody last worked on the case since it began to climb; its subject does not count."""
    nobody = {SYSTEM, *subjects_of(act.connection, act.policy, incident)}
    return last_deed_at(act.connection, one.incident_id, after=one.began_at, not_by=nobody, among=DEEDS)


def _tell(act: Act, incident: Incident, told: Told, receivers: Sequence[Receiver]) -> None:
    tell(act.connection, [News(incident, told)], act.policy, act.now, only=receivers)
