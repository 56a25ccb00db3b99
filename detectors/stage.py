"""`Stage.step`: a pure step over a batch of events at one kind of entity.

Values in, values out: the profiles as they stood, the models of one partition, and what arrived; back come the changed
profiles, the events on their way to their next stop, findings, failures and counts. Live agents and replay call the
same step (design.md §2).
"""

from collections.abc import Mapping, Sequence
from typing import Any

from detectors.features import sentence
from detectors.finding import Entity
from detectors.judge import NOTABLE_P, Looked, final_risk, may_fall, model_finding
from detectors.late import Explanation
from detectors.ledger import LedgerRow
from detectors.looking import Looking
from detectors.partition import CLOCK, read_clock, write_clock
from detectors.patterns import DETECTORS, Detector
from detectors.peers import PeerBook, PeerCounts, PeerView, published
from detectors.profiles.applied import Applied
from detectors.profiles.entries import Codec, Entries
from detectors.references import References
from detectors.result import Failure, Score, StageResult
from detectors.retraction import Retraction, ground_of
from detectors.rooms import ROOMS, Room
from detectors.scene import Scene, Surroundings
from detectors.scoring import StageModels, score
from detectors.sigma import RuleSet
from detectors.thresholds import Thresholds
from detectors.visit import Arrival, Batch, Signal, StageName, Visit, origin
from models.api import Scorer

__all__ = ["STAGE_ORDER", "Failure", "Score", "Stage", "StageModels", "StageResult"]

STAGE_ORDER: tuple[StageName, ...] = ("patient", "provider", "instrument", "user")
"""The stages in the order in which itineraries visit them."""


class Stage:
    """One stage: how its profiles change, which rules and detectors look there, and which models score.

    Args:
        name: patient, user, provider or instrument.
        rules: compiled Sigma rules of all stages; those of this one are used.
        thresholds: of the detectors and the features.
        references: the tables of the site; none by default.
        peers: where the histograms of all partitions come in; an empty one by default.
        batch_models: trained models by name, for stages that have features.
        detectors: the Python detectors; all by default.
        seed: of the online models.
        keep_features: whether to return the scaled feature rows, for training.
    """

    def __init__(
        self,
        name: StageName,
        rules: RuleSet,
        *,
        thresholds: Thresholds | None = None,
        references: References | None = None,
        peers: PeerView | None = None,
        batch_models: Mapping[str, Scorer] | None = None,
        detectors: Mapping[str, Detector] = DETECTORS,
        seed: int = 1,
        keep_features: bool = False,
    ) -> None:
        self.name: StageName = name
        self.thresholds = thresholds or Thresholds()
        self.peers = peers or PeerView()
        self._references = references or References()
        self._room: Room = ROOMS[name]()
        self._looking = Looking(name, rules, detectors, self.thresholds)
        self._batch_models = dict(batch_models or {})
        self._seed = seed
        self._keep_features = keep_features
        self._profiles: Codec[Any] = Codec(self._room.profile, self._room.remembered)
        self._days: Codec[Any] | None = Codec(self._room.day) if self._room.day else None
        self._histograms = Codec(PeerCounts)

    def new_models(self) -> StageModels:
        """Return the fresh models of one partition: online model and calibration."""
        return StageModels(self.name, len(self._room.features), self._seed)

    def step(
        self, profiles: Mapping[str, bytes], models: StageModels, arrivals: Sequence[Arrival], now: float
    ) -> StageResult:
        """Take one step of one partition.

        Args:
            profiles: the table entries of this stage; read only.
            models: the partition's models; changed in place.
            arrivals: batches in the order of their offsets.
            now: the current time in seconds since the epoch.

        Returns:
            What changed. Nothing is to be kept of a step that raises.
        """
        try:
            return self._step(profiles, models, arrivals)
        except BaseException:
            self._profiles.forget()
            self._histograms.forget()
            if self._days is not None:
                self._days.forget()
            raise

    def _step(self, profiles: Mapping[str, bytes], models: StageModels, arrivals: Sequence[Arrival]) -> StageResult:
        result = StageResult()
        entries = Entries(self._profiles, profiles)
        days = Entries(self._days, profiles) if self._days is not None else None
        histograms = Entries(self._histograms, profiles)
        looked: list[Looked] = []
        partition = arrivals[0].partition if arrivals else 0
        clock = read_clock(profiles.get(f"{CLOCK}{partition}"))
        around = Surroundings(self._references, clock, self.peers, PeerBook(partition, histograms, clock))
        for arrival in arrivals:
            self._arrive(arrival, (entries, days), around, looked, result)
        self._judge(looked, models, result)
        result.profiles = entries.written()
        for more in (days, histograms):
            if more is not None:
                result.profiles.update(more.written())
        result.peers = published(clock, lambda key: result.profiles.get(key) or profiles.get(key))
        if arrivals:
            result.profiles[f"{CLOCK}{partition}"] = write_clock(clock)
        for batch in result.onward:
            for visit in batch.visits:
                visit.at += 1
        return result

    def _arrive(
        self,
        arrival: Arrival,
        tables: tuple[Entries[Any], Entries[Any] | None],
        around: Surroundings,
        looked: list[Looked],
        result: StageResult,
    ) -> None:
        """Apply one batch: what was applied before is passed over, what came twice is counted, the rest is met."""
        entries, days = tables
        counts: dict[tuple[str, int, str], int] = {}
        onward: list[Visit] = []
        touched: dict[str, Any] = {}
        for visit in arrival.batch.visits:
            ref = visit.stops[visit.at].ref
            profile = touched.get(ref)
            if profile is None:
                profile = touched[ref] = entries.fetch(ref) or entries.add(ref, self._room.profile(Applied()))
            standing = profile.applied.standing(arrival, visit)
            if standing == "redelivered":
                continue
            outcome = "duplicate"
            if standing == "new":
                scene = Scene(visit, self._room.decode(visit), profile, days, around)
                outcome = self._meet(scene, looked, onward, result)
                if not visit.is_last:
                    onward.append(visit)
                    continue
            if outcome:
                key = (visit.source, int(visit.received // 3_600), outcome)
                counts[key] = counts.get(key, 0) + 1
        for profile in touched.values():
            profile.applied.mark(arrival)
        if onward:
            _send_on(result.onward, Batch(origin(self.name, arrival.partition), arrival.offset, onward))
        for (source, hour, outcome), n in counts.items():
            result.rows.append(LedgerRow(arrival.offset, arrival.offset, source, hour, outcome, n))

    def _meet(self, scene: Scene, looked: list[Looked], onward: list[Visit], result: StageResult) -> str:
        """Apply a context event, or observe and look at any other; return what the ledger calls it.

        An explanation is an event of our own and not in the ledger.
        """
        kind, clock = type(scene.data), scene.around.clock
        apply = self._room.context.get(kind)
        clock.see(scene.time, is_context=apply is not None or kind is Explanation)
        raw: list[float] | None = None
        try:
            if self._room.pass_on(scene):
                return "scored" if apply is None else "applied"
            if kind in self._room.withdraws:
                self._withdraw(scene, result)
            if kind is Explanation:
                return ""
            if apply is not None:
                apply(scene.profile, scene.data, scene.time)
                if self._room.late is not None:
                    onward.extend(self._room.late(scene, self.thresholds))
                return "applied"
            for observe in self._room.observe.get(kind, ()):
                observe(scene, clock, self.thresholds)
            raw = self._room.row(scene)
        except Exception as error:  # noqa: BLE001 - guard of one event: it goes on, the failure is dead-lettered
            result.failures.append(Failure(scene.visit.id, f"{self.name}.profile", type(error).__name__))
        self._looking.look(scene, result)
        ground = ground_of(scene) if may_fall(scene.visit) else None
        looked.append(Looked(scene.visit, scene.ref, raw, ground, scene.profile.history))
        return "scored"

    def _withdraw(self, scene: Scene, result: StageResult) -> None:
        """Withdraw the findings that the event takes the ground from."""
        for finding, reason in self._room.withdraws[type(scene.data)](scene):
            entity = Entity(self.name, scene.ref)
            result.retractions.append(Retraction(finding_id=finding, at=scene.time, entity=entity, reason=reason))

    def _judge(self, looked: Sequence[Looked], models: StageModels, result: StageResult) -> None:
        """Score all rows of the step at once, then fuse what every stage said of the events that end here."""
        with_rows = [item for item in looked if item.raw is not None]
        if with_rows:
            self._score(with_rows, models, result)
        for item in looked:
            if item.visit.is_last:
                scored, finding = final_risk(item, self.name)
                result.scores.append(scored)
                if finding is not None:
                    result.findings.append(finding)
                    if item.ground is not None:
                        item.history.state(item.ground, item.visit.time, finding.id)

    def _score(self, looked: Sequence[Looked], models: StageModels, result: StageResult) -> None:
        """Let every model score all rows; what is rare travels on as a signal, what is very rare is a finding."""
        features = self._room.features
        scored = score(models, [item.raw or [] for item in looked], features, self._batch_models)
        usual: list[float] = []
        for index, words, columns in scored.notable(NOTABLE_P, models.typical):
            item, usual = looked[index], usual or models.typical.raw(features)
            raw, notes = item.raw or [], item.visit.notes
            reason = sentence(self._room.subject, raw, columns, features, usual=usual, notes=notes)
            for word in words:
                signal = Signal(word.name, word.kind, "info", float(word.p[index]), reason)
                item.visit.signals.append(signal)
                finding = model_finding(item, self.name, signal, features)
                if finding is not None:
                    result.findings.append(finding)
        if self._keep_features:
            result.features.update((item.visit.id, row) for item, row in zip(looked, scored.rows, strict=True))


def _send_on(batches: list[Batch], batch: Batch) -> None:
    """Add what one arrival sends on. Arrivals of one record share its offset: they must go on as one batch."""
    last = batches[-1] if batches else None
    if last is not None and (last.origin, last.offset) == (batch.origin, batch.offset):
        last.visits.extend(batch.visits)
    else:
        batches.append(batch)
