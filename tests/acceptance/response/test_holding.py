"""Stories of news that wait: silences, snooze, maintenance, inhibition."""

from collections.abc import Callable

from msgspec import structs

from alerting.commands import Acknowledge, Resolve
from alerting.muting.commands import AddSilence, ExpireSilence, Snooze
from alerting.muting.rules import Inhibition, MaintenanceWindow, Muting
from alerting.routing.receivers import Receiver
from alerting.routing.tree import Match, RouteNode
from tests.acceptance.response.hospital import CHAT, TO_CHAT, WITH_CHAIN, policy
from tests.acceptance.response.script import (
    FOUR,
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

Scripts = Callable[..., Script]
SOON = 65.0


def soon(seconds: float) -> between:
    """The next seconds."""
    return between(seconds, seconds + SOON)


def a_silence(*matchers: str, until: float) -> AddSilence:
    return AddSilence(actor="eva", matchers=matchers, reason="portal is migrated", ends_at=START + until)


def test_the_end_of_a_silence(scripts: Scripts) -> None:
    """What fits the silence waits and is told at its end, once; what was finished meanwhile is not told."""
    script = scripts(TO_CHAT)
    slack = script.channel("slack")
    script.at(0).ask(a_silence('rule=~"A2."', until=minutes(40)))
    script.at(minutes(5)).push(seen("A21", by="u1:one"), seen("A09", by="u1:two"), seen("A22", by="u1:three"))
    script.at(minutes(10)).push(*(seen("A21", by="u1:one") for _ in range(3)))
    script.at(minutes(20)).ask(Acknowledge(incident_id=FOUR, actor="ana"))
    script.at(minutes(20)).ask(
        Resolve(incident_id=FOUR, actor="ana", verdict="benign_explained", reason="part of the migration")
    )
    slack.want(soon(minutes(5)), THREE, "opened", to="CSEC")
    slack.want(soon(minutes(40)), TWO, "unmuted", to="CSEC", status="new")
    slack.want_digest(soon(minutes(40)), TWO, FOUR, to="UEVA")
    script.play(until=minutes(60))


def test_whoever_began_a_silence_hears_of_its_end(scripts: Scripts) -> None:
    """Also that it held nothing back; not who ended it, not of a case about herself, and not twice."""
    insider = policy(RouteNode(receivers=(CHAT,)), subjects={"u1:eva": "eva"})
    script = scripts(insider, workers=2)
    slack, log = script.channel("slack"), script.channel("log")
    script.at(0).ask(a_silence("rule=A09", until=minutes(10)))
    script.at(0).ask(a_silence("rule=A77", until=minutes(10)))
    script.at(0).ask(a_silence("rule=A13", until=minutes(30)))
    script.at(0).ask(
        structs.replace(a_silence("rule=A14", until=minutes(12)), actor="nobody.known", kind="maintenance")
    )
    script.at(minutes(4)).ask(ExpireSilence(actor="sam", silence_id="SIL-T0000003"))
    script.at(minutes(5)).ask(ExpireSilence(actor="eva", silence_id="SIL-T0000002"))
    script.at(minutes(1)).push(seen("A09", by="u1:one"), seen("A09", by="u1:eva"))
    first, second = "INC-T0000005", "INC-T0000006"
    for about in (first, second):
        slack.want(soon(minutes(10)), about, "unmuted", to="CSEC")
    slack.want_digest(soon(minutes(4)), to="UEVA")  # of A13, which sam ended
    slack.want_digest(soon(minutes(10)), first, to="UEVA")
    log.want_digest(soon(minutes(12)))
    script.play(until=minutes(60))


def test_an_escalation_waits_with_its_case_and_goes_on(scripts: Scripts) -> None:
    script = scripts(WITH_CHAIN)
    slack, pager = script.channel("slack"), script.channel("pagerduty")
    script.at(0).push(seen("A09"))
    script.at(minutes(5)).ask(a_silence('rule="A09"', until=minutes(30)))
    script.at(minutes(32)).ask(Acknowledge(incident_id=ONE, actor="ana"))
    slack.want(between(0, 5), ONE, "opened", to="CSEC")
    pager.want(soon(0), ONE, "escalation_step", to="PANA")
    slack.want(between(minutes(30), minutes(32)), ONE, "escalation_step", to="COFFICERS")
    slack.want_digest(soon(minutes(30)), to="UEVA")
    for channel, to in ((slack, "CSEC"), (slack, "COFFICERS"), (pager, "PANA")):
        channel.want(soon(minutes(32)), ONE, "status_changed", to=to)
    script.play(until=minutes(50))


def test_an_escalation_begins_when_a_silence_ends(scripts: Scripts) -> None:
    script = scripts(WITH_CHAIN)
    slack, pager = script.channel("slack"), script.channel("pagerduty")
    script.at(0).ask(a_silence('rule="A09"', until=minutes(30)))
    script.at(minutes(5)).push(seen("A09"))
    slack.want(soon(minutes(30)), TWO, "unmuted", to="CSEC")
    slack.want_digest(soon(minutes(30)), TWO, to="UEVA")
    pager.want(between(minutes(30), minutes(32)), TWO, "escalation_step", to="PANA")
    script.play(until=minutes(39))


def test_a_snooze_ends_early_for_what_is_graver(scripts: Scripts) -> None:
    script = scripts(TO_CHAT)
    slack = script.channel("slack")
    script.at(0).push(seen("A09", by="u1:one", severity="medium"), seen("A09", by="u1:two", severity="medium"))
    for about in (ONE, TWO):
        script.at(minutes(1)).ask(
            Snooze(actor="ana", incident_id=about, until=START + minutes(30), reason="the manager is at lunch")
        )
    script.at(minutes(10)).push(seen("A09", by="u1:one", severity="medium"))
    script.at(minutes(15)).push(seen("A09", by="u1:two", severity="critical"))
    slack.want(between(0, 5), ONE, "opened", to="CSEC")
    slack.want(between(0, 5), TWO, "opened", to="CSEC")
    slack.want(soon(minutes(15)), TWO, "escalated", to="CSEC", severity="SEV1")
    slack.want(soon(minutes(30)), ONE, "unmuted", to="CSEC")
    slack.want(soon(minutes(30)), TWO, "overdue", to="CSEC")
    script.play(until=minutes(40))


def test_maintenance_is_told_in_one_digest(scripts: Scripts) -> None:
    """From 03:05 to 03:35 in Chicago; SEV1 is told all the same."""
    window = MaintenanceWindow(name="backup", matchers=('entity_type="user"',), starts="03:05", ends="03:35")
    script = scripts(policy(RouteNode(receivers=(CHAT,)), muting=Muting(maintenance=(window,))))
    slack = script.channel("slack")
    script.at(minutes(10)).push(seen("A21", by="u1:one", severity="low"), seen("A21", by="u1:two", severity="medium"))
    script.at(minutes(10)).push(seen("A13", by="u1:three", severity="critical"))
    slack.want(soon(minutes(10)), THREE, "opened", to="CSEC", severity="SEV1")
    slack.want_digest(between(minutes(35), minutes(37)), TWO, ONE, to="CSEC")
    slack.want(soon(minutes(25)), THREE, "overdue", to="CSEC")
    script.play(until=minutes(50))


def test_maintenance_is_told_case_by_case_at_a_pager(scripts: Scripts) -> None:
    """A pager takes no digest; what goes to the chat is told in one."""
    window = MaintenanceWindow(name="backup", matchers=('entity_type="user"',), starts="03:05", ends="03:35")
    pager = RouteNode(match=Match(rules=("A21",)), receivers=(Receiver(channel="pagerduty"),))
    chat = RouteNode(receivers=(CHAT,))
    script = scripts(policy(pager, chat, muting=Muting(maintenance=(window,))))
    script.at(minutes(10)).push(seen("A21", by="u1:one", severity="low"), seen("A21", by="u1:two", severity="medium"))
    script.at(minutes(10)).push(seen("A22", by="u1:three", severity="low"), seen("A22", by="u1:four", severity="low"))
    for about in (ONE, TWO):
        script.channel("pagerduty").want(between(minutes(35), minutes(37)), about, "unmuted")
    script.channel("slack").want_digest(between(minutes(35), minutes(37)), THREE, FOUR, to="CSEC")
    script.play(until=minutes(50))


def test_a_graver_case_stands_for_a_lesser_one(scripts: Scripts) -> None:
    rule = Inhibition(
        name="graver", source=('severity="SEV1"',), target=('severity=~"SEV[34]"',), equal=("entity_type",)
    )
    script = scripts(policy(RouteNode(receivers=(CHAT,)), muting=Muting(inhibitions=(rule,))))
    slack = script.channel("slack")
    script.at(0).push(seen("A13", by="u1:one", severity="critical"))
    script.at(minutes(2)).push(seen("A21", by="u1:two", severity="low"))
    script.at(minutes(5)).ask(Acknowledge(incident_id=ONE, actor="ana"))
    script.at(minutes(9)).ask(
        Resolve(incident_id=ONE, actor="ana", verdict="true_positive_policy", reason="account was locked")
    )
    slack.want(between(0, 5), ONE, "opened", to="CSEC")
    slack.want(soon(minutes(5)), ONE, "status_changed", to="CSEC", status="triaged")
    slack.want(soon(minutes(9)), ONE, "status_changed", to="CSEC", status="resolved")
    slack.want(soon(minutes(9)), TWO, "unmuted", to="CSEC")
    script.play(until=minutes(20))


def test_silence_hides_no_page_that_failed(scripts: Scripts) -> None:
    """That people may not have been told is told through any silence."""
    script = scripts(TO_CHAT)
    slack, email = script.channel("slack"), script.channel("email")
    slack.fails(between(0, hours(1) + 90))
    script.at(0).push(seen("A09", severity="medium"))
    script.at(minutes(1)).ask(a_silence('kind=~"case|notice_failed"', 'severity=~"SEV[234]"', until=hours(2)))
    email.want(between(hours(1), hours(1) + 180), ONE, "opened", to="security@hospital.example")
    email.want(between(hours(1), hours(1) + 180), THREE, "opened", to="security@hospital.example")
    script.play(until=hours(1.2))


def test_silence_hides_not_that_nobody_was_reached(scripts: Scripts) -> None:
    script = scripts(WITH_CHAIN)
    slack, pager, email = (script.channel(name) for name in ("slack", "pagerduty", "email"))
    script.at(0).push(seen("A09"))
    script.at(0).ask(a_silence('kind="nobody_reached"', until=hours(2)))
    slack.want(between(0, 5), ONE, "opened", to="CSEC")
    pager.want(soon(0), ONE, "escalation_step", to="PANA")
    slack.want(soon(minutes(10)), ONE, "escalation_step", to="COFFICERS")
    email.want(soon(minutes(30)), ONE, "nobody_reached", to="sam@hospital.example")
    email.want(soon(minutes(30)), THREE, "opened", to="sam@hospital.example")
    script.play(until=minutes(35))
