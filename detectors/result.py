"""What one step of a stage says: changed profiles, visits going on, findings, failures, counts and scores."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from detectors.finding import Entity, Finding
from detectors.ledger import LedgerRow
from detectors.retraction import Retraction
from detectors.visit import Batch


class Failure(Struct):
    """A detector that raised on an event: its name, and the class of the error; never its text."""

    event_id: str
    detector: str
    error: str


class Score(Struct):
    """The final risk of one event, for the scores file. `time` is seconds since the epoch, `risk` 0 to 100."""

    event_id: str
    time: float
    type: str
    entity: Entity
    risk: float
    top_detector: str


@dataclass
class StageResult:
    """What one step changes and says.

    `profiles` maps an entry's key to its new bytes, or to None where it goes. `onward` holds one batch per arrival that
    sends anything on. `retractions` withdraw findings of this stage that were made before. `peers` holds the histograms
    of peers to be published, by key. `features` maps event ids to their scaled rows where the stage was asked to keep
    them.
    """

    profiles: dict[str, bytes | None] = field(default_factory=dict)
    onward: list[Batch] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    retractions: list[Retraction] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    rows: list[LedgerRow] = field(default_factory=list)
    scores: list[Score] = field(default_factory=list)
    peers: dict[str, bytes | None] = field(default_factory=dict)
    features: dict[str, npt.NDArray[np.float64]] = field(default_factory=dict)
