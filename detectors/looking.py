"""What looks at an event at one stage: rules, correlations, detectors, and the risk that its entity has come to."""

from collections.abc import Iterable, Iterator, Mapping
from functools import partial

import msgspec

from detectors.agenda import Agenda, Item
from detectors.coverage import count_suppressed, doubt
from detectors.entity_risk import PATTERN, RISK, add_hit, risen
from detectors.events import AccessEvent, BillingTransaction
from detectors.finding import Entity
from detectors.habit import habit_share
from detectors.judge import Speaker, rule_finding
from detectors.patterns import Detect, Detector
from detectors.result import Failure, StageResult
from detectors.retraction import EXPLAINED, Cleared, Retraction, ground_of, ground_of_detector
from detectors.scene import Hit, Scene
from detectors.sigma import CompiledCorrelation, CompiledRule, Recent, RuleSet
from detectors.thresholds import Thresholds
from detectors.visit import Signal, StageName

JUDGED = (AccessEvent, BillingTransaction)
"""The events that rules look at; all others are context."""

BILLING = "B"
"""First letter of the patterns of billing, which have nothing to say of an access (domain.md §2.2)."""

_RISK_SPEAKER = Speaker(PATTERN.id, PATTERN.id, PATTERN.version, rests=False)


class Looking:
    """Everything that looks at one stage. What raises is a failure of its own; the others still run.

    Args:
        stage: patient, user, provider or instrument.
        rules: of all stages; those of this one are used.
        detectors: of all stages, likewise.
        thresholds: of the detectors.
    """

    def __init__(
        self, stage: StageName, rules: RuleSet, detectors: Mapping[str, Detector], thresholds: Thresholds
    ) -> None:
        self._stage: StageName = stage
        self._thresholds = thresholds
        self._agenda = Agenda([*self._rules(rules), *self._correlations(rules), *self._patterns(detectors.values())])

    def look(self, scene: Scene, result: StageResult) -> None:
        """Let everything that the event concerns look at it, and say what the entity has come to."""
        for item in self._agenda.of(scene):
            try:
                item.ask(scene, result)
            except Exception as error:  # noqa: BLE001 - guard of one rule or detector
                result.failures.append(Failure(scene.visit.id, item.speaker.name, type(error).__name__))
        if scene.visit.signals:
            self._accumulate(scene, result)

    def _rules(self, rules: RuleSet) -> Iterator[Item]:
        for kind in JUDGED:
            for rule in rules.at(self._stage, kind):
                speaker = _speaker(rule)
                yield Item(speaker, kind, rule.gate, True, partial(self._match, rule, speaker))

    def _correlations(self, rules: RuleSet) -> Iterator[Item]:
        for kind in JUDGED:
            for rule in rules.correlations_at(self._stage, kind):
                speaker = _speaker(rule)
                yield Item(speaker, kind, rule.gate, False, partial(self._correlate, rule, speaker))

    def _patterns(self, detectors: Iterable[Detector]) -> Iterator[Item]:
        for pattern, detect in detectors:
            for kind in JUDGED:
                if pattern.stage == self._stage and not (kind is AccessEvent and pattern.id.startswith(BILLING)):
                    rests = EXPLAINED in pattern.needs
                    speaker = Speaker(pattern.id, pattern.id, pattern.version, rests, pattern.queue)
                    may_rest = not pattern.judges_explained
                    yield Item(speaker, kind, pattern.gate, may_rest, partial(self._hear, detect, speaker))

    def _match(self, rule: CompiledRule, speaker: Speaker, scene: Scene, result: StageResult) -> None:
        """Ask a rule."""
        if rule.matches(scene.data, scene.notes):
            reason = rule.reason(scene.data, scene.notes)
            self._report(scene, speaker, Hit(rule.severity, reason, rule.window_at(scene.time)), result)

    def _hear(self, detect: Detect, speaker: Speaker, scene: Scene, result: StageResult) -> None:
        """Ask a detector, and take what it says."""
        said = detect(scene, self._thresholds)
        if said is None:
            return
        if isinstance(said, Cleared):
            self._clear(scene, speaker, said, result)
        else:
            self._report(scene, speaker, said, result)

    def _correlate(self, correlation: CompiledCorrelation, speaker: Speaker, scene: Scene, result: StageResult) -> None:
        """Show the event to a correlation, whose state is kept in the profile."""
        recent: dict[str, Recent] = scene.profile.recent
        state, count = correlation.observe(recent.get(correlation.name, Recent()), scene.time, scene.data, scene.notes)
        if count:
            recent[correlation.name] = state
        if correlation.fires(count):
            reason = correlation.reason(scene.data, scene.notes, count)
            hit = Hit(correlation.severity, reason, correlation.window_at(scene.time), {"count": float(count)})
            self._report(scene, speaker, hit, result)

    def _report(self, scene: Scene, speaker: Speaker, hit: Hit, result: StageResult) -> None:
        """Turn a hit into a signal, and into a finding where its window has not been reported yet."""
        if speaker.rests:
            hit = self._weighed(scene, hit)
        share = habit_share(scene, speaker.catalogue, self._thresholds)
        fired = scene.profile.fired
        fresh = not hit.window or fired.get(speaker.name) != hit.window
        if hit.window:
            fired[speaker.name] = hit.window
        if not speaker.queue:
            # What is about somebody else is a case of theirs: it weighs here, but is no news of this entity.
            is_news = fresh and hit.about is None
            said = Signal(speaker.catalogue, "rule", hit.severity, 1.0, hit.reason, is_news, speaker.rests, share)
            scene.visit.signals.append(said)
        if not fresh:
            return
        ground, history = self._ground(scene, speaker, hit), scene.profile.history
        again = history.fallen(ground) if ground is not None else 0
        finding = rule_finding(scene, self._stage, speaker, hit, again=again, share=share)
        result.findings.append(finding)
        if ground is not None:
            history.state(ground, scene.time, finding.id)

    def _weighed(self, scene: Scene, hit: Hit) -> Hit:
        """Make information of what rests on missing context, where context as such seems to be missing."""
        why = doubt(scene, self._thresholds)
        if not why:
            return hit
        count_suppressed(scene)
        return msgspec.structs.replace(
            hit, severity="info", reason=f"{hit.reason} {why}", features={**hit.features, "suppressed": 1.0}
        )

    def _ground(self, scene: Scene, speaker: Speaker, hit: Hit) -> int | None:
        """Return the hash of what the hit rests on, None where that cannot fall away."""
        if hit.ground:
            return ground_of_detector(speaker.name, hit.ground)
        if hit.window and speaker.rests and hit.about is None:
            return ground_of_detector(speaker.name, hit.window)
        may_fall = (not hit.window or hit.about is not None) and (
            speaker.rests or isinstance(scene.data, BillingTransaction)
        )
        return ground_of(scene) if may_fall else None

    def _clear(self, scene: Scene, speaker: Speaker, cleared: Cleared, result: StageResult) -> None:
        """Withdraw what a detector said of grounds that do not bear it any more; it may say so again later."""
        entity, history = Entity(self._stage, scene.ref), scene.profile.history
        for ground in cleared.grounds:
            for finding in history.take_back(ground_of_detector(speaker.name, ground)):
                scene.profile.fired.pop(speaker.name, None)
                result.retractions.append(
                    Retraction(finding_id=finding, at=scene.time, entity=entity, reason=cleared.reason)
                )

    def _accumulate(self, scene: Scene, result: StageResult) -> None:
        """Add what was said of the event, here or at earlier stops, to the risk of this entity."""
        history = scene.profile.history
        for signal in scene.visit.signals:
            if signal.kind == "rule" and signal.fresh and signal.detector != RISK:
                add_hit(history, signal.detector, signal.severity, scene.time, signal.share)
        hit = risen(history, scene.time)
        if hit is not None:
            result.findings.append(rule_finding(scene, self._stage, _RISK_SPEAKER, hit))


def _speaker(rule: CompiledRule | CompiledCorrelation) -> Speaker:
    said = rule.header.wardwatch
    return Speaker(rule.catalogue, rule.name, rule.version, EXPLAINED in said.needs, said.queue)
