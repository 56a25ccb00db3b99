"""Stories of many cases at once, with the real channels and practice services that keep to their limits."""

from collections.abc import Callable

from alerting.channels import PagerDutyChannel, PagerDutyConfig, SlackChannel, SlackConfig
from alerting.practice.pagerduty import PracticePagerDuty
from alerting.practice.slack import PracticeSlack
from alerting.routing.receivers import Receiver
from alerting.routing.tree import Match, RouteNode
from detectors.finding import Severity
from tests.acceptance.response.hospital import policy
from tests.acceptance.response.script import Script, minutes, seen
from tests.alerting.building import PlainSecret

Scripts = Callable[..., Script]
TOKEN = "xoxb-practice"
KEY = "0123456789abcdef0123456789abcdef"
RULES = tuple(f"A{number:02d}" for number in range(1, 9))
LEVELS: tuple[Severity, ...] = ("medium", "critical", "high")


def test_a_channel_and_a_person_in_slack_each_in_their_own_pace(scripts: Scripts) -> None:
    """A message a second at each place, the gravest first, none lost, none twice, and never too fast for Slack."""
    to = {name: (Receiver(channel="slack", to=name),) for name in ("C0PRACTICE", "U0MONEY")}
    script = scripts(
        policy(RouteNode(match=Match(rules=("A",)), receivers=to["C0PRACTICE"]), RouteNode(receivers=to["U0MONEY"])),
        step=0.25,
    )
    with PracticeSlack(TOKEN, rate_limited=True, clock=script.story_clock) as service:
        script.channels["slack"] = SlackChannel(
            SlackConfig(token=PlainSecret(TOKEN), channel="C0PRACTICE", base_url=f"{service.url}/api/")
        )
        script.restart()
        script.at(0).push(*(seen("A09", by=f"u1:{n}", severity=LEVELS[n % 3]) for n in range(24)))
        script.at(0).push(*(seen("B05", by=f"u1:b{n}", severity="high") for n in range(24)))
        script.play(until=26)
        posted = {name: [one.text for one in service.messages if one.channel == name] for name in to}
    assert [len(texts) for texts in posted.values()] == [24, 24]
    assert [text[:6] for text in posted["C0PRACTICE"]] == ["[SEV1]"] * 8 + ["[SEV2]"] * 8 + ["[SEV3]"] * 8
    assert len({text for texts in posted.values() for text in texts}) == 48
    assert script.store.outbox() == {"slack": {"sent": 48}}
    assert {call.path for call in service.requests} == {"/api/chat.postMessage"}
    assert len(service.requests) == 48


def test_a_storm_of_pages_stays_below_what_the_pager_takes(scripts: Scripts) -> None:
    """240 cases of eight rules at once, by two workers: 120 events a minute, one alert each."""
    script = scripts(policy(RouteNode(receivers=(Receiver(channel="pagerduty"),))), workers=2)
    with PracticePagerDuty(KEY, clock=script.story_clock) as service:
        script.channels["pagerduty"] = PagerDutyChannel(
            PagerDutyConfig(routing_key=PlainSecret(KEY), base_url=service.url)
        )
        script.restart()
        script.at(0).push(*(seen(rule, by=f"u1:{rule}-{n}", severity="critical") for rule in RULES for n in range(30)))
        script.play(until=minutes(6))
        assert len({alert.dedup_key for alert in service.alerts}) == len(service.alerts) == 240
        assert len(service.requests) == 240
