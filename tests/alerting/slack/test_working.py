"""Working in Slack: what is pressed, typed and submitted there happens to the case, or is refused with what to do."""

import datetime
import itertools
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from alerting.commands import Acknowledge, RecordFindings
from alerting.desk import Desk
from alerting.oncall.layers import Layer
from alerting.oncall.schedules import Schedule
from alerting.people import Person
from alerting.plan import Plan
from alerting.policy import Policy
from alerting.routes import Route
from alerting.slack.asked import Asked, Deed, Pressed, Submitted, Typed, Wrote, key_of
from alerting.slack.deeds import ALREADY_USED, NOT_YOURS
from alerting.slack.handling import STRANGER
from alerting.slack.replies import Open, Reply, Say
from alerting.slack.worker import NOT_DONE, SlackWorker
from alerting.store import Store
from alerting.store.audit_rows import audit_entries
from alerting.store.outbox_rows import claim_notice, mark_sent
from alerting.store.schema import AUDIT_LOG
from detectors.finding import Severity
from tests.alerting.building import CONSOLE, Clock, a_desk, a_finding, case_of

PEOPLE = (
    Person(name="ana", roles=("analyst",), slack="U0ANA"),
    Person(name="bo", roles=("auditor",), slack="U0BO"),
    Person(name="cy", roles=("privacy_officer",), slack="U0CY"),
    Person(name="ed", slack="U0ED"),
    Person(name="di", roles=("analyst",), slack="U0DI", user_ids=("clerk",)),
)
POLICY = Policy(
    routes=(Route("SEV4", ("slack",)),),
    console_url=CONSOLE,
    titles={"A09": "Unusual volume of records"},
    plan=Plan(
        people=PEOPLE,
        schedules=(
            Schedule(name="privacy", layers=(Layer(people=("ana",), starts=datetime.date(2026, 1, 5)),)),
            Schedule(name="fraud", layers=()),
        ),
    ),
    subjects={"u1:clerk": "di"},
)
NONCE = "0123456789abcdef"
_numbers = itertools.count()


@dataclass
class Bench:
    """A desk, what works for Slack, and what Slack was answered."""

    desk: Desk
    clock: Clock
    given: list[Reply] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.worker = SlackWorker(self.desk, self.given.append, self.clock)

    def opened(self, severity: Severity = "medium", **fields: Any) -> str:
        finding = a_finding(severity=severity, **fields)
        return self.desk.handle(RecordFindings([finding])).opened[0]

    def ask(self, asked: Asked) -> Reply | None:
        """Ask, and return what was answered."""
        before = len(self.given)
        self.worker.receive(asked)
        self.worker.work_once()
        assert len(self.given) <= before + 1
        return self.given[-1] if len(self.given) > before else None

    def press(
        self, deed: Deed, incident_id: str, *, user: str = "U0ANA", trigger: str = "", nonce: str = NONCE
    ) -> Reply | None:
        trigger = trigger or f"trigger{next(_numbers)}"
        return self.ask(
            Pressed(
                user=user, key=key_of(trigger), deed=deed, incident_id=incident_id, nonce=nonce, trigger=trigger,
                reply_to="https://hooks.slack.com/actions/1",
            )
        )  # fmt: skip

    def submit(self, deed: Deed, incident_id: str, *, user: str = "U0ANA", **fields: str) -> Reply | None:
        key = key_of(deed, user, str(fields))
        return self.ask(Submitted(user=user, key=key, deed=deed, incident_id=incident_id, nonce=NONCE, fields=fields))

    def say(self, text: str, user: str = "U0ANA") -> str:
        reply = self.ask(Typed(user=user, key=f"typed{next(_numbers)}", text=text))
        assert isinstance(reply, Say)
        return reply.text

    def news(self, incident_id: str) -> list[str]:
        """What the channel in Slack is told of a case, in order."""
        told: list[str] = []
        with self.desk.store.writing() as connection:
            while notice := claim_notice(connection, "slack", "test", now=self.clock.now, until=self.clock.now + 60):
                mark_sent(connection, notice.id, f"C0PRACTICE/{len(told) + 1}")
                if notice.body.about == incident_id and not notice.to:
                    told.append(getattr(notice.body, "told", ""))
        return told


@pytest.fixture
def bench(sqlite_store: Store, clock: Clock) -> Bench:
    return Bench(a_desk(sqlite_store, clock, policy=POLICY), clock)


def text_of(reply: Reply | None) -> str:
    assert isinstance(reply, Say)
    return reply.text


def actions(bench: Bench, incident_id: str) -> list[tuple[str, str]]:
    return [(entry.action, entry.actor) for entry in case_of(bench.desk.store, incident_id).timeline]


def test_a_case_is_worked_on_from_slack(store: Store, clock: Clock) -> None:
    bench = Bench(a_desk(store, clock, policy=POLICY), clock)
    case = bench.opened()
    assert bench.press("acknowledge", case) is None
    assert bench.press("assign", case) is None
    assert bench.press("start_investigation", case) is None
    assert bench.submit("comment", case, note="asked the manager") is None
    assert bench.submit("resolve", case, verdict="benign_explained", reason="covering") is None
    incident = case_of(bench.desk.store, case).incident
    assert (incident.status, incident.assignee, incident.verdict) == ("resolved", "ana", "benign_explained")
    assert incident.reason == "covering"
    assert actions(bench, case)[1:] == [
        ("acknowledge", "ana"),
        ("assign", "ana"),
        ("start_investigation", "ana"),
        ("comment", "ana"),
        ("resolve", "ana"),
    ]
    assert bench.news(case) == ["opened", "status_changed", "assigned", "status_changed", "commented", "status_changed"]


def test_what_asks_for_more_opens_a_modal_and_changes_nothing(bench: Bench) -> None:
    case = bench.opened()
    reply = bench.press("comment", case, trigger="1.2")
    assert isinstance(reply, Open)
    assert reply.trigger == "1.2"
    assert reply.view["private_metadata"] == f"{case}:{NONCE}"
    assert len(actions(bench, case)) == 1


def test_a_repetition_is_not_done_twice(store: Store, clock: Clock) -> None:
    bench = Bench(a_desk(store, clock, policy=POLICY), clock)
    case = bench.opened()
    for _ in range(3):
        bench.submit("comment", case, note="once")
    assert [action for action, _ in actions(bench, case)] == ["opened", "comment"]


def test_a_button_works_once(store: Store, clock: Clock) -> None:
    bench = Bench(a_desk(store, clock, policy=POLICY), clock)
    case = bench.opened()
    assert bench.press("assign", case, trigger="1") is None
    assert text_of(bench.press("assign", case, user="U0CY", trigger="2")) == ALREADY_USED
    assert case_of(bench.desk.store, case).incident.assignee == "ana"
    assert bench.press("assign", case, user="U0CY", trigger="3", nonce="f" * 16) is None
    assert case_of(bench.desk.store, case).incident.assignee == "cy"


def test_two_processes_do_it_once(store: Store, clock: Clock) -> None:
    bench = Bench(a_desk(store, clock, policy=POLICY), clock)
    case = bench.opened()
    other = SlackWorker(bench.desk, bench.given.append, clock)
    for number in range(10):
        fields = {"note": f"note {number}"}
        asked = Submitted(user="U0ANA", key=f"k{number}", deed="comment", incident_id=case, nonce=NONCE, fields=fields)
        assert (bench.worker.receive(asked), other.receive(asked)) == (True, False)
    threads = [threading.Thread(target=worker.work_once) for worker in (bench.worker, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    notes = [entry.note for entry in case_of(store, case).timeline if entry.action == "comment"]
    assert sorted(notes) == [f"note {number}" for number in range(10)]
    assert bench.given == []


def test_what_a_process_kept_and_could_not_do_is_done_by_the_next(bench: Bench) -> None:
    case = bench.opened()
    asked = Submitted(user="U0ANA", key="k", deed="comment", incident_id=case, nonce=NONCE, fields={"note": "kept"})
    bench.worker.receive(asked)
    SlackWorker(bench.desk, bench.given.append, bench.clock).work_once()
    assert case_of(bench.desk.store, case).timeline[-1].note == "kept"


def test_strangers_are_refused(bench: Bench) -> None:
    case = bench.opened()
    reply = bench.press("acknowledge", case, user="U0NOBODY")
    assert isinstance(reply, Say)
    assert (reply.text, reply.user, reply.reply_to) == (STRANGER, "U0NOBODY", "https://hooks.slack.com/actions/1")
    assert case_of(bench.desk.store, case).incident.status == "new"
    entry = case_of(bench.desk.store, case).timeline[-1]
    assert (entry.action, entry.actor, entry.detail) == (
        "refused", "slack:U0NOBODY", {"command": "acknowledge", "by": "slack"},
    )  # fmt: skip
    assert "`slack: U0NOBODY` and a role under `people`" in entry.note
    with bench.desk.store.reading() as connection:
        refused = [entry for entry in audit_entries(connection, AUDIT_LOG) if entry.outcome == "refused"]
    assert [(entry.actor, entry.action, entry.incident) for entry in refused] == [
        ("slack:U0NOBODY", "acknowledge", case)
    ]


@pytest.mark.parametrize("deed", ["acknowledge", "assign", "comment", "resolve", "snooze"])
def test_whose_role_does_not_allow_it_is_refused(bench: Bench, deed: Deed) -> None:
    case = bench.opened()
    assert text_of(bench.press(deed, case, user="U0BO")) == NOT_YOURS
    assert text_of(bench.submit(deed, case, user="U0BO", note="x")) == NOT_YOURS
    assert len(actions(bench, case)) == 1


def test_whom_the_case_is_about_is_refused_like_anybody_and_it_is_noted(bench: Bench) -> None:
    case = bench.opened()
    assert text_of(bench.press("acknowledge", case, user="U0DI")) == NOT_YOURS
    assert case_of(bench.desk.store, case).incident.status == "new"
    assert actions(bench, case)[1:] == [("subject_refused", "di")]
    assert case_of(bench.desk.store, case).timeline[1].detail == {"asked": "acknowledge", "by": "slack"}
    assert case not in bench.say("list", user="U0DI")
    assert bench.say(f"show {case}", user="U0DI") == f"there is no incident {case}"
    assert bench.say(f"ack {case}", user="U0DI") == f"there is no incident {case}"
    assert bench.say("ack INC-NONE", user="U0DI") == "there is no incident INC-NONE"
    assert case_of(bench.desk.store, case).incident.status == "new"
    assert case_of(bench.desk.store, case).timeline[2].detail == {"asked": "slack_command", "by": "slack"}
    other = bench.opened(ref="u1:other")
    assert bench.press("acknowledge", other, user="U0DI") is None


@pytest.mark.parametrize(("severity", "sev"), [("critical", "SEV1"), ("high", "SEV2")])
def test_grave_cases_are_not_resolved_from_slack(bench: Bench, severity: Severity, sev: str) -> None:
    case = bench.opened(severity)
    bench.press("acknowledge", case)
    incident = case_of(bench.desk.store, case).incident
    if incident.severity not in ("SEV1", "SEV2"):
        pytest.skip(f"{severity} is {incident.severity}")
    for reply in (
        bench.press("resolve", case),
        bench.submit("resolve", case, verdict="benign_explained", reason="covering"),
    ):
        assert text_of(reply) == (
            f"A case of {incident.severity} is not resolved from Slack: use the console, or "
            f"`wardwatch incidents resolve {case}`."
        )
    assert case_of(bench.desk.store, case).incident.status == "triaged"


def test_what_the_status_does_not_allow_is_told(bench: Bench) -> None:
    case = bench.opened()
    bench.desk.handle(Acknowledge(incident_id=case, actor="cli"))
    assert text_of(bench.press("acknowledge", case)) == f"Acknowledge is not possible while {case} is triaged"
    assert text_of(bench.press("acknowledge", "INC-NONE0000")) == "there is no incident INC-NONE0000"
    assert text_of(bench.submit("resolve", case, reason="x")) == "The field for the verdict was left empty."
    assert "a reason" in text_of(bench.submit("resolve", case, verdict="duplicate", reason=" "))
    assert text_of(bench.submit("comment", case, note=" ")) == "A comment needs a text."


def test_a_snooze(bench: Bench) -> None:
    case = bench.opened()
    told = bench.submit("snooze", case, period="4h", reason="waiting for the manager")
    assert text_of(told) == f"Nobody is told of {case}, unless it becomes graver or the time is over."
    entry = case_of(bench.desk.store, case).timeline[-1]
    assert (entry.action, entry.actor) == ("snooze", "ana")
    assert entry.detail["until"] == round(bench.clock.now + 4 * 3600)
    assert text_of(bench.submit("snooze", case, reason="x")) == "The field for the period was left empty."


def test_answers_in_the_thread_of_a_case_are_comments(bench: Bench) -> None:
    case = bench.opened()
    assert bench.news(case) == ["opened"]
    wrote = Wrote(user="U0ANA", key="e1", thread="C0PRACTICE/1", text="asked human resources")
    assert bench.ask(wrote) is None
    assert case_of(bench.desk.store, case).timeline[-1].note == "asked human resources"
    for user in ("U0ANA", "U0BO", "U0NOBODY"):
        assert bench.ask(Wrote(user=user, key=f"e2{user}", thread="C0PRACTICE/9", text="elsewhere")) is None
    with bench.desk.store.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM slack_jobs").scalar() == 1  # foreign texts are not kept
    refused = bench.ask(Wrote(user="U0BO", key="e3", thread="C0PRACTICE/1", text="let me see"))
    assert isinstance(refused, Say)
    assert (refused.text, refused.channel) == (NOT_YOURS, "C0PRACTICE")
    assert len(actions(bench, case)) == 2


def test_what_a_stranger_writes_or_asks_is_refused(bench: Bench) -> None:
    case = bench.opened()
    assert bench.news(case) == ["opened"]
    assert text_of(bench.ask(Wrote(user="U0NOBODY", key="e1", thread="C0PRACTICE/1", text="what is this?"))) == STRANGER
    assert bench.say("list", user="U0NOBODY") == STRANGER
    assert text_of(bench.press("acknowledge", "INC-0NONE", user="U0NOBODY")) == STRANGER
    assert actions(bench, case)[1:] == [("refused", "slack:U0NOBODY")]
    assert "what is this" not in case_of(bench.desk.store, case).timeline[-1].note


def test_the_command_tells_what_may_leave(bench: Bench) -> None:
    assert bench.say("list") == "There are no open cases."
    case = bench.opened(reasons=["Jane Doe opened 212 charts"])
    listed = bench.say("list")
    assert case in listed and "A09" in listed and "<11" in listed
    shown = bench.say(f"show {case.lower()}")
    assert "A09 Unusual volume of records" in shown
    assert f"{CONSOLE}/incidents/{case}" in shown
    for text in (listed, shown):
        assert "Jane" not in text and "clerk" not in text and "212" not in text
    assert bench.say("show INC-NONE") == "there is no incident INC-NONE"
    assert bench.say(f"ack {case}") == f"{case} is triaged."
    assert bench.say(f"ack {case}", user="U0BO") == NOT_YOURS
    for number in range(12):
        bench.opened(ref=f"u1:other{number}")
    assert len(bench.say("list").splitlines()) == 10
    assert bench.say("oncall") == "privacy: ana\nfraud: nobody"
    for text in ("list", f"show {case}", f"ack {case}", "oncall"):
        assert bench.say(text, user="U0ED") == NOT_YOURS
    assert "/wardwatch list" in bench.say("", user="U0ED")
    assert bench.say("delete everything") == bench.say("help")


def test_what_somebody_typed_is_forgotten_by_the_queue_and_never_answered(bench: Bench) -> None:
    case = bench.opened()
    bench.submit("comment", case, note="canary")
    bench.submit("comment", "INC-NONE0000", note="canary")
    bench.submit("resolve", case, verdict="canary", reason="canary")
    assert "canary" not in str(bench.given)
    with bench.desk.store.reading() as connection:
        rows = connection.exec_driver_sql("SELECT state, body FROM slack_jobs").all()
        notices = connection.exec_driver_sql("SELECT body FROM outbox").all()
    assert {(state, bytes(body)) for state, body in rows} == {("done", b"")}
    assert not [row for row in notices if b"canary" in bytes(row[0])]


def test_what_fails_is_tried_again_and_given_up_after_five_attempts(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    case = bench.opened()

    def fails(*_: object) -> None:
        raise ValueError("Jane Doe")

    broken: Callable[..., None] = fails
    monkeypatch.setattr("alerting.slack.handling.do", broken)
    bench.worker.receive(Typed(user="U0ANA", key="k2", text="help"))
    bench.submit("comment", case, note="x")
    assert len(bench.given) == 1  # the other request is not held up
    for _ in range(3):
        bench.worker.work_once()
    assert len(bench.given) == 1
    for _ in range(2):
        bench.worker.work_once()
    assert [(reply.user, reply.text) for reply in bench.given[1:] if isinstance(reply, Say)] == [("U0ANA", NOT_DONE)]
    assert [text.partition(":")[0] for text in caplog.messages] == [
        *["A request from Slack failed and is tried again"] * 4,
        "A request from Slack failed and was given up",
    ]
    assert "Jane" not in caplog.text


def test_what_cannot_be_read_is_given_up_and_holds_up_nothing(bench: Bench) -> None:
    bench.worker.receive(Typed(user="U0ANA", key="k3", text="help"))
    with bench.desk.store.writing() as connection:
        connection.exec_driver_sql("UPDATE slack_jobs SET body = X'7B' WHERE key = 'k3'")
    for _ in range(6):
        bench.worker.work_once()
    assert bench.given == []
    with bench.desk.store.reading() as connection:
        assert connection.exec_driver_sql("SELECT state FROM slack_jobs").all() == [("failed",)]


def test_what_is_old_is_forgotten_and_not_before(bench: Bench) -> None:
    case = bench.opened()
    bench.submit("comment", case, note="x")
    bench.clock.advance(86_000)
    bench.worker.work_once()
    bench.submit("comment", case, note="x")
    assert len(actions(bench, case)) == 2
    bench.clock.advance(4_000)
    bench.worker.work_once()
    with bench.desk.store.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM slack_jobs").scalar() == 0
