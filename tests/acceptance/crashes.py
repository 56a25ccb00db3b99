"""kill -9 of a worker in mid-stream: what is sent, how it is disturbed, and what must come of it all the same."""

import datetime
import random
from pathlib import Path

from msgspec import Struct

from alerting.store import Ledger
from detectors.events import AccessEvent, BillingTransaction
from detectors.finding import EntityType, Finding
from detectors.habit import RESTING
from streams.simulator import START, simulate
from tests.acceptance import handbook, injected
from tests.acceptance.site import Site
from tests.acceptance.world import World, lines_of

SEED, DAYS, SCALE = 5, 1, 0.005
GRAVE = frozenset({"medium", "high", "critical"})
"""Findings that alert whatever came before them. Whether a slighter one does depends on the alert budget, which sees
findings in the order in which they come."""

IncidentKey = tuple[EntityType, str, frozenset[str]]


class Outcome(Struct, frozen=True):
    """What came of one run. An incident is what it is about, and the detectors that saw something grave."""

    ledger: Ledger
    incidents: set[IncidentKey]


class Crashed(Struct, frozen=True):
    """What was sent, what came of it without and with kills, and the site of the latter."""

    world: World
    undisturbed: Outcome
    disturbed: Outcome
    site: Site


def crash(bootstrap: str, folder: Path, rng: random.Random, kills: int) -> Crashed:
    """Send the same input twice, to a site of its own each time, and kill workers of the second."""
    world = make_input()
    undisturbed, _ = run(bootstrap, folder / "undisturbed", world, rng, 0)
    disturbed, site = run(bootstrap, folder / "killed", world, rng, kills)
    return Crashed(world, undisturbed, disturbed, site)


def make_input() -> World:
    """Return a day of a simulated hospital without its own incidents, and all the cases of `injected`."""
    clinic, till = World(), World()
    for item in simulate(DAYS, SEED, SCALE):
        if not item.labels:
            is_event = isinstance(item.event.data, AccessEvent | BillingTransaction)
            (clinic.events if is_event else clinic.context).append(item.event)
    for n in range(500):
        patient = f"customer-{n % 60}"
        at = START + n * datetime.timedelta(minutes=5)
        till.events.append(
            handbook.payment(str(n), patient, handbook.card_of(patient), 2_000 + n, at, terminal=f"terminal-{n % 7}")
        )
    return injected.into_synthea(clinic).add(injected.into_handbook(till))


def run(bootstrap: str, folder: Path, world: World, rng: random.Random, kills: int) -> tuple[Outcome, Site]:
    """Send the world through workers, of which so many are killed, each at a random point of what is left to do.

    Context is applied before the events are sent. The site is closed but for its store and what was told.
    """
    folder.mkdir()
    sent = len(world.context) + len(world.events)
    with Site(bootstrap, folder, f"sqlite:///{folder / 'wardwatch.sqlite'}") as site:
        site.start()
        site.publish(lines_of(world.context))
        site.wait_until_balanced(len(world.context))
        site.publish(lines_of(world.events))
        for kill in range(kills):
            _kill_in_mid_stream(site, sent, rng, left=kills - kill)
            site.start()
        site.wait_until_idle(sent)
        site.wait_until_told()
        assert site.stop() == 0
        return Outcome(site.ledger(), grave_incidents(site)), site


def _kill_in_mid_stream(site: Site, sent: int, rng: random.Random, left: int) -> None:
    """Let the worker do a random part of its share of what is left, and kill it."""
    before = accounted(site)
    goal = before + rng.uniform(0.2, 0.8) * (sent - before) / (left + 1)
    site.wait_until(lambda: accounted(site) >= goal, f"no progress beyond {before} of {sent}")
    site.kill()
    assert accounted(site) < sent, "it was done before it was killed"


def accounted(site: Site) -> int:
    """Return how many events have met their fate."""
    ledger = site.ledger()
    return ledger.scored + ledger.applied + ledger.duplicates


def grave_incidents(site: Site) -> set[IncidentKey]:
    """Return entity and detectors of what is grave; several incidents about one entity count as one."""
    in_cases = {incident.id for incident in site.incidents() if incident.kind == "case"}
    seen: dict[tuple[EntityType, str], set[str]] = {}
    for finding in site.findings():
        if finding.kind == "rule" and finding.severity in GRAVE and not _is_weighed(finding):
            assert finding.incident_id in in_cases
            seen.setdefault((finding.entity.type, finding.entity.ref), set()).add(finding.detector)
    return {(kind, ref, frozenset(detectors)) for (kind, ref), detectors in seen.items()}


def _is_weighed(finding: Finding) -> bool:
    """Return whether a finding weighs by what is usual for its user, so that the budget may hold it back."""
    return finding.severity == "medium" and finding.detector in RESTING


def check_ledgers(crashed: Crashed) -> None:
    """Check that every event counts once, however often a crash had it done again."""
    sent = len(crashed.world.context) + len(crashed.world.events)
    ledger = crashed.undisturbed.ledger
    assert (ledger.received, ledger.is_balanced) == (sent, True)
    assert crashed.disturbed.ledger.per_source == ledger.per_source


def check_incidents(crashed: Crashed, kills: int) -> None:
    """Check that the crashes changed neither the incidents nor what the providers show."""
    found, injected = len(crashed.undisturbed.incidents), len(crashed.world.cases)
    assert found >= injected / 2, (found, injected)  # many of those injected rest on what is weighed alone
    lost = crashed.undisturbed.incidents - crashed.disturbed.incidents
    added = crashed.disturbed.incidents - crashed.undisturbed.incidents
    assert (lost, added) == (set(), set()), [(kind, sorted(rules)) for kind, _, rules in (*lost, *added)]
    _check_pagerduty(crashed.site)
    _check_slack(crashed.site, kills)


def _check_pagerduty(site: Site) -> None:
    """PagerDuty deduplicates by our key: one alert for each grave incident, however often it was sent."""
    paged = [alert.dedup_key for alert in site.pagerduty.alerts]
    assert len(paged) == len(set(paged))
    assert set(paged) == {incident.id for incident in site.incidents() if incident.severity in ("SEV1", "SEV2")}


def _check_slack(site: Site, kills: int) -> None:
    """Slack has no key to deduplicate by: the one notice that is in hand at a kill may be shown twice, no other."""
    threads = [message.metadata["event_payload"] for message in site.slack.messages if message.metadata]
    assert {thread["incident_id"] for thread in threads} == {incident.id for incident in site.incidents()}
    shown = [thread["notice_id"] for thread in threads]
    assert len(shown) - len(set(shown)) <= kills
