"""The process ends at any point: every page comes, and a provider that deduplicates shows none twice."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Connection, Engine

from alerting.channels.pagerduty import PagerDutyChannel, PagerDutyConfig
from alerting.commands import Acknowledge
from alerting.practice.pagerduty import PracticePagerDuty
from alerting.store import Store
from tests.acceptance.response.hospital import ALONE, WITH_CHAIN
from tests.acceptance.response.recording import Crash
from tests.acceptance.response.script import ONE, Script, between, minutes, seen
from tests.alerting.building import PlainSecret

KEY = "0123456789abcdef0123456789abcdef"
Scripts = Callable[..., Script]
POINTS = [*range(1, 20, 2), *range(20, 62, 6)]
"""Transactions of the story at which it ends: closely up to the page, then here and there until the acknowledgement."""


class Breaking(Store):
    """A store whose process ends at its n-th transaction, just before or just after that is committed."""

    def __init__(self, engine: Engine, number: int, *, is_committed: bool) -> None:
        super().__init__(engine)
        self.has_ended = False
        self._left = number
        self._is_committed = is_committed

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Count down to the crash."""
        self._left -= 1
        ends = self._left == 0
        self.has_ended = self.has_ended or ends
        with super().writing() as connection:
            yield connection
            if ends and not self._is_committed:
                raise Crash
        if ends:
            raise Crash


@pytest.mark.parametrize("is_committed", [False, True])
@pytest.mark.parametrize("number", POINTS)
def test_a_crash_at_any_transaction(scripts: Scripts, number: int, is_committed: bool) -> None:
    script = scripts(WITH_CHAIN, look=120.0)
    script.store = store = Breaking(script.store.engine, number, is_committed=is_committed)
    script.restart()
    slack = script.channel("slack", deduplicates=True)
    pager = script.channel("pagerduty", deduplicates=True)
    script.at(0).push(seen("A09"))
    script.at(minutes(5)).ask(Acknowledge(incident_id=ONE, actor="ana"))
    slack.want(between(0, 180), ONE, "opened", to="CSEC")
    pager.want(between(0, 180), ONE, "escalation_step", to="PANA")
    slack.want(between(minutes(5), minutes(7)), ONE, "status_changed", to="CSEC")
    pager.want(between(minutes(5), minutes(7)), ONE, "status_changed", to="PANA")
    script.play(until=minutes(7))
    assert store.has_ended
    assert script.actions(ONE) == ["opened", "escalation_step", "acknowledge"]


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_a_crash_after_any_send(scripts: Scripts, number: int) -> None:
    script = scripts(WITH_CHAIN, workers=2)
    channels = {name: script.channel(name, deduplicates=True) for name in ("slack", "pagerduty")}
    for channel in channels.values():
        channel.crash_at(number)
    script.at(0).push(seen("A09"))
    script.at(minutes(4)).ask(Acknowledge(incident_id=ONE, actor="ana"))
    for name, told, to in (("slack", "opened", "CSEC"), ("pagerduty", "escalation_step", "PANA")):
        channels[name].want(between(0, 130), ONE, told, to=to)
        channels[name].want(between(minutes(4), minutes(6)), ONE, "status_changed", to=to)
    script.play(until=minutes(8))


@pytest.mark.parametrize("number", range(1, 24, 2))
def test_a_crash_pages_nobody_once_more_than_the_escalation_does(scripts: Scripts, number: int) -> None:
    """The real channel and a practice service: each call about the case is one alert there, and all end with it."""
    with PracticePagerDuty(KEY) as service:
        channel = PagerDutyChannel(PagerDutyConfig(routing_key=PlainSecret(KEY), base_url=service.url))
        script = scripts(ALONE, channels={"pagerduty": channel})
        script.store = store = Breaking(script.store.engine, number, is_committed=False)
        script.restart()
        script.at(0).push(seen("A09"))
        script.at(minutes(30)).ask(Acknowledge(incident_id=ONE, actor="ana"))
        script.play(until=minutes(34))
        assert store.has_ended
        assert [(alert.dedup_key, alert.status) for alert in service.alerts] == [
            (ONE, "acknowledged"),
            (f"{ONE}.2", "acknowledged"),
        ]
