"""How much of a simulated hospital's ordinary work the templates explain (domain.md §3.2)."""

from collections.abc import Iterable, Iterator
from itertools import chain, islice

import msgspec
from msgspec import Raw

from detectors.events import AccessEvent, BillingTransaction, event_type
from detectors.itinerary import itinerary
from detectors.scene import Pattern, Scene
from detectors.sigma import RuleSet
from detectors.stage import Stage
from detectors.thresholds import Thresholds
from detectors.visit import INTAKE, Arrival, Batch, StageName, Visit
from streams.simulator import simulate
from streams.simulator.hospital import build_hospital
from streams.simulator.record import Simulated
from streams.simulator.timing import START, calendar_from

NO_RULES = RuleSet(rules=(), correlations=(), tests=(), _by_name={})
PROBE = Pattern("probe", "Probe", 1, "info", "user", "event", (), (), ())


def walk(items: Iterable[Simulated], explained: dict[str, bool]) -> None:
    """Walk access and context events through the patient and user stages; note what each access was concluded to be."""

    def probe(scene: Scene, thresholds: Thresholds) -> None:
        if isinstance(scene.data, AccessEvent) and scene.data.actor.type == "human":
            conclusion = scene.notes.get("rel.explained")
            if isinstance(conclusion, bool):
                explained[scene.visit.id] = conclusion

    names: tuple[StageName, ...] = ("patient", "user")
    stages = {name: Stage(name, NO_RULES, detectors={"probe": (PROBE, probe)}) for name in names}
    models = {name: stage.new_models() for name, stage in stages.items()}
    tables: dict[StageName, dict[str, bytes]] = {name: {} for name in names}
    offsets = dict.fromkeys(names, -1)
    visits = visits_of(items)
    while batch := list(islice(visits, 2_000)):
        waiting: dict[StageName, list[Visit]] = {"patient": [], "user": []}
        for visit in batch:
            waiting[visit.stop.stage].append(visit)
        for name, stage in stages.items():
            offsets[name] += 1
            arrival = Arrival(0, offsets[name], Batch(INTAKE, offsets[name], waiting[name]))
            result = stage.step(tables[name], models[name], [arrival], 0.0)
            tables[name].update({key: value for key, value in result.profiles.items() if value is not None})
            for visit in chain.from_iterable(onward.visits for onward in result.onward):
                if visit.stop.stage in waiting:  # machines judge, too, but explain nothing
                    waiting[visit.stop.stage].append(visit)


def visits_of(items: Iterable[Simulated]) -> Iterator[Visit]:
    for place, item in enumerate(items, 1):
        event = item.event
        if isinstance(event.data, BillingTransaction):
            continue
        stops = itinerary(event.data)
        if stops and stops[0].stage in ("patient", "user"):
            data = Raw(msgspec.msgpack.encode(event.data))
            kind = event_type(event.data)
            yield Visit(event.id, event.source, kind, event.time, event.time, data, stops, place=place)


def test_what_is_done_for_a_reason_is_explained() -> None:
    """The hospital draws, for everyone, which share of the charts is opened without a reason: 6 % on the whole.

    The rest is explained, all but one access in a hundred, so that a whole hospital reaches the 94 % of domain.md §3.2.
    """
    hospital = build_hospital(0.01, 3, calendar_from(START))
    without = {actor.id: hospital.staff.unexplained[number] for number, actor in enumerate(hospital.actors)}
    items = list(simulate(days=1, seed=3, scale=0.01))
    explained: dict[str, bool] = {}
    walk(items, explained)
    users = {
        item.event.id: item.event.data.actor.id
        for item in items
        if isinstance(item.event.data, AccessEvent) and item.event.id in explained and not item.labels
    }
    intended = 1 - sum(without[user] for user in users.values()) / len(users)
    share = sum(explained[event] for event in users) / len(users)
    assert len(users) > 4_000
    assert share >= intended - 0.01
