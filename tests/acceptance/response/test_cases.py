"""Stories of the life of a case: clocks, merging, the watch list, withdrawn evidence, a pager that is resolved."""

from collections.abc import Callable

from alerting.channels import PagerDutyChannel, PagerDutyConfig
from alerting.channels.api import Retry
from alerting.commands import Acknowledge, Merge, Resolve, StartInvestigation, Watch
from alerting.practice.pagerduty import PracticePagerDuty
from alerting.routing.receivers import Receiver
from alerting.routing.tree import Match, RouteNode
from detectors.finding import Entity
from tests.acceptance.response.hospital import CHAT, TO_CHAT, policy
from tests.acceptance.response.script import (
    ONE,
    START,
    THREE,
    TWO,
    Script,
    between,
    hours,
    minutes,
    seen,
)
from tests.alerting.building import PlainSecret

Scripts = Callable[..., Script]
KEY = "0123456789abcdef0123456789abcdef"


def soon(seconds: float) -> between:
    """The next seconds."""
    return between(seconds, seconds + 65.0)


def test_clocks_run_out(scripts: Scripts) -> None:
    """SEV2: an hour to acknowledge, four to act; each is told once, and not what was done in time."""
    script = scripts(TO_CHAT)
    slack = script.channel("slack")
    script.at(0).push(seen("A09", by="u1:one"), seen("A09", by="u1:two"))
    script.at(minutes(50)).ask(Acknowledge(incident_id=TWO, actor="ana"))
    script.at(minutes(90)).ask(Acknowledge(incident_id=ONE, actor="ana"))
    script.at(hours(3)).ask(StartInvestigation(incident_id=TWO, actor="ana"))
    slack.want(between(0, 5), ONE, "opened", to="CSEC")
    slack.want(between(0, 5), TWO, "opened", to="CSEC")
    slack.want(soon(minutes(50)), TWO, "status_changed", to="CSEC")
    slack.want(between(hours(1), hours(1) + 65), ONE, "overdue", to="CSEC", status="new")
    slack.want(soon(minutes(90)), ONE, "status_changed", to="CSEC")
    slack.want(soon(hours(3)), TWO, "status_changed", to="CSEC", status="investigating")
    slack.want(between(hours(4), hours(4) + 65), ONE, "overdue", to="CSEC", status="triaged")
    script.play(until=hours(5))


def test_a_case_is_part_of_another(scripts: Scripts) -> None:
    """What comes for the merged one grows the other, which becomes as grave."""
    script = scripts(TO_CHAT)
    slack = script.channel("slack")
    script.at(0).push(seen("A09", by="u1:one", severity="medium"), seen("A13", by="u1:two"))
    script.at(minutes(1)).ask(Acknowledge(incident_id=TWO, actor="ana"))
    script.at(minutes(2)).ask(Merge(incident_id=TWO, actor="ana", into=ONE))
    script.at(minutes(3)).push(*(seen("A13", by="u1:two") for _ in range(2)))
    slack.want(between(0, 5), ONE, "opened", to="CSEC", severity="SEV3")
    slack.want(between(0, 5), TWO, "opened", to="CSEC", severity="SEV2")
    slack.want(soon(minutes(1)), TWO, "status_changed", to="CSEC", status="triaged")
    slack.want(soon(minutes(2)), TWO, "status_changed", to="CSEC", status="merged")
    slack.want(soon(minutes(2)), ONE, "escalated", to="CSEC", severity="SEV2")
    slack.want(soon(minutes(3)), ONE, "more_evidence", to="CSEC", severity="SEV2")
    script.play(until=minutes(10))


def test_who_is_on_the_watch_list_is_one_severity_graver(scripts: Scripts) -> None:
    grave = RouteNode(match=Match(severity="SEV2"), receivers=(Receiver(channel="pagerduty", schedule="security"),))
    script = scripts(policy(grave, RouteNode(receivers=(CHAT,))))
    script.at(0).ask(Watch(Entity("user", "u1:leaver"), "eva", START + minutes(30), "notice given"))
    script.at(0).ask(Watch(Entity("user", "u1:gone"), "eva", START + minutes(10), "notice given"))
    script.at(minutes(1)).push(seen("A21", by="u1:clerk", severity="medium"))
    script.at(minutes(2)).push(seen("A21", by="u1:leaver", severity="medium"))
    script.at(minutes(12)).push(seen("A21", by="u1:gone", severity="medium"))  # who is not watched any more
    script.channel("slack").want(soon(minutes(12)), THREE, "opened", to="CSEC", severity="SEV3")
    script.channel("slack").want(soon(minutes(1)), ONE, "opened", to="CSEC", severity="SEV3")
    script.channel("pagerduty").want(soon(minutes(2)), TWO, "opened", to="PANA", severity="SEV2")
    script.at(minutes(5)).ask(Acknowledge(incident_id=TWO, actor="ana"))
    script.at(minutes(6)).ask(StartInvestigation(incident_id=TWO, actor="ana"))
    script.channel("pagerduty").want(soon(minutes(5)), TWO, "status_changed", to="PANA")
    script.channel("pagerduty").want(soon(minutes(6)), TWO, "status_changed", to="PANA")
    script.play(until=minutes(20))


def test_from_the_verdict_to_the_withdrawn_evidence(scripts: Scripts) -> None:
    """Evidence that falls away under work says so; under a verdict it is noted and told to nobody."""
    script = scripts(TO_CHAT)
    slack = script.channel("slack")
    first, second = seen("A09", by="u1:one"), seen("A09", by="u1:two")
    script.at(0).push(first, second)
    for about in (ONE, TWO):
        script.at(minutes(1)).ask(Acknowledge(incident_id=about, actor="ana"))
        script.at(minutes(2)).ask(StartInvestigation(incident_id=about, actor="ana"))
    script.at(minutes(3)).ask(
        Resolve(incident_id=TWO, actor="ana", verdict="true_positive_policy", reason="spoken with the manager")
    )
    script.at(minutes(5)).retract(first, second)
    for about in (ONE, TWO):
        slack.want(between(0, 5), about, "opened", to="CSEC")
        slack.want(soon(minutes(1)), about, "status_changed", to="CSEC", status="triaged")
        slack.want(soon(minutes(2)), about, "status_changed", to="CSEC", status="investigating")
    slack.want(soon(minutes(3)), TWO, "status_changed", to="CSEC", status="resolved")
    slack.want(soon(minutes(5)), ONE, "withdrawn", to="CSEC", status="investigating")
    script.play(until=minutes(20))
    assert "finding_withdrawn" in script.actions(TWO)


def test_the_alert_at_the_pager_lives_as_the_case_does(scripts: Scripts) -> None:
    """The real channel and a practice service: one alert, acknowledged, resolved, and a new one when it comes again."""
    with PracticePagerDuty(KEY) as service:
        channel = PagerDutyChannel(PagerDutyConfig(routing_key=PlainSecret(KEY), base_url=service.url))
        pager = policy(RouteNode(receivers=(Receiver(channel="pagerduty"),)))
        script = scripts(pager, channels={"pagerduty": channel})
        script.at(0).push(seen("A09"))
        script.at(minutes(5)).ask(Acknowledge(incident_id=ONE, actor="ana"))
        script.at(minutes(9)).ask(
            Resolve(incident_id=ONE, actor="ana", verdict="benign_explained", reason="on call for the ward")
        )
        script.at(minutes(20)).push(seen("A09"))
        script.play(until=minutes(21))
        assert [(alert.dedup_key, alert.status, alert.events) for alert in service.alerts] == [
            (ONE, "resolved", ["trigger", "acknowledge", "resolve"]),
            (ONE, "triggered", ["trigger"]),
        ]


def test_slack_asks_for_a_pause(scripts: Scripts) -> None:
    """429 with Retry-After: nothing is sent meanwhile, nothing is lost, the gravest go first, nothing comes twice."""
    script = scripts(TO_CHAT)
    slack = script.channel("slack", pace=1.0)
    slack.answers = iter([Retry("http 429", 60.0)])
    script.at(0).push(*(seen("A21", by=f"u1:{number}", severity="low") for number in range(5)))
    script.at(10).push(seen("A13", by="u1:grave", severity="critical"))
    slack.want(between(60, 61), "INC-T0000006", "opened", to="CSEC", severity="SEV1")
    for number in range(1, 6):
        slack.want(between(61, 70), f"INC-T{number:07d}", "opened", to="CSEC", severity="SEV4")
    script.play(until=minutes(5))
    assert slack.attempts == 7


def test_a_crash_of_one_worker_leaves_its_page_to_the_other(scripts: Scripts) -> None:
    pager = policy(RouteNode(receivers=(Receiver(channel="pagerduty", schedule="security"),)))
    script = scripts(pager, workers=2)
    channel = script.channel("pagerduty", deduplicates=True)
    script.at(0).do(channel.crash)
    script.at(0).push(seen("A09", by="u1:one"), seen("A09", by="u1:two"))
    channel.want(between(0, 5), ONE, "opened", to="PANA")
    channel.want(between(0, 5), TWO, "opened", to="PANA")
    script.play(until=minutes(3))
    assert channel.attempts == 3
    assert script.store.outbox()["pagerduty"] == {"sent": 2}
