"""What a replay may not write yet: findings that the budget may still release, and the scores of their events."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from detectors.finding import Finding
from detectors.result import Score


class Unsettled:
    """Holds findings back until their fate is certain. A few for every alert of the budget, so memory is bounded."""

    def __init__(self) -> None:
        self._findings: dict[str, Finding] = {}
        self._scores: dict[str, list[Score]] = {}
        self._alerted: set[str] = set()

    def settle(
        self, findings: Sequence[Finding], released: Mapping[str, Finding], waiting: Collection[str] | None
    ) -> list[Finding]:
        """Return the findings that are certain now: of those held so far, and of new ones.

        Args:
            findings: new ones, as the desk decided.
            released: those that the desk let go, by id.
            waiting: ids of all that may still be released; None where the desk was not asked.
        """
        still = self._findings.keys() if waiting is None else waiting
        certain = [released.get(one, finding) for one, finding in self._findings.items() if one not in still]
        self._findings = {one: finding for one, finding in self._findings.items() if one in still}
        for finding in findings:
            if finding.id in still:
                self._findings[finding.id] = finding
            else:
                certain.append(finding)
        return certain

    def scored(self, scores: Iterable[Score], alerted: Collection[str]) -> tuple[list[Score], set[str]]:
        """Return the scores of which it is certain whether their event alerts, and the events among them that do.

        Args:
            scores: new ones.
            alerted: events of findings that are certain now and alert.
        """
        uncertain = {finding.event_id for finding in self._findings.values()}
        self._alerted.update(alerted)
        certain: list[Score] = []
        for event_id in [one for one in self._scores if one not in uncertain]:
            certain += self._scores.pop(event_id)
        for score in scores:
            if score.event_id in uncertain:
                self._scores.setdefault(score.event_id, []).append(score)
            else:
                certain.append(score)
        told = {score.event_id for score in certain} & self._alerted
        self._alerted = {event_id for event_id in self._alerted if event_id in uncertain}
        return certain, told
