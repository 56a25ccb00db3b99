"""Asking and answering: what the timeline and the outbox have of it, and what is refused."""

from collections.abc import Callable
from typing import Any

import pytest
from msgspec import structs

from alerting.commands import Acknowledge, BlockNotice, GiveUpNotice, Merge, RecordFindings, Resolve
from alerting.desk import Desk
from alerting.notices import notice_id
from alerting.notification import Question
from alerting.people import Person
from alerting.plan import Plan
from alerting.policy import Policy
from alerting.questions.commands import AnswerQuestion, Ask, NoteForgedLinks
from alerting.questions.contacts import Contact, Staff, address_for
from alerting.questions.rows import find_question
from alerting.questions.rules import Asking
from alerting.refusal import Refused
from alerting.routes import Route
from alerting.store import Store
from alerting.store.audit_rows import audit_entries
from alerting.store.outbox_rows import claim_notice
from alerting.store.schema import AUDIT_LOG
from alerting.tripwire import Tripwire
from detectors.finding import Entity, Severity
from tests.alerting.building import CONSOLE, DAY, MONDAY, Clock, a_desk, a_finding, case_of

LINK = "https://hooks.wardwatch.example/answers/" + "a" * 60
QUESTION = "Q-aaaqeayeaudaocajbifqydiob4"


def a_site(store: Store, clock: Clock, **rules: Any) -> Desk:
    plan = Plan(questions=Asking(**rules))
    return a_desk(store, clock, policy=Policy(routes=(Route("SEV4", ("slack",)),), console_url=CONSOLE, plan=plan))


def opened(desk: Desk, severity: Severity = "medium") -> str:
    (case,) = desk.handle(RecordFindings([a_finding(severity=severity)])).opened
    return case


def asked(case: str, **fields: Any) -> Ask:
    usual: dict[str, Any] = {
        "actor": "p.officer", "incident_id": case, "question_id": QUESTION, "audience": "actor", "channel": "email",
        "to": "clerk@hospital.example", "link": LINK, "expires_at": round(MONDAY + 3 * DAY),
    }  # fmt: skip
    return Ask(**(usual | fields))


def told(store: Store, channel: str, clock: Clock) -> list[Any]:
    bodies = []
    with store.writing() as connection:
        while notice := claim_notice(connection, channel, "t", now=clock.now, until=clock.now + 9):
            connection.exec_driver_sql(f"UPDATE outbox SET fate = 'sent' WHERE notice_id = '{notice.id}'")  # noqa: S608
            bodies.append((notice.to, notice.body))
    return bodies


def test_a_question_goes_out_and_the_answer_is_evidence(store: Store, clock: Clock) -> None:
    desk = a_site(store, clock)
    case = opened(desk)
    desk.handle(asked(case))
    assert told(store, "email", clock) == [
        (
            "clerk@hospital.example",
            Question(
                question_id=QUESTION, audience="actor", first_hour="2026-03-02T09:00:00Z",
                last_hour="2026-03-02T09:00:00Z", link=LINK, expires="2026-03-05T09:00:00Z",
            ),
        )
    ]  # fmt: skip
    clock.advance(DAY)
    assert (
        desk.handle(AnswerQuestion(actor="link", question_id=QUESTION, said="no", reason="I was on leave")) == "taken"
    )
    found = case_of(store, case)
    assert (found.incident.status, found.incident.verdict) == ("new", None)
    assert [(entry.action, entry.actor, entry.note) for entry in found.timeline][1:] == [
        ("asked", "p.officer", ""),
        ("answered", "asked actor", "I was on leave"),
    ]
    assert found.timeline[-1].detail == {"question": QUESTION, "audience": "actor", "said": "no"}
    assert "hospital.example" not in str([entry.detail for entry in found.timeline])
    assert [body.told for _, body in told(store, "slack", clock)] == ["opened", "answered"]


def test_a_link_is_used_once(store: Store, clock: Clock) -> None:
    desk = a_site(store, clock)
    case = opened(desk)
    desk.handle(asked(case))
    answer = AnswerQuestion(actor="link", question_id=QUESTION, said="yes")
    assert [desk.handle(answer) for _ in range(6)] == ["taken", *["answered"] * 5]
    refused = [entry for entry in case_of(store, case).timeline if entry.action == "answer_refused"]
    assert [entry.detail for entry in refused] == [{"question": QUESTION, "why": "answered"}] * 3
    with store.reading() as connection:
        question = find_question(connection, QUESTION)
    assert question is not None
    assert (question.answer, question.refusals) == ("yes", 5)


def test_a_late_answer_is_refused_and_noted(sqlite_store: Store, clock: Clock) -> None:
    desk = a_site(sqlite_store, clock)
    case = opened(desk)
    desk.handle(asked(case))
    clock.now = float(round(MONDAY + 3 * DAY))
    desk.pass_time()
    desk.pass_time()
    assert desk.handle(AnswerQuestion(actor="link", question_id=QUESTION, said="yes")) == "expired"
    assert [entry.action for entry in case_of(sqlite_store, case).timeline if entry.action != "overdue"][:4] == [
        "opened", "asked", "unanswered", "answer_refused",
    ]  # fmt: skip


def given_up(notice: str) -> GiveUpNotice:
    return GiveUpNotice(notice, "mailbox unknown")


def stopped(notice: str) -> BlockNotice:
    return BlockNotice(notice, ("ssn",))


@pytest.mark.parametrize("end", [given_up, stopped])
def test_a_question_that_does_not_arrive_is_asked_by_another_way(
    store: Store, clock: Clock, end: Callable[[str], GiveUpNotice | BlockNotice]
) -> None:
    desk = a_site(store, clock)
    case = opened(desk)
    desk.handle(asked(case))
    desk.handle(end(notice_id(QUESTION, 1, "email", "clerk@hospital.example")))
    desk.handle(asked(case, question_id="Q-second", channel="slack", to="UCLERK"))
    assert desk.handle(AnswerQuestion(actor="link", question_id=QUESTION, said="yes")) == "expired"
    assert [entry.action for entry in case_of(store, case).timeline] == [
        "opened", "asked", "question_not_delivered", "asked", "answer_refused",
    ]  # fmt: skip


def test_a_question_of_nobody_is_unknown(sqlite_store: Store, clock: Clock) -> None:
    desk = a_site(sqlite_store, clock)
    assert desk.handle(AnswerQuestion(actor="link", question_id="Q-x", said="yes")) == "unknown"
    desk.handle(NoteForgedLinks(actor="link"))
    with sqlite_store.reading() as connection:
        assert [entry.action for entry in audit_entries(connection, AUDIT_LOG)] == [
            "answer_question",
            "note_forged_links",
        ]


@pytest.mark.parametrize(("severity", "allowed"), [("critical", False), ("high", False), ("medium", True)])
def test_covert_cases_are_not_asked_about(sqlite_store: Store, clock: Clock, severity: Severity, allowed: bool) -> None:
    desk = a_site(sqlite_store, clock)
    case = opened(desk, severity)
    grave = case_of(sqlite_store, case).incident.severity in ("SEV1", "SEV2")
    assert grave is not allowed
    if allowed:
        desk.handle(asked(case))
        return
    with pytest.raises(Refused, match="the response plan allows no questions about cases of SEV"):
        desk.handle(asked(case))
    assert told(sqlite_store, "email", clock) == []
    open_minded = a_site(sqlite_store, clock, severities=("SEV1", "SEV2"))
    open_minded.handle(asked(case))


def test_the_plan_keeps_rules_to_itself(sqlite_store: Store, clock: Clock) -> None:
    desk = a_site(sqlite_store, clock, not_for_rules=("A09",))
    with pytest.raises(Refused, match="allows no questions about cases of A09"):
        desk.handle(asked(opened(desk)))


def test_nobody_is_asked_twice_at_a_time_or_about_what_is_over(sqlite_store: Store, clock: Clock) -> None:
    desk = a_site(sqlite_store, clock)
    case = opened(desk)
    desk.handle(asked(case))
    with pytest.raises(Refused, match=f"the actor has been asked about {case} and may still answer"):
        desk.handle(asked(case, question_id="Q-2"))
    desk.handle(asked(case, question_id="Q-3", audience="manager", to="m@hospital.example"))
    clock.advance(4 * DAY)
    desk.handle(asked(case, question_id="Q-4", expires_at=round(clock.now + DAY)))
    desk.handle(Acknowledge(incident_id=case, actor="a"))
    desk.handle(Resolve(incident_id=case, actor="a", verdict="duplicate", reason="r"))
    with pytest.raises(Refused, match=f"{case} is resolved"):
        desk.handle(asked(case, question_id="Q-5"))


def test_who_is_asked_where() -> None:
    staff = {
        "u1:clerk": Staff(own=Contact(email="c@h.example", slack="U1"), manager=Contact(email="m@h.example")),
        "u1:temp": Staff(own=Contact()),
    }
    assert address_for(staff, "u1:clerk", "actor", None) == ("slack", "U1")
    assert address_for(staff, "u1:clerk", "actor", "email") == ("email", "c@h.example")
    assert address_for(staff, "u1:clerk", "manager", None) == ("email", "m@h.example")
    for account, audience, way, text in (
        ("u1:clerk", "manager", "slack", "the manager by slack"),
        ("u1:temp", "actor", None, "the actor$"),
        ("u1:nobody", "actor", None, "the actor$"),
    ):
        with pytest.raises(Refused, match=text):
            address_for(staff, account, audience, way)  # type: ignore[arg-type]  # literals of the table above
    assert "h.example" not in repr(staff)


def test_a_question_trips_no_wire_and_shows_nothing() -> None:
    command = asked("INC-F73K9Q2M")
    assert "clerk" not in repr(command)
    assert "canary" not in repr(structs.replace(AnswerQuestion(actor="a", question_id="q", said="no"), reason="canary"))
    assert Tripwire().patterns_in_text(LINK) == ()


def test_a_manager_who_acted_in_the_case_is_not_asked_about_it(sqlite_store: Store, clock: Clock) -> None:
    people = (
        Person(name="bob", email="Bob@hospital.example", slack="U0BOB"),
        Person(name="eve", email="eve@h.example"),
    )
    policy = Policy(console_url=CONSOLE, plan=Plan(people=people), subjects={"u1:boss": "bob"})
    desk = a_desk(sqlite_store, clock, policy=policy)
    finding = a_finding(severity="medium")
    finding.entities.append(Entity("user", "u1:boss"))
    (case,) = desk.handle(RecordFindings([finding])).opened
    for channel, to in (("email", "bob@hospital.example"), ("slack", "U0BOB")):
        with pytest.raises(Refused, match=f"^this manager cannot be asked about {case}: ask somebody else$"):
            desk.handle(asked(case, audience="manager", channel=channel, to=to))
    assert told(sqlite_store, "email", clock) == told(sqlite_store, "slack", clock) == []
    desk.handle(asked(case, audience="manager", to="eve@h.example"))
    desk.handle(asked(case, audience="actor", to="bob@hospital.example", question_id=f"{QUESTION}x"))
    assert {to for to, _ in told(sqlite_store, "email", clock)} == {"bob@hospital.example", "eve@h.example"}


def test_the_answer_to_a_question_of_a_merged_case_reaches_those_who_work_on_it(store: Store, clock: Clock) -> None:
    desk = a_site(store, clock)
    asked_in, whole = opened(desk), desk.handle(RecordFindings([a_finding(ref="u1:b", severity="medium")])).opened[0]
    desk.handle(asked(asked_in))
    desk.handle(Acknowledge(incident_id=asked_in, actor="ana"))
    desk.handle(Merge(incident_id=asked_in, actor="ana", into=whole))
    told(store, "slack", clock)
    clock.advance(1)
    said = AnswerQuestion(actor="asked actor", question_id=QUESTION, said="yes", reason="a survey")
    assert desk.handle(said) == "taken"
    for case, more in ((asked_in, {}), (whole, {"asked_in": asked_in})):
        entry = case_of(store, case).timeline[-1]
        assert (entry.action, entry.note) == ("answered", "a survey")
        assert entry.detail == {"question": QUESTION, "audience": "actor", "said": "yes"} | more
    assert [(body.incident_id, body.told) for _, body in told(store, "slack", clock)] == [(whole, "answered")]
    clock.advance(1)
    assert desk.handle(said) == "answered"
    assert [case_of(store, case).timeline[-1].action for case in (asked_in, whole)] == ["answer_refused"] * 2
