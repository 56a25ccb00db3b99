"""Stories of who is told: hand-over, stand-ins, subjects, watchers, digests."""

import datetime
from collections.abc import Callable

from msgspec import structs

from alerting.commands import Acknowledge, Assign, Merge, Resolve
from alerting.oncall.commands import OverrideShift, RemoveOverride
from alerting.oncall.layers import Layer
from alerting.routing.receivers import Receiver
from alerting.routing.tree import Match, RouteNode
from alerting.work.commands import AddTask, WatchIncident
from detectors.finding import Entity
from tests.acceptance.response.hospital import CHAT, ON_CALL, TEAMS, TO_CHAT, WEEKLY, policy
from tests.acceptance.response.script import (
    ONE,
    START,
    THREE,
    TWO,
    Script,
    between,
    days,
    hours,
    minutes,
    seen,
)  # fmt: skip

Scripts = Callable[..., Script]
PAGE = policy(RouteNode(receivers=(ON_CALL,)))
INSIDER = {"u1:ana": "ana", "u1:eva": "eva", "u1:sam": "sam"}


def test_the_hand_over_is_at_local_time_when_the_clocks_have_changed(scripts: Scripts) -> None:
    """At 03:00 in Chicago: 09:00 UTC in the week before, 08:00 UTC in that after 2026-03-08."""
    start = datetime.datetime(2026, 3, 9, 7, tzinfo=datetime.UTC).timestamp()
    script = scripts(PAGE, start=start)
    pager = script.channel("pagerduty")
    script.at(minutes(59)).push(seen("A09", by="u1:one"))
    script.at(hours(1)).push(seen("A09", by="u1:two"))
    pager.want(between(minutes(59), minutes(59) + 5), ONE, "opened", to="PANA")
    pager.want(between(hours(1), hours(1) + 5), TWO, "opened", to="PBEN")
    script.play(until=hours(1.5))


def test_somebody_stands_in(scripts: Scripts) -> None:
    script = scripts(PAGE)
    pager = script.channel("pagerduty")
    swap = OverrideShift(
        actor="eva", schedule="security", person="ben",
        first=START + minutes(10), last=START + minutes(50), reason="ana is at the dentist",
    )  # fmt: skip
    script.at(0).ask(swap)
    script.at(0).refuse(structs.replace(swap, person="nobody"), "there is nobody of this name")
    script.at(0).refuse(structs.replace(swap, reason=" "), "a reason is needed")
    script.at(minutes(5)).push(seen("A09", by="u1:one"))
    script.at(minutes(15)).push(seen("A09", by="u1:two"))
    script.at(minutes(20)).ask(RemoveOverride(actor="eva", override=1))
    script.at(minutes(20)).refuse(RemoveOverride(actor="eva", override=1), "there is no such override")
    script.at(minutes(25)).push(seen("A09", by="u1:three"))
    pager.want(between(minutes(5), minutes(6)), ONE, "opened", to="PANA")
    pager.want(between(minutes(15), minutes(16)), TWO, "opened", to="PBEN")
    pager.want(between(minutes(25), minutes(26)), THREE, "opened", to="PANA")
    script.play(until=minutes(40))


def test_while_nobody_is_on_call_the_security_officer_is_told(scripts: Scripts) -> None:
    office = structs.replace(
        WEEKLY, layers=(Layer(people=("ana",), starts=datetime.date(2026, 3, 2), hours=("mon-fri 09:00-17:00",)),)
    )
    script = scripts(policy(RouteNode(receivers=(ON_CALL,)), schedules=(office,)))
    script.at(0).push(seen("A09"))  # 03:00 in Chicago
    script.channel("pagerduty").want(between(0, 5), ONE, "opened", to="PSAM")
    script.play(until=minutes(5))


def test_the_subject_of_a_case_never_receives_it(scripts: Scripts) -> None:
    """Ana is on call and in the team; she is its subject: her stand-in and the team's are told, and it is noted."""
    script = scripts(policy(RouteNode(receivers=(ON_CALL, CHAT)), subjects=INSIDER))
    script.at(0).push(seen("A09", by="u1:ana"))
    script.at(0).push(seen("A09", by="u1:clerk", others=(Entity("user", "u1:ana"), Entity("patient", "u1:sam"))))
    for about in (ONE, TWO):
        script.channel("pagerduty").want(between(0, 5), about, "opened", to="PBEN")
        script.channel("slack").want(between(0, 5), about, "opened", to="COFFICERS")
    script.play(until=minutes(5))
    for about in (ONE, TWO):
        case = script.store.incident(about)
        assert case is not None
        assert [entry.detail for entry in case.timeline if entry.action == "subject_left_out"] == [{"people": 1}]


def test_who_turns_out_to_be_the_subject_hears_no_more(scripts: Scripts) -> None:
    script = scripts(policy(RouteNode(receivers=(ON_CALL,)), subjects=INSIDER))
    pager = script.channel("pagerduty")
    script.at(0).push(seen("A09"))
    script.at(minutes(10)).push(seen("A13", severity="critical", others=(Entity("user", "u1:ana"),)))
    script.at(minutes(20)).ask(Acknowledge(incident_id=ONE, actor="ben"))
    pager.want(between(0, 5), ONE, "opened", to="PANA")
    pager.want(between(minutes(10), minutes(11)), ONE, "escalated", to="PBEN")
    pager.want(between(minutes(20), minutes(21)), ONE, "status_changed", to="PBEN")
    script.play(until=minutes(40))


def test_what_is_on_its_way_to_the_subject_is_taken_back(scripts: Scripts) -> None:
    """Slack does not answer while it turns out that Ana is the subject: nothing reaches her later, nor her mailbox."""
    to_ana = Receiver(channel="slack", person="ana", fallback=("email",))
    script = scripts(policy(RouteNode(receivers=(to_ana,)), subjects=INSIDER))
    slack, email = script.channel("slack"), script.channel("email")
    slack.fails(between(0, minutes(20)))
    script.at(0).push(seen("A09", severity="medium"))
    script.at(minutes(10)).push(seen("A13", severity="high", others=(Entity("user", "u1:ana"),)))
    slack.want(between(minutes(20), minutes(22)), ONE, "escalated", to="UBEN")
    script.play(until=minutes(65))
    assert email.heard == []


def test_where_all_are_subjects_the_last_one_left_is_told(scripts: Scripts) -> None:
    privacy = policy(RouteNode(receivers=(Receiver(channel="slack", team="officers"),)), subjects=INSIDER)
    script = scripts(privacy)
    slack, log = script.channel("slack"), script.channel("log")
    script.at(0).push(seen("A09", by="u1:eva"))
    script.at(minutes(1)).push(seen("A09", by="u1:sam", others=(Entity("user", "u1:eva"),)))
    slack.want(between(0, 5), ONE, "opened", to="USAM")
    log.want(between(minutes(1), minutes(2)), TWO, "opened")
    script.play(until=minutes(5))
    case = script.store.incident(ONE)
    assert case is not None
    assert [entry.detail for entry in case.timeline if entry.action == "subject_left_out"] == [
        {"people": 1, "told": "security officers"}
    ]


def test_watchers_and_who_works_on_it_hear_what_happens(scripts: Scripts) -> None:
    script = scripts(TO_CHAT)
    slack = script.channel("slack")
    script.at(0).push(seen("A09"))
    script.at(minutes(1)).ask(WatchIncident(actor="eva", incident_id=ONE))
    script.at(minutes(1)).ask(Assign(incident_id=ONE, actor="eva", assignee="ben"))
    script.at(minutes(2)).ask(Acknowledge(incident_id=ONE, actor="ben"))
    script.at(minutes(3)).push(seen("A09"))
    slack.want(between(0, 5), ONE, "opened", to="CSEC")
    for to in ("CSEC", "UBEN"):  # eva did it herself
        slack.want(between(minutes(1), minutes(2)), ONE, "assigned", to=to)
    for to in ("CSEC", "UEVA", "UBEN"):
        slack.want(between(minutes(2), minutes(3)), ONE, "status_changed", to=to)
        slack.want(between(minutes(3), minutes(4)), ONE, "more_evidence", to=to)
    script.play(until=minutes(10))


def test_who_was_told_later_hears_of_growth_since_then(scripts: Scripts) -> None:
    """The watcher was told of 3 findings: 4 are news for the team, who was told of 2, and none for the watcher."""
    script = scripts(TO_CHAT)
    slack = script.channel("slack")
    script.at(0).push(seen("A09"), seen("A09"))
    script.at(minutes(1)).push(seen("A09"))
    script.at(minutes(2)).ask(WatchIncident(actor="eva", incident_id=ONE))
    script.at(minutes(3)).ask(Acknowledge(incident_id=ONE, actor="ben"))
    script.at(minutes(4)).push(seen("A09"))
    script.at(minutes(5)).push(*(seen("A09") for _ in range(4)))
    slack.want(between(0, 5), ONE, "opened", to="CSEC")
    for to in ("CSEC", "UEVA"):
        slack.want(between(minutes(3), minutes(4)), ONE, "status_changed", to=to)
        slack.want(between(minutes(5), minutes(6)), ONE, "more_evidence", to=to)
    script.play(until=minutes(10))


def test_who_becomes_the_subject_while_the_news_are_on_their_way_never_gets_them(scripts: Scripts) -> None:
    """By a finding that is no news, or by a merge; who stands in is told."""
    script = scripts(policy(RouteNode(receivers=(ON_CALL,)), subjects=INSIDER))
    pager = script.channel("pagerduty")
    pager.fails(between(0, minutes(3)))
    script.at(0).push(*(seen("A09", by="u1:one") for _ in range(4)))
    script.at(0).push(seen("A09", by="u1:two"))
    script.at(minutes(1)).push(seen("A09", by="u1:one", others=(Entity("user", "u1:ana"),)))
    script.at(minutes(1)).push(seen("A09", by="u1:ana"))
    script.at(minutes(2)).ask(Acknowledge(incident_id=THREE, actor="ben"))
    script.at(minutes(2)).ask(Merge(incident_id=THREE, actor="ben", into=TWO))
    for about, told, status in (
        (ONE, "more_evidence", "new"),
        (TWO, "more_evidence", "new"),
        (THREE, "opened", "new"),
        (THREE, "status_changed", "triaged"),
        (THREE, "status_changed", "merged"),
    ):
        pager.want(between(minutes(3), minutes(6)), about, told, to="PBEN", status=status)
    script.play(until=minutes(10))


DAILY = policy(
    RouteNode(name="grave", match=Match(severity="SEV2"), receivers=(CHAT,)),
    RouteNode(
        name="low", receivers=(Receiver(channel="email", person="eva"), CHAT), digest="daily 08:00",
    ),
)  # fmt: skip


def test_what_is_less_grave_is_told_once_a_day(scripts: Scripts) -> None:
    """At 08:00 in Chicago, from 2026-03-08 at 13:00 UTC; the gravest first, without what is done or told elsewhere."""
    script = scripts(DAILY, start=START + days(5), look=600.0, workers=2)
    slack, email = script.channel("slack"), script.channel("email")
    script.at(0).push(seen("A21", by="u1:one", severity="low"), seen("A21", by="u1:two", severity="medium"))
    script.at(hours(1)).push(seen("A21", by="u1:three", severity="low"), seen("A09", by="u1:four"))
    script.at(hours(2)).push(seen("A22", by="u1:one", severity="low"))
    script.at(hours(3)).ask(Acknowledge(incident_id=THREE, actor="ben"))
    script.at(hours(3)).ask(
        Resolve(incident_id=THREE, actor="ben", verdict="benign_explained", reason="moved to the ward")
    )
    script.at(hours(26)).push(seen("A23", by="u1:five", severity="low"))
    four, five = "INC-T0000004", "INC-T0000005"
    slack.want(between(hours(1), hours(1) + 5), four, "opened", to="CSEC")
    slack.want(between(hours(2), hours(2) + 610), four, "overdue", to="CSEC")
    slack.want(between(hours(5), hours(5) + 610), four, "overdue", to="CSEC")
    for channel, to in ((slack, "CSEC"), (email, "eva@hospital.example")):
        channel.want_digest(between(hours(5), hours(5) + 610), TWO, ONE, to=to)
        channel.want_digest(between(hours(28), hours(28) + 610), five, to=to)
    script.play(until=hours(30))


def test_what_is_due_waits_for_no_digest(scripts: Scripts) -> None:
    """A deadline goes on when the case is done; a digest would leave it out."""
    script = scripts(DAILY)
    script.at(0).push(seen("A21", severity="low"))
    task = AddTask(actor="eva", incident_id=ONE, text="call the manager", due_at=START + hours(2))
    script.at(minutes(1)).ask(task)
    script.at(hours(1)).ask(Acknowledge(incident_id=ONE, actor="ben"))
    script.at(hours(1)).ask(
        Resolve(incident_id=ONE, actor="ben", verdict="benign_explained", reason="moved to the ward")
    )
    for name, to in (("slack", "CSEC"), ("email", "eva@hospital.example")):
        script.channel(name).want(between(hours(2), hours(2) + 65), ONE, "reminder", to=to, status="resolved")
    script.play(until=hours(6))


def test_a_digest_is_told_once_though_the_process_ends_in_between(scripts: Scripts) -> None:
    script = scripts(DAILY, start=START + hours(4.5))
    slack = script.channel("slack", deduplicates=True)
    email = script.channel("email")
    script.at(0).push(seen("A21", severity="low"))
    script.at(minutes(29)).do(slack.crash)
    slack.want_digest(between(minutes(30), minutes(31)), ONE, to="CSEC")
    email.want_digest(between(minutes(30), minutes(33)), ONE, to="eva@hospital.example")
    script.play(until=minutes(40))
    assert slack.attempts == 2


def test_a_digest_leaves_out_what_its_reader_is_the_subject_of(scripts: Scripts) -> None:
    quiet = policy(
        RouteNode(receivers=(Receiver(channel="slack", person="eva"),), digest="hourly"), subjects=INSIDER, teams=TEAMS
    )
    script = scripts(quiet)
    slack = script.channel("slack")
    script.at(0).push(seen("A21", by="u1:one", severity="low"), seen("A21", by="u1:two", severity="low"))
    script.at(minutes(5)).push(*(seen("A21", by="u1:one", severity="low") for _ in range(2)))
    script.at(minutes(6)).push(seen("A21", by="u1:one", severity="low", others=(Entity("user", "u1:eva"),)))  # joins
    slack.want_digest(between(hours(1), hours(1) + 65), TWO, to="UEVA")
    slack.want_digest(between(hours(1), hours(1) + 65), ONE, to="USAM")
    script.play(until=hours(1.2))
