"""Stories of cases that nobody takes."""

from collections.abc import Callable

import pytest
from msgspec import structs

from alerting.channels.api import Failed
from alerting.channels.pagerduty import PagerDutyChannel, PagerDutyConfig
from alerting.commands import Acknowledge, Assign, Resolve, StartInvestigation
from alerting.practice.pagerduty import PracticePagerDuty
from alerting.routing.tree import Match, RouteNode
from tests.acceptance.response.hospital import ALONE, CHAIN, CHAT, WITH_CHAIN, policy
from tests.acceptance.response.script import ONE, TWO, Script, between, hours, minutes, seen
from tests.alerting.building import PlainSecret

KEY = "0123456789abcdef0123456789abcdef"
Scripts = Callable[..., Script]
SOON = 65.0
"""Due work is looked for every minute of a story."""


def after(number: float) -> between:
    """The next seconds after so many minutes."""
    return between(minutes(number), minutes(number) + SOON)


def of_chain(script: Script) -> None:
    """Demand what the first round of the escalation tells when nobody answers."""
    script.channel("slack").want(between(0, 5), ONE, "opened", to="CSEC")
    script.channel("pagerduty").want(after(0), ONE, "escalation_step", to="PANA")
    script.channel("slack").want(after(10), ONE, "escalation_step", to="COFFICERS")


@pytest.mark.parametrize("workers", [1, 2])
def test_escalation_to_the_end(scripts: Scripts, workers: int) -> None:
    """Nobody answers: the last resort hears of the case, and of a way to people that does not work."""
    script = scripts(WITH_CHAIN, workers=workers)
    email = script.channel("email")
    script.at(0).push(seen("A09"))
    of_chain(script)
    email.want(after(30), ONE, "nobody_reached", to="sam@hospital.example")
    email.want(after(30), TWO, "opened", to="sam@hospital.example", severity="SEV2")
    script.play(until=minutes(50))
    assert script.actions(ONE) == ["opened", "escalation_step", "escalation_step", "nobody_reached"]
    case = script.store.incident(TWO)
    assert case is not None
    assert (case.incident.kind, case.incident.key) == ("nobody_reached", "nobody_reached:security")


def test_an_acknowledgement_ends_it(scripts: Scripts) -> None:
    script = scripts(WITH_CHAIN)
    slack, pager = script.channel("slack"), script.channel("pagerduty")
    script.at(0).push(seen("A09"))
    script.at(minutes(9)).ask(Acknowledge(incident_id=ONE, actor="ana"))
    slack.want(between(0, 5), ONE, "opened", to="CSEC")
    pager.want(after(0), ONE, "escalation_step", to="PANA")
    slack.want(after(9), ONE, "status_changed", to="CSEC", status="triaged")
    pager.want(after(9), ONE, "status_changed", to="PANA", status="triaged")
    script.play(until=minutes(50))


def test_to_be_assigned_is_no_answer(scripts: Scripts) -> None:
    script = scripts(WITH_CHAIN)
    script.at(0).push(seen("A09"))
    script.at(minutes(5)).ask(Assign(incident_id=ONE, actor="eva", assignee="ben"))
    of_chain(script)
    for to in ("CSEC", "UBEN"):
        script.channel("slack").want(after(5), ONE, "assigned", to=to)
    script.play(until=minutes(20))


def test_an_acknowledgement_that_nothing_follows_does_not_hold(scripts: Scripts) -> None:
    chain = structs.replace(CHAIN, ack_timeout=30.0)
    script = scripts(policy(RouteNode(receivers=(CHAT,), escalation="security"), escalations=(chain,)))
    slack, pager = script.channel("slack"), script.channel("pagerduty")
    script.at(0).push(seen("A09"))
    script.at(minutes(2)).ask(Acknowledge(incident_id=ONE, actor="ana"))
    script.at(minutes(35)).ask(StartInvestigation(incident_id=ONE, actor="ben"))
    slack.want(between(0, 5), ONE, "opened", to="CSEC")
    pager.want(after(0), ONE, "escalation_step", to="PANA")
    for at, status in ((2, "triaged"), (35, "investigating")):
        slack.want(after(at), ONE, "status_changed", to="CSEC", status=status)
        pager.want(after(at), ONE, "status_changed", to="PANA", status=status)
    pager.want(after(32.5), ONE, "escalation_step", to="PANA")
    script.play(until=minutes(70))
    assert "acknowledgement_lapsed" in script.actions(ONE)


def test_a_page_that_fails_goes_to_the_next_channel(scripts: Scripts) -> None:
    script = scripts(WITH_CHAIN)
    slack, pager, email = (script.channel(name) for name in ("slack", "pagerduty", "email"))
    pager.fails(between(0, hours(1)), Failed("no such recipient"))
    script.at(0).push(seen("A09"))
    script.at(minutes(5)).ask(Acknowledge(incident_id=ONE, actor="ana"))
    slack.want(between(0, 5), ONE, "opened", to="CSEC")
    email.want(after(0), ONE, "escalation_step", to="ana@hospital.example")
    slack.want(after(0), TWO, "opened", to="CSEC")  # that a notice failed, with an escalation of its own
    slack.want(after(5), ONE, "status_changed", to="CSEC", status="triaged")
    email.want(after(5), ONE, "status_changed", to="ana@hospital.example", status="triaged")
    email.want(after(0.5), TWO, "escalation_step", to="ana@hospital.example")
    script.play(until=minutes(9))


def test_a_page_that_reaches_nobody_makes_the_next_step_at_once(scripts: Scripts) -> None:
    quiet = RouteNode(name="ours", match=Match(kinds=("notice_failed",)), receivers=(CHAT,))
    script = scripts(policy(quiet, *WITH_CHAIN.plan.routes))
    slack, pager, email = (script.channel(name) for name in ("slack", "pagerduty", "email"))
    for channel in (pager, email):
        channel.fails(between(0, hours(1)), Failed("no such recipient"))
    script.at(0).push(seen("A09"))
    slack.want(between(0, 5), ONE, "opened", to="CSEC")
    slack.want(after(0), TWO, "opened", to="CSEC")
    slack.want(after(0), "INC-T0000003", "opened", to="CSEC")  # of the other channel
    slack.want(between(5, 65), ONE, "escalation_step", to="COFFICERS")
    script.channel("log").want(between(0, 65), ONE, "escalation_step")
    script.play(until=minutes(9))


def test_what_comes_again_climbs_again(scripts: Scripts) -> None:
    script = scripts(WITH_CHAIN)
    slack, pager = script.channel("slack"), script.channel("pagerduty")
    script.at(0).push(seen("A09"))
    script.at(minutes(2)).ask(Acknowledge(incident_id=ONE, actor="ana"))
    script.at(minutes(4)).ask(
        Resolve(incident_id=ONE, actor="ana", verdict="benign_explained", reason="on call for the ward")
    )
    script.at(hours(1)).push(seen("A09"))
    script.at(hours(1) + minutes(8)).ask(
        Resolve(incident_id=ONE, actor="ana", verdict="true_positive_policy", reason="told to stop")
    )
    slack.want(between(0, 5), ONE, "opened", to="CSEC")
    pager.want(after(0), ONE, "escalation_step", to="PANA")
    for to, channel in (("CSEC", slack), ("PANA", pager)):
        channel.want(after(2), ONE, "status_changed", to=to, status="triaged")
        channel.want(after(4), ONE, "status_changed", to=to, status="resolved")
        channel.want(after(60), ONE, "reopened", to=to, status="investigating")
        channel.want(after(68), ONE, "status_changed", to=to, status="resolved")
    pager.want(after(60), ONE, "escalation_step", to="PANA")
    script.play(until=minutes(75))


def test_whoever_does_not_wake_up_is_called_again(scripts: Scripts) -> None:
    """The real channel and a practice service: to repeat or climb again opens an alert; all end together."""
    with PracticePagerDuty(KEY) as service:
        channel = PagerDutyChannel(PagerDutyConfig(routing_key=PlainSecret(KEY), base_url=service.url))
        script = scripts(ALONE, channels={"pagerduty": channel})
        script.at(0).push(seen("A09"))
        script.at(minutes(30)).ask(Acknowledge(incident_id=ONE, actor="ana"))
        script.at(minutes(95)).ask(
            Resolve(incident_id=ONE, actor="ana", verdict="benign_explained", reason="on call for the ward")
        )
        script.play(until=minutes(96))
        assert [(alert.dedup_key, alert.events) for alert in service.alerts] == [
            (ONE, ["trigger", "trigger", "acknowledge", "resolve"]),  # opened, and its first step
            (f"{ONE}.2", ["trigger", "acknowledge", "resolve"]),  # repeated after 20 minutes
            (f"{ONE}.3", ["trigger", "resolve"]),  # an hour after an acknowledgement that nothing followed
        ]


def test_a_graver_case_begins_another_escalation(scripts: Scripts) -> None:
    script = scripts(WITH_CHAIN)
    slack, pager = script.channel("slack"), script.channel("pagerduty")
    script.at(0).push(seen("A21", severity="medium"))
    script.at(minutes(20)).push(seen("A09", severity="critical"))
    script.at(minutes(25)).ask(Acknowledge(incident_id=ONE, actor="ana"))
    slack.want(between(0, 5), ONE, "opened", to="CSEC", severity="SEV3")
    slack.want(after(20), ONE, "escalated", to="CSEC", severity="SEV1")
    pager.want(after(20), ONE, "escalation_step", to="PANA", severity="SEV1")
    slack.want(after(25), ONE, "status_changed", to="CSEC", status="triaged")
    pager.want(after(25), ONE, "status_changed", to="PANA", status="triaged")
    script.play(until=minutes(50))
