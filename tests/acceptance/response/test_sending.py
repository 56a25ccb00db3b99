"""Stories of getting the news out: each says everything that is told; anything else is a failure."""

from collections.abc import Callable

import pytest

from alerting.commands import Acknowledge, Resolve, StartInvestigation
from alerting.policy import Policy
from alerting.routes import Route
from tests.acceptance.response.script import ONE, THREE, TWO, Script, between, hours, minutes, seen
from tests.alerting.building import CONSOLE

Scripts = Callable[..., Script]
BOTH = Policy(
    routes=(Route("SEV2", ("pagerduty", "slack"), ("email",)), Route("SEV4", ("slack",), ("email",))),
    console_url=CONSOLE,
)
CHAT = Policy(routes=(Route("SEV4", ("slack",), ("email",)),), console_url=CONSOLE)


def test_from_the_first_finding_to_the_verdict(scripts: Scripts) -> None:
    script = scripts(BOTH)
    slack, pager = script.channel("slack"), script.channel("pagerduty")
    script.at(0).push(seen("A09", severity="high"))
    script.at(minutes(5)).ask(Acknowledge(incident_id=ONE, actor="a.analyst"))
    script.at(minutes(9)).ask(StartInvestigation(incident_id=ONE, actor="a.analyst"))
    script.at(hours(1)).ask(
        Resolve(incident_id=ONE, actor="a.analyst", verdict="benign_explained", reason="on call for the ward")
    )
    for channel in (slack, pager):
        channel.want(between(0, 5), ONE, "opened", severity="SEV2", status="new")
        channel.want(between(minutes(5), minutes(5) + 5), ONE, "status_changed", status="triaged")
        channel.want(between(minutes(9), minutes(9) + 5), ONE, "status_changed", status="investigating")
        channel.want(between(hours(1), hours(1) + 5), ONE, "status_changed", status="resolved")
    script.play(until=hours(2))


def test_a_flapping_rule_is_told_at_every_doubling(scripts: Scripts) -> None:
    script = scripts(CHAT)
    slack = script.channel("slack")
    for number in range(40):
        script.at(minutes(number)).push(seen("A09"))
    slack.want(between(0, 5), ONE, "opened")
    for doubled in (2, 4, 8, 16, 32):
        slack.want(between(minutes(doubled - 1), minutes(doubled - 1) + 5), ONE, "more_evidence")
    script.play(until=minutes(50))


def test_slack_is_down_for_an_hour(scripts: Scripts) -> None:
    script = scripts(CHAT)
    slack, email = script.channel("slack"), script.channel("email")
    slack.fails(between(0, hours(1) + 90))
    script.at(0).push(seen("A09", severity="medium"))
    script.at(minutes(90)).ask(Acknowledge(incident_id=ONE, actor="a.analyst"))
    email.want(between(hours(1), hours(1) + 120), ONE, "opened")
    email.want(between(hours(1), hours(1) + 120), TWO, "opened", severity="SEV2")  # that a notice failed
    email.want(between(minutes(90), minutes(90) + 5), ONE, "status_changed", status="triaged")
    script.play(until=minutes(110))
    assert script.store.outbox()["slack"] == {"failed": 1}


def test_a_crash_between_send_and_mark(scripts: Scripts) -> None:
    """The provider knows the repeated event by its key: nobody is paged twice."""
    script = scripts(BOTH)
    slack, pager = script.channel("slack"), script.channel("pagerduty", deduplicates=True)
    script.at(0).do(pager.crash)
    script.at(0).push(seen("A09"))
    slack.want(between(0, 65), ONE, "opened")
    pager.want(between(0, 5), ONE, "opened")
    script.play(until=minutes(5))
    assert pager.attempts == 2
    assert script.store.outbox()["pagerduty"] == {"sent": 1}


def test_two_workers_at_once(scripts: Scripts) -> None:
    script = scripts(CHAT, workers=2)
    slack = script.channel("slack", pace=1.0)
    script.at(0).push(*(seen("A09", by=f"u1:{number}") for number in range(10)))
    for number in range(1, 11):
        slack.want(between(0, 15), f"INC-T{number:07d}", "opened")
    script.play(until=minutes(2))
    assert slack.attempts == 10


def test_a_storm_becomes_one_case(scripts: Scripts) -> None:
    script = scripts(CHAT)
    slack = script.channel("slack")
    script.at(0).push(*(seen("A09", by=f"u1:{number}", severity="medium") for number in range(500)))
    for number in range(1, 31):
        slack.want(between(0, 60), f"INC-T{number:07d}", "opened", severity="SEV3")
    slack.want(between(0, 60), "INC-T0000031", "opened")  # the rule storm
    script.play(until=minutes(2))


def test_all_is_withdrawn_and_comes_again_late(scripts: Scripts) -> None:
    script = scripts(CHAT)
    slack = script.channel("slack")
    first, second = seen("A09"), seen("A13")
    script.at(0).push(first, second)
    script.at(hours(1)).retract(first, second)
    script.at(hours(2)).push(seen("A09", ago=hours(1.5)))
    slack.want(between(0, 5), ONE, "opened")
    slack.want(between(hours(1), hours(1) + 5), ONE, "status_changed", status="resolved")
    slack.want(between(hours(2), hours(2) + 5), ONE, "reopened", status="investigating")
    script.play(until=hours(3))


def test_the_script_fails_on_what_nobody_wanted(scripts: Scripts) -> None:
    script = scripts(CHAT)
    slack = script.channel("slack")
    script.at(0).push(seen("A09"), seen("A09", by="u1:other"))
    slack.want(between(0, 5), ONE, "opened")
    slack.want(between(0, 5), THREE, "opened")
    with pytest.raises(AssertionError) as failed:
        script.play(until=minutes(1))
    assert str(failed.value).splitlines()[1:3] == [
        f"slack did not tell: 0:00:00 to 0:00:05 {THREE}: opened (-) to -",
        f"slack told, and nobody wanted it: 0:00:00 {TWO} SEV2: opened (new) to -",
    ]
