"""Reviewers for a backtest: people who judge every case that alerted, some days later, and are right.

What verdicts are worth can only be seen where there are some: with `--verdicts-after` the backtest gives each case the
verdict that its labels call for, and the desk learns from it as it does live.
"""

from collections import deque
from collections.abc import Collection, Sequence

from alerting.commands import Acknowledge, Resolve
from alerting.desk import Desk
from alerting.transitions import IllegalTransition
from detectors.finding import Finding
from detectors.retraction import Retraction
from detectors.stage import Score
from streams.replay import Sink

NAME = "reviewer"


class Reviewers:
    """Passes everything on to another sink, and has the desk told verdicts when they are due.

    A case is confirmed where one of its findings is about a labelled event, and cleared otherwise. Nobody judges a case
    twice: what reopens it was not in the reviewer's view.

    Args:
        sink: where everything goes.
        labelled: ids of the labelled events.
        delay: seconds of event time from a case's first alert to the verdict.
    """

    def __init__(self, sink: Sink, labelled: Collection[str], delay: float) -> None:
        self._sink = sink
        self._labelled = frozenset(labelled)
        self._delay = delay
        self._due: deque[tuple[float, str]] = deque()
        self._cases: set[str] = set()
        self._true: set[str] = set()
        self._desk: Desk | None = None
        self.now = 0.0
        self.judged = 0

    def clock(self) -> float:
        """The time of the desk: event time, in seconds since the epoch."""
        return self.now

    def meet(self, desk: Desk) -> None:
        """Take note of whom to tell."""
        self._desk = desk

    def findings(self, findings: Sequence[Finding]) -> None:
        """Take findings as the desk decided on them."""
        self._sink.findings(findings)
        for finding in findings:
            self.now = max(self.now, finding.at)
            if finding.incident_id is None:
                continue
            if finding.event_id in self._labelled:
                self._true.add(finding.incident_id)
            if finding.alert and finding.incident_id not in self._cases:
                self._cases.add(finding.incident_id)
                self._due.append((self.now + self._delay, finding.incident_id))
        while self._due and self._due[0][0] <= self.now:
            self._judge(self._due.popleft()[1])

    def scores(self, scores: Sequence[Score], alerted: set[str]) -> None:
        """Take the scores of events."""
        self._sink.scores(scores, alerted)

    def retractions(self, retractions: Sequence[Retraction]) -> None:
        """Take word of findings that are withdrawn."""
        self._sink.retractions(retractions)

    def _judge(self, case: str) -> None:
        if self._desk is None:
            raise RuntimeError("reviewers judge for a desk that they have met")
        verdict = Resolve(
            incident_id=case,
            actor=NAME,
            verdict="true_positive_policy" if case in self._true else "benign_explained",
            reason="by its labels",
        )
        try:
            self._desk.handle(Acknowledge(incident_id=case, actor=NAME))
            self._desk.handle(verdict)
        except IllegalTransition:
            return  # it was resolved by itself: all that it rested on was withdrawn
        self.judged += 1
