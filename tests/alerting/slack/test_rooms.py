"""Rooms: a private channel under a codename for each grave case, for the team and never for the subject."""

import json
import random
from collections.abc import Iterator

import pytest
from sqlalchemy import select

from alerting.channels.api import Failed, Sent
from alerting.channels.slack import SlackChannel, SlackConfig
from alerting.commands import Acknowledge, Comment, RecordFindings, Reopen, Resolve
from alerting.desk import Desk
from alerting.notices import Notice
from alerting.notification import Room
from alerting.people import Person, Team
from alerting.plan import Plan
from alerting.policy import Policy
from alerting.practice.server import Answer
from alerting.practice.slack import PracticeSlack
from alerting.routes import Route
from alerting.sender import Sender
from alerting.slack.codenames import FIRST, SECOND, codename, numbered, without_number
from alerting.slack.rooms import LOOK_AGAIN
from alerting.slack.rules import Rooms
from alerting.slack.tables import SLACK_ROOMS
from alerting.store import Store
from alerting.tripwire import Tripwire
from detectors.finding import Entity
from tests.alerting.building import CONSOLE, DAY, MONDAY, Clock, PlainSecret, a_desk, a_finding, case_of

PEOPLE = (
    Person(name="ana", slack="U0ANA"),
    Person(name="bo", slack="U0BO"),
    Person(name="cy"),
    Person(name="di", slack="U0DI", user_ids=("clerk",)),
)
TEAMS = (Team(name="response", members=("ana", "bo", "cy", "di")),)
TOKEN = "xoxb-practice"


@pytest.fixture
def slack() -> Iterator[PracticeSlack]:
    with PracticeSlack(TOKEN) as server:
        yield server


def a_channel(slack: PracticeSlack) -> SlackChannel:
    config = SlackConfig(token=PlainSecret(TOKEN), channel=slack.channel, base_url=f"{slack.url}/api/", pace=0)
    return SlackChannel(config)


def a_site(store: Store, clock: Clock) -> Desk:
    plan = Plan(people=PEOPLE, teams=TEAMS, slack_rooms=Rooms(team="response", at_least="SEV2"))
    policy = Policy(
        plan=plan,
        console_url=CONSOLE,
        routes=(Route("SEV4", ("slack",)),),
        subjects={"u1:clerk": "di", "u1:ana": "ana"},
    )
    return a_desk(store, clock, policy=policy)


def send(desk: Desk, slack: PracticeSlack, clock: Clock) -> None:
    wire = Tripwire(allowed=(CONSOLE,))
    channels = {"slack": a_channel(slack)}
    Sender(desk, channels, clock=clock, source=random.Random(1), tripwire=wire).run_once(clock.now)


def opened(desk: Desk, **fields: str) -> str:
    return desk.handle(RecordFindings([a_finding(severity="high", **fields)])).opened[0]  # type: ignore[arg-type]


def test_a_grave_case_has_a_room_until_it_is_over(store: Store, clock: Clock, slack: PracticeSlack) -> None:
    desk = a_site(store, clock)
    case = opened(desk)
    for _ in range(3):
        desk.pass_time()
        send(desk, slack, clock)
    (room,) = slack.rooms.values()
    assert room.name == codename(case, ())
    assert room.members == ["U0ANA", "U0BO"]  # not the subject, and nobody without Slack
    assert (room.topic, room.is_archived) == ("", False)
    assert [message.text for message in slack.messages if message.channel == room.id] == [f"{CONSOLE}/incidents/{case}"]
    create = next(request for request in slack.requests if request.path.endswith("conversations.create"))
    assert json.loads(create.body) == {"name": room.name, "is_private": True}
    desk.handle(Acknowledge(incident_id=case, actor="ana"))
    desk.handle(Resolve(incident_id=case, actor="ana", verdict="duplicate", reason="r"))
    desk.pass_time()
    send(desk, slack, clock)
    assert room.is_archived
    actions = [entry.action for entry in case_of(store, case).timeline if entry.action.startswith("room")]
    assert actions == ["room_opened", "room_archived"]


def test_lesser_cases_have_none(sqlite_store: Store, clock: Clock, slack: PracticeSlack) -> None:
    desk = a_site(sqlite_store, clock)
    desk.handle(RecordFindings([a_finding(severity="medium")]))
    desk.pass_time()
    send(desk, slack, clock)
    assert slack.rooms == {}


def test_a_room_is_left_when_the_case_turns_out_to_be_about_somebody_in_it(
    sqlite_store: Store, clock: Clock, slack: PracticeSlack
) -> None:
    desk = a_site(sqlite_store, clock)
    case = opened(desk)
    desk.pass_time()
    send(desk, slack, clock)
    (room,) = slack.rooms.values()
    more = a_finding(severity="high")
    more.entities.append(Entity("user", "u1:ana"))
    desk.handle(RecordFindings([more]))
    desk.pass_time()
    send(desk, slack, clock)
    assert room.is_archived
    assert room.members == ["U0BO"]  # members can read an archived channel
    why = [entry.detail.get("why") for entry in case_of(sqlite_store, case).timeline if entry.action == "room_archived"]
    assert why == ["it is about somebody in it"]


def test_an_open_room_is_looked_at_when_its_case_changes_or_after_an_hour(store: Store, clock: Clock) -> None:
    desk = a_site(store, clock)
    case = opened(desk)
    looked: list[float] = []

    def pass_after(seconds: float) -> None:
        clock.advance(seconds)
        desk.pass_time()
        with store.reading() as connection:
            looked.append(connection.scalars(select(SLACK_ROOMS.c.looked_at)).one())

    for _ in range(3):
        pass_after(1)
    desk.handle(Comment(incident_id=case, actor="ana", note="still open"))
    pass_after(5)
    assert [max(at - MONDAY, 0) for at in looked] == [0, 2, 2, 8]
    for seconds in (30 * DAY, 1, LOOK_AGAIN - 1, 1):  # all that is overdue is noted with the first
        pass_after(seconds)
    first = looked[-3]
    assert looked[-2:] == [first, first + LOOK_AGAIN]


def test_many_rooms_are_seen_to_one_after_the_other(
    sqlite_store: Store, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("alerting.slack.rooms.AT_ONCE", 2)
    desk = a_site(sqlite_store, clock)
    cases = [opened(desk, ref=f"u1:{number}") for number in range(5)]
    archived: list[int] = []
    for number in range(6):
        if number == 3:
            for case in cases:
                desk.handle(Acknowledge(incident_id=case, actor="ana"))
                desk.handle(Resolve(incident_id=case, actor="ana", verdict="duplicate", reason="r"))
        desk.pass_time()
        with sqlite_store.reading() as connection:
            archived.append(len(connection.execute(select(SLACK_ROOMS).where(SLACK_ROOMS.c.is_archived == 1)).all()))
    assert archived == [0, 0, 0, 2, 4, 5]


def test_one_wrong_id_keeps_nobody_else_out(sqlite_store: Store, clock: Clock, slack: PracticeSlack) -> None:
    slack.strangers = {"U0ANA"}
    desk = a_site(sqlite_store, clock)
    opened(desk)
    desk.pass_time()
    send(desk, slack, clock)
    (room,) = slack.rooms.values()
    assert room.members == ["U0BO"]
    assert len([message for message in slack.messages if message.channel == room.id]) == 1


def test_where_inviting_or_removing_fails_the_other_calls_are_made(slack: PracticeSlack) -> None:
    channel = a_channel(slack)
    channel.send(channel.compose(a_step("open")))
    for step, error in (("invite", "user_is_restricted"), ("archive", "restricted_action")):
        slack.script.append(Answer(200, {"ok": False, "error": error}))
        assert channel.send(channel.compose(a_step(step, "C1ROOM0000/"))) == Failed(error)
    (room,) = slack.rooms.values()
    assert (len(slack.messages), room.is_archived) == (1, True)


@pytest.mark.parametrize("step", ["invite", "archive"])
def test_without_a_room_there_is_nothing_to_do_in_it(slack: PracticeSlack, step: str) -> None:
    channel = a_channel(slack)
    assert channel.send(channel.compose(a_step(step))) == Failed("no room")
    assert slack.requests == []


def test_a_room_of_nobody_is_not_made(sqlite_store: Store, clock: Clock, slack: PracticeSlack) -> None:
    plan = Plan(people=PEOPLE, teams=(Team(name="response", members=("cy",)),), slack_rooms=Rooms(team="response"))
    desk = a_desk(sqlite_store, clock, policy=Policy(plan=plan))
    (case,) = desk.handle(RecordFindings([a_finding("A13", severity="critical")])).opened
    desk.pass_time()
    desk.pass_time()
    assert case_of(sqlite_store, case).incident.severity == "SEV1"
    left_out = [entry for entry in case_of(sqlite_store, case).timeline if entry.action == "room_left_out"]
    assert len(left_out) == 1


def a_step(step: str, thread: str = "") -> Notice:
    revision = {"open": 1, "invite": 2, "archive": 3}[step]
    body = Room(codename="calm-otter", step=step, members=("U1",), severity="SEV1", link=CONSOLE, revision=revision)  # type: ignore[arg-type]  # a step
    return Notice(id="n", channel="slack", body=body, created_at=MONDAY, due_at=MONDAY, thread=thread)


def test_a_step_that_is_repeated_after_a_crash_does_no_harm(slack: PracticeSlack) -> None:
    channel = a_channel(slack)
    first = channel.send(channel.compose(a_step("open")))
    again = channel.send(channel.compose(a_step("open")))
    assert first == again == Sent("C1ROOM0000/")
    for step in ("invite", "invite", "archive", "archive"):
        assert isinstance(channel.send(channel.compose(a_step(step, "C1ROOM0000/"))), Sent)
    (room,) = slack.rooms.values()
    assert (room.members, room.is_archived) == ([], True)


def test_a_name_that_somebody_else_has_is_told(slack: PracticeSlack) -> None:
    slack.script.append(Answer(200, {"ok": False, "error": "name_taken"}))
    channel = a_channel(slack)
    assert channel.send(channel.compose(a_step("open"))) == Failed("name_taken")


def test_codenames_are_plain_and_each_is_given_once() -> None:
    assert len(set(FIRST)) == len(set(SECOND)) == 64
    names: set[str] = set()
    for _ in range(64 * 64):
        name = codename("INC-F73K9Q2M", names)
        assert name not in names
        names.add(name)
    first = codename("INC-F73K9Q2M", ())
    assert codename("INC-F73K9Q2M", names) == f"{first}-2"
    names |= {f"{name}-2" for name in names}
    assert codename("INC-F73K9Q2M", names) == f"{first}-3"
    assert codename("INC-F73K9Q2M", ()) == codename("INC-F73K9Q2M", ())


def test_the_team_of_rooms_must_exist() -> None:
    plan = Plan(people=PEOPLE, teams=TEAMS, slack_rooms=Rooms(team="nobody"))
    assert plan.problems() == ["slack_rooms: there is no team 'nobody' in `teams`"]


def test_a_case_that_is_reopened_has_a_room_again(store: Store, clock: Clock, slack: PracticeSlack) -> None:
    desk = a_site(store, clock)
    case = opened(desk)
    desk.pass_time()
    send(desk, slack, clock)
    desk.handle(Acknowledge(incident_id=case, actor="ana"))
    for again in (2, 3):
        desk.handle(Resolve(incident_id=case, actor="ana", verdict="benign_explained", reason="r"))
        clock.advance(60)
        desk.pass_time()
        send(desk, slack, clock)
        assert all(room.is_archived for room in slack.rooms.values())
        desk.handle(Reopen(incident_id=case, actor="ana", reason="it goes on"))
        for _ in range(3):
            clock.advance(60)
            desk.pass_time()
            send(desk, slack, clock)
        (room,) = [room for room in slack.rooms.values() if not room.is_archived]
        assert (room.name, room.members) == (f"{codename(case, ())}-{again}", ["U0ANA", "U0BO"])
    assert len(slack.rooms) == 3


def test_those_who_are_not_its_subjects_have_another_room(
    sqlite_store: Store, clock: Clock, slack: PracticeSlack
) -> None:
    desk = a_site(sqlite_store, clock)
    opened(desk)
    desk.pass_time()
    send(desk, slack, clock)
    (first,) = slack.rooms.values()
    more = a_finding(severity="high")
    more.entities.append(Entity("user", "u1:ana"))
    desk.handle(RecordFindings([more]))
    for _ in range(2):
        clock.advance(60)
        desk.pass_time()
        send(desk, slack, clock)
    (second,) = [room for room in slack.rooms.values() if room is not first]
    assert (first.is_archived, second.is_archived, second.members) == (True, False, ["U0BO"])


def test_the_name_of_an_archived_room_is_not_given_again() -> None:
    assert numbered("calm-otter", {"calm-otter"}) == "calm-otter-2"
    assert numbered("calm-otter-2", {"calm-otter", "calm-otter-2", "calm-otter-3"}) == "calm-otter-4"
    assert [without_number(name) for name in ("calm-otter", "calm-otter-12")] == ["calm-otter", "calm-otter"]
