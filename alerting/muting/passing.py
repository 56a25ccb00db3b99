"""Which news people are told now and which wait: the steps that every piece of news passes, in their order."""

from collections.abc import Callable, Collection, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from alerting.incidents import Incident, IncidentKind
from alerting.muting.inhibiting import graver_open_cases
from alerting.muting.labels import Labels
from alerting.muting.matchers import all_hold, some_hold
from alerting.muting.rows import active_silences, drop_snooze, snoozes_of
from alerting.muting.silences import Kind, Silence, SnoozeEntry
from alerting.muting.waiting import Hold, forget, hold_back, waiting_among
from alerting.notification import Told
from alerting.policy import Policy
from alerting.store.finding_rows import findings_of

if TYPE_CHECKING:
    from alerting.telling import News

ALWAYS_TOLD: frozenset[Told] = frozenset(
    {
        "status_changed",
        "withdrawn",
        "linked",
        "split",
        "answered",
        "breach_due",
        "overpayment_due",
        "overpayment_overdue",
        "nobody_reached",
    }
)
"""What reaches only those who know of the case, what somebody has asked for, and what no silence may hide."""

ABOUT_WARDWATCH: frozenset[IncidentKind] = frozenset({"tripwire", "notice_failed", "nobody_reached", "review_overdue"})
"""News of these kinds are never held back: they say that people were not told, or have not looked."""

MAX_FINDINGS = 200
"""Of a case, the latest, that are looked at for their sources and departments."""


class Scene:
    """What the steps look at: loaded at most once for all news of a transaction, and only where a step asks."""

    def __init__(self, connection: Connection, incidents: Collection[Incident], policy: Policy, now: float) -> None:
        self.connection = connection
        self.policy = policy
        self.now = now
        self.held_now: set[str] = set()
        self._ids = {incident.id for incident in incidents}
        self._labels: dict[tuple[str, int], Labels] = {}

    @cached_property
    def silences(self) -> list[Silence]:
        """The silences that hold now, from the one that ends last."""
        return active_silences(self.connection, self.now)

    @cached_property
    def snoozes(self) -> dict[str, SnoozeEntry]:
        """The snoozes of the incidents."""
        return snoozes_of(self.connection, self._ids)

    def labels(self, incident: Incident) -> Labels:
        """Return the labels of an incident."""
        known = self._labels.get((incident.id, incident.revision))
        if known is None:
            known = Labels(
                incident, self.policy.plan.teams, lambda one: findings_of(self.connection, one, MAX_FINDINGS)
            )
            self._labels[incident.id, incident.revision] = known
        return known

    def is_waiting(self, incident_id: str) -> bool:
        """Return whether nobody was told of an incident, because its own news wait."""
        return incident_id in self.held_now or bool(waiting_among(self.connection, [incident_id]))


Step = Callable[[Scene, Incident], Hold | None]


def _by_snooze(scene: Scene, incident: Incident) -> Hold | None:
    """Somebody wants to hear of the case later; that ends early where it becomes graver or finds new ground."""
    entry = scene.snoozes.get(incident.id)
    if entry is None or entry.until <= scene.now:
        return None
    if entry.holds(incident.severity, incident.rules):
        return Hold("snooze", entry.author, entry.until)
    drop_snooze(scene.connection, incident.id)
    del scene.snoozes[incident.id]
    return None


def _by_silence(scene: Scene, incident: Incident) -> Hold | None:
    """A silence fits the case."""
    return _by_any(scene, incident, "silence")


def _by_maintenance(scene: Scene, incident: Incident) -> Hold | None:
    """A maintenance window fits the case, opened by hand or written into the plan."""
    if hold := _by_any(scene, incident, "maintenance"):
        return hold
    if incident.severity == "SEV1":
        return None
    plan = scene.policy.plan
    for window in plan.muting.maintenance:
        span = window.at(scene.now, plan.zone)
        if span is not None and all_hold(window.parsed, scene.labels(incident)):
            return Hold("maintenance", window.name, span.end)
    return None


def _by_inhibition(scene: Scene, incident: Incident) -> Hold | None:
    """A graver open case that people were told of stands for this one."""
    for rule in scene.policy.plan.muting.inhibitions:
        labels = scene.labels(incident)
        if not some_hold(rule.targets, labels):
            continue
        for graver in graver_open_cases(scene.connection, incident, rule.equal):
            other = scene.labels(graver)
            is_equal = all(labels(name) & other(name) for name in rule.equal)
            if is_equal and some_hold(rule.sources, other) and not scene.is_waiting(graver.id):
                return Hold("inhibition", rule.name, behind=graver.id)
    return None


STEPS: dict[str, Step] = {
    "snooze": _by_snooze,
    "silence": _by_silence,
    "maintenance": _by_maintenance,
    "inhibition": _by_inhibition,
}
"""Asked in this order; the first that holds the case back is the one that it waits behind."""


def what_holds(scene: Scene, incident: Incident) -> Hold | None:
    """Return what holds the news of an incident back, None where nothing does."""
    for step in STEPS.values():
        if hold := step(scene, incident):
            return hold
    return None


def let_through(
    connection: Connection, news: Sequence["News"], now: float, policy: Policy
) -> tuple[list["News"], list["News"]]:
    """Part news into those that people are told now, in their order, and those that wait, which are stored.

    Within the caller's transaction. Nothing is lost: what waits is told when its hold ends (`alerting.muting.ending`).
    """
    mutable = [n for n, item in enumerate(news) if _may_wait(item)]
    if not mutable:
        return list(news), []
    scene = Scene(connection, [news[n].incident for n in mutable], policy, now)
    holds: dict[int, Hold] = {}
    for n in sorted(mutable, key=lambda n: news[n].incident.severity):  # the graver may stand for the lesser
        if hold := what_holds(scene, news[n].incident):
            holds[n] = hold
            scene.held_now.add(news[n].incident.id)
    hold_back(connection, [(news[n].incident, news[n].told, hold) for n, hold in sorted(holds.items())], now)
    forget(connection, {news[n].incident.id for n in mutable if n not in holds})
    told = [item for n, item in enumerate(news) if n not in holds]
    return told, [news[n] for n in sorted(holds)]


def _may_wait(item: "News") -> bool:
    """Return whether news may be held back; not of a finished case, which is told of no more when the hold ends."""
    is_mutable = item.told not in ALWAYS_TOLD and item.incident.kind not in ABOUT_WARDWATCH
    return is_mutable and item.incident.is_open


def _by_any(scene: Scene, incident: Incident, kind: Kind) -> Hold | None:
    for silence in scene.silences:
        if silence.kind != kind or (incident.severity == "SEV1" and not silence.including_critical):
            continue
        if all_hold(silence.parsed, scene.labels(incident)):
            return Hold(kind, silence.id, silence.ends_at)
    return None
