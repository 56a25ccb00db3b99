"""The end of notices that could not or must not leave: nobody may believe that people were told."""

from msgspec import Struct
from sqlalchemy import Connection

from alerting.act import Act
from alerting.calling import numbered
from alerting.commands import BlockNotice, GiveUpNotice
from alerting.drafts import Changed, Drafts, Evidence, Subject
from alerting.incidents import IncidentKind
from alerting.notices import Notice, UnreadableNotice, notice_id
from alerting.notification import Body, Digest, Notification, Question
from alerting.oncall.following import hurry
from alerting.policy import Policy
from alerting.questions.handling import end_undelivered
from alerting.routes import LOG
from alerting.routing.router import Router
from alerting.routing.rows import forget_knowledge
from alerting.severity import IncidentSeverity
from alerting.store.finding_rows import Held, insert_held
from alerting.store.incident_rows import find_incident
from alerting.store.outbox_rows import find_pending, insert_notices, mark_ended, notices_in_use, reaches_somebody
from alerting.telling import news_of, tell

SEVERITY_BLOCKED: IncidentSeverity = "SEV3"
"""Of a notice that the tripwire stopped (domain.md §4.6)."""
SEVERITY_FAILED: IncidentSeverity = "SEV2"
"""Of a notice that could not be sent: somebody may be waiting to be paged."""

UNREADABLE = "cannot be read"
"""Why a notice was given up whose row is broken or of another version."""


class Ended(Struct, frozen=True):
    """Whether the notice was still pending, and the incident that its end raised or grew."""

    was_pending: bool
    changed: list[Changed]


def block_notice(act: Act, command: BlockNotice, drafts: Drafts) -> Ended:
    """Drop a notice that the tripwire stopped, keep a record without its content, and raise an incident.

    A notice about such an incident raises no further one, or a bad console address would breed them without end.
    """
    connection, now = act.connection, act.now
    notice = find_pending(connection, command.notice_id)
    if notice is None:
        return Ended(False, [])
    patterns = ",".join(command.patterns)
    mark_ended(connection, notice.id, "blocked", f"tripwire: {patterns}")
    held = Held(
        subject_id=notice.id,
        reason="tripwire",
        at=now,
        source=notice.channel,
        incident_id=_incident_of(notice),
        detail=patterns,
    )
    insert_held(connection, [held])
    _end_question(act, notice)
    changed = _raise("tripwire", SEVERITY_BLOCKED, notice, drafts, now=now, detail={"patterns": patterns})
    tell(connection, news_of(changed), act.policy, now)
    return Ended(True, changed)


def give_up_notice(act: Act, command: GiveUpNotice, drafts: Drafts) -> Ended:
    """Hand a notice that its channel did not take to the next channel, and raise an incident told elsewhere."""
    connection, now = act.connection, act.now
    try:
        notice = find_pending(connection, command.notice_id)
    except UnreadableNotice as unreadable:
        return _give_up_unreadable(act, unreadable, drafts)
    if notice is None:
        return Ended(False, [])
    mark_ended(connection, notice.id, "failed", command.reason)
    is_known = _hand_on(connection, notice, act.policy, now)
    if isinstance(notice.body, Notification):
        forget_knowledge(connection, notice.body.incident_id, notice.place)
        if not is_known:
            hurry(connection, notice.body.incident_id, now)
    elif not is_known:
        _end_question(act, notice)
    changed = _raise("notice_failed", SEVERITY_FAILED, notice, drafts, now=now, detail={"reason": command.reason})
    tell(connection, news_of(changed), act.policy, now, avoid={notice.channel})
    return Ended(True, changed)


def _give_up_unreadable(act: Act, notice: UnreadableNotice, drafts: Drafts) -> Ended:
    """End a notice of which nobody knows where else it was to go; only that is told."""
    mark_ended(act.connection, notice.notice_id, "failed", UNREADABLE)
    hurry(act.connection, notice.about, act.now)
    key = Subject("notice_failed", f"notice_failed:{notice.channel}")
    detail: dict[str, str | int] = {"reason": UNREADABLE, "channel": notice.channel, "incident": notice.about}
    changed = _grow(key, SEVERITY_FAILED, drafts, now=act.now, detail=detail)
    tell(act.connection, news_of(changed), act.policy, act.now, avoid={notice.channel})
    return Ended(True, changed)


def _end_question(act: Act, notice: Notice) -> None:
    """Let people ask anew where a question does not reach whom it was for."""
    if isinstance(notice.body, Question):
        end_undelivered(act, notice.body.question_id)


def _hand_on(connection: Connection, notice: Notice, policy: Policy, now: float) -> bool:
    """Give the notice to the first of its fallbacks that does not have it anyway; return whether somebody has it."""
    body = notice.body
    router = Router(connection, policy, now)
    told_of = [incident for one in _incidents_in(body) if (incident := find_incident(connection, one))]
    whose = [router.addressing(incident) for incident in told_of]
    ids = {place: notice_id(body.about, body.revision, place.channel, place.to) for place in notice.fallbacks}
    in_use = notices_in_use(connection, ids.values())
    allowed = [place for place in notice.fallbacks if all(addressing.is_allowed(place) for addressing in whose)]
    left = [place for place in allowed if ids[place] not in in_use]
    if left:
        handed_on = Notice(
            id=ids[left[0]],
            channel=left[0].channel,
            to=left[0].to,
            body=numbered(connection, body, left[0], now) if isinstance(body, Notification) else body,
            fallbacks=tuple(left[1:]),
            created_at=now,
            due_at=now,
        )
        insert_notices(connection, [handed_on])
    if left and left[0].channel != LOG:
        return True
    return reaches_somebody(connection, body.about, body.revision)


def _incidents_in(body: Body) -> list[str]:
    """Return the ids of the incidents that a body names."""
    return [line.incident_id for line in body.lines] if isinstance(body, Digest) else [body.about]


def _raise(
    kind: IncidentKind,
    severity: IncidentSeverity,
    notice: Notice,
    drafts: Drafts,
    *,
    now: float,
    detail: dict[str, str | int],
) -> list[Changed]:
    """Open or grow the incident of this kind about the notice's channel; none for a notice about one of its kind."""
    if isinstance(notice.body, Notification) and notice.body.kind == kind:
        return []
    whole = {**detail, "channel": notice.channel, "incident": notice.body.about}
    return _grow(Subject(kind, f"{kind}:{notice.channel}"), severity, drafts, now=now, detail=whole)


def _grow(
    subject: Subject, severity: IncidentSeverity, drafts: Drafts, *, now: float, detail: dict[str, str | int]
) -> list[Changed]:
    drafts.load({subject.key}, first_at=now, last_at=now)
    drafts.add(subject, Evidence(subject.kind, severity, now))
    return drafts.save(detail)


def _incident_of(notice: Notice) -> str | None:
    return notice.body.incident_id if isinstance(notice.body, Notification) else None
