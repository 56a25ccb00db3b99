"""What an evaluation reads: labels, scores and findings, from files (design.md §8) or from a replay in this process."""

import csv
import datetime
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Protocol

from msgspec import Struct

from detectors.finding import Entity, Finding, Severity
from detectors.result import Score
from detectors.retraction import Retraction

LABEL_COLUMNS = ("event_id", "scenario", "incident")
DECOY_COLUMNS = ("event_id", "decoy")
SCORE_COLUMNS = ("event_id", "time", "entity_type", "entity_ref", "risk", "alert")
"""The columns that are needed; others may stand beside them."""


class EvaluationInputError(Exception):
    """A file that cannot be evaluated; the text says which line and what is expected, never a value."""


class Label(Struct, frozen=True):
    """One labelled event: the scenario and the incident that it belongs to.

    It `completes` the incident where the events before it are by definition no case yet.
    """

    event_id: str
    scenario: str
    incident: str
    completes: bool = False


class ScoreRow(Struct, frozen=True):
    """One scored event. `time` is seconds since the epoch; `entity` names its last stop; `risk` is 0 to 100."""

    event_id: str
    time: float
    entity: tuple[str, str]
    risk: float
    alert: bool

    def __repr__(self) -> str:
        return "<ScoreRow>"


class FoundLike(Protocol):
    """What an evaluation asks of a finding; `detectors.finding.Finding` is one."""

    @property
    def event_id(self) -> str:
        """The event that it was made on."""

    @property
    def at(self) -> float:
        """Event time in seconds since the epoch."""

    @property
    def entity(self) -> Entity:
        """Whom it is about."""

    @property
    def severity(self) -> Severity:
        """How grave it is."""

    @property
    def detector(self) -> str:
        """The pattern or model that made it."""

    @property
    def alert(self) -> bool:
        """Whether the desk let it through to people."""

    @property
    def incident_id(self) -> str | None:
        """The case that holds it, if one does."""


class Collected:
    """A sink of a replay (`streams.replay.Sink`) that keeps what an evaluation needs."""

    def __init__(self) -> None:
        self.found: list[Finding] = []
        self.rows: list[ScoreRow] = []

    def findings(self, findings: Sequence[Finding]) -> None:
        """Keep the findings that alert or are part of a case."""
        self.found += [finding for finding in findings if finding.alert or finding.incident_id]

    def retractions(self, retractions: Sequence[Retraction]) -> None:
        """Ignore what was withdrawn: people were told."""

    def scores(self, scores: Sequence[Score], alerted: set[str]) -> None:
        """Keep the scores; `alerted` holds the ids of the events that made an alert."""
        self.rows += [
            ScoreRow(
                event_id=score.event_id,
                time=score.time,
                entity=(score.entity.type, score.entity.ref),
                risk=score.risk,
                alert=score.event_id in alerted,
            )
            for score in scores
        ]


def read_labels(lines: Iterable[str]) -> list[Label]:
    """Read `labels.csv`: a header, then one row a labelled event; a column `completes` with `yes` may be there.

    Raises:
        EvaluationInputError: naming the line.
    """
    return [
        Label(row["event_id"], row["scenario"], row["incident"], completes=row.get("completes") == "yes")
        for _, row in _rows(lines, LABEL_COLUMNS, "labels")
    ]


def read_decoys(lines: Iterable[str]) -> dict[str, str]:
    """Read `decoys.csv`: a header, then one row an event that is part of a decoy; return its name by event id.

    Raises:
        EvaluationInputError: naming the line.
    """
    return {row["event_id"]: row["decoy"] for _, row in _rows(lines, DECOY_COLUMNS, "decoys")}


def read_scores(lines: Iterable[str]) -> Iterator[ScoreRow]:
    """Read a scores file as a replay writes it: instants in RFC 3339, alerts `true` or `false`.

    Raises:
        EvaluationInputError: naming the line.
    """
    for number, row in _rows(lines, SCORE_COLUMNS, "scores"):
        try:
            moment = datetime.datetime.fromisoformat(row["time"])
            alert = {"true": True, "false": False}[row["alert"]]
            risk = float(row["risk"])
        except (ValueError, KeyError):
            message = f"scores, line {number}: expected an instant, a risk and true or false"
            raise EvaluationInputError(message) from None
        entity = (row["entity_type"], row["entity_ref"])
        yield ScoreRow(event_id=row["event_id"], time=moment.timestamp(), entity=entity, risk=risk, alert=alert)


def _rows(lines: Iterable[str], columns: Sequence[str], name: str) -> Iterator[tuple[int, Mapping[str, str]]]:
    reader = csv.DictReader(lines)
    missing = [column for column in columns if column not in (reader.fieldnames or ())]
    if missing:
        message = f"{name}: the header lacks {', '.join(missing)}"
        raise EvaluationInputError(message)
    for row in reader:
        if any(not isinstance(row[column], str) for column in columns):
            message = f"{name}, line {reader.line_num}: expected {len(columns)} columns at least"
            raise EvaluationInputError(message)
        yield reader.line_num, row
