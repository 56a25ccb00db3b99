"""The numbers that models see: one row an event, each column with a fixed scale and a sentence.

Scales are fixed, not learned: a scale learned from the stream would peek ahead or be bent by the very burst it should
show (measured: Half-Space Trees with online min-max scored AUC 0.303 on attacks in natural order).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from detectors.events import AccessEvent, BillingTransaction
from detectors.profiles.instrument import InstrumentProfile
from detectors.profiles.user import UserProfile
from detectors.scene import Scene
from models.api import Snapshot
from models.reservoir import Reservoir

Matrix = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Feature:
    """One column.

    Args:
        name: unique in its stage.
        sentence: what it says of the entity, with `value`.
        top: raw value that becomes 1; counts and amounts are scaled by log(1 + x).
        is_count: whether it is a count or an amount; else it is a share or a flag.
        usual: how to compare it with the usual value here; empty where that says nothing.
        beside: notes of the event to compare it with, each with how to say it.
    """

    name: str
    sentence: str
    top: float
    is_count: bool = True
    usual: str = "usual here: {usual:,.0f}"
    beside: tuple[tuple[str, str], ...] = ()

    def raw(self, scaled: float) -> float:
        """Return the raw value of a scaled one."""
        return math.expm1(scaled * math.log1p(self.top)) if self.is_count else scaled * self.top

    def told(self, value: float, usual: float, notes: Mapping[str, object]) -> str:
        """Say a value, with what it is to be compared with in brackets."""
        compared = [self.usual.format(usual=usual)] if self.usual else []
        for note, said in self.beside:
            other = notes.get(note)
            if isinstance(other, int | float) and other:
                compared.append(said.format(other=other))
        brackets = f" ({'; '.join(compared)})" if compared else ""
        return self.sentence.format(value=value) + brackets


_SHARE = "as {usual:.1%} of events here"
"""How a flag is compared: by the share of events that have it."""

USER_FEATURES = (
    Feature(
        "patients_1h",
        "opened {value:,.0f} different records within an hour",
        240,
        beside=(("user.patients_1h_highest", "this user's highest hour before: {other:,.0f}"),),
    ),
    Feature("patients_24h", "opened {value:,.0f} records within a day", 2_000),
    Feature("unexplained_24h", "opened {value:,.0f} records in a day without a known reason", 60),
    Feature("unexplained", "opened a record without a known reason", 1, is_count=False, usual=_SHARE),
    Feature("first_pair", "opened this patient's record for the first time", 1, is_count=False, usual=_SHARE),
    Feature("hour_rarity", "worked at an hour that is unusual for this user", 1, is_count=False, usual=""),
    Feature(
        "limit_share", "reached {value:.1f} times the limit of records an hour", 4, usual="usual here: {usual:.1f}"
    ),
    Feature("records_moved", "moved {value:,.0f} records out of the system", 100_000),
    Feature("writes_out", "printed, exported or sent a record", 1, is_count=False, usual=_SHARE),
    Feature("sensitive", "opened a record of special sensitivity", 1, is_count=False, usual=_SHARE),
)

INSTRUMENT_FEATURES = (
    Feature("amount", "moved ${value:,.2f}", 50_000, usual="usual here: ${usual:,.2f}"),
    Feature("attempts_1m", "was tried {value:,.0f} times within a minute", 60),
    Feature("attempts_60m", "was tried {value:,.0f} times within an hour", 600),
    Feature("cards_60m", "was used with {value:,.0f} cards within an hour", 200),
    Feature("declined_60m", "had {value:,.0f} payments refused within an hour", 200),
    Feature("declined", "had the payment refused", 1, is_count=False, usual=_SHARE),
    Feature("night", "was used at night", 1, is_count=False, usual=_SHARE),
)

OUTWARD = frozenset({"print", "export", "download", "transmit", "disclose"})


def user_row(scene: Scene) -> list[float] | None:
    """Return the raw features of a chart access; None for anything else at the user stage."""
    access, notes = scene.data, scene.notes
    if not isinstance(access, AccessEvent) or "user.patients_1h" not in notes:
        return None
    profile: UserProfile = scene.profile
    return [
        _number(notes.get("user.patients_1h")),
        _number(notes.get("user.patients_24h")),
        _number(notes.get("user.unexplained_24h")),
        0.0 if notes.get("rel.explained") or not notes.get("rel.context_ok") else 1.0,
        1.0 if notes.get("rel.first_pair") else 0.0,
        hour_rarity(profile, scene.time),
        _number(notes.get("user.mass_access_ratio")),
        float(access.volume.records) if access.volume else 0.0,
        1.0 if access.action in OUTWARD else 0.0,
        1.0 if access.resource and access.resource.sensitivity else 0.0,
    ]


HOURS_FORGET = 0.999
"""Weight that the hours of the day keep per access: an effective memory of 1,000 accesses."""


def hour_rarity(profile: UserProfile, at: float) -> float:
    """Return 1 minus how common this hour (UTC) is for the user, relative to the most common one; then learn it."""
    if not profile.hours_of_day:
        profile.hours_of_day = [0.0] * 24
    hours, hour = profile.hours_of_day, int(at % 86_400 // 3_600)
    most = max(hours)
    rarity = 1.0 - hours[hour] / most if most >= 20 else 0.0
    hours[hour] += 1.0
    if hours[hour] > 1 / (1 - HOURS_FORGET):
        profile.hours_of_day = [count / 2 for count in hours]
    return rarity


def instrument_row(scene: Scene) -> list[float] | None:
    """Return the raw features of a card payment at one of its instruments; None for anything else."""
    transaction = scene.data
    if not isinstance(transaction, BillingTransaction) or transaction.kind != "patient_payment":
        return None
    profile: InstrumentProfile = scene.profile
    if not profile.attempts:
        return None
    at = scene.time
    hour = [attempt for attempt in profile.attempts if at - 3_600 < attempt.at <= at]
    now = next((attempt for attempt in reversed(hour) if attempt.at == at), None)
    return [
        (now.amount if now else 0) / 100,
        float(sum(at - 60 < attempt.at for attempt in hour)),
        float(len(hour)),
        float(len({attempt.card for attempt in hour})),
        float(sum(attempt.declined for attempt in hour)),
        float(now.declined) if now else 0.0,
        1.0 if at % 86_400 < 5 * 3_600 else 0.0,
    ]


def scaled(raw: Sequence[Sequence[float]], features: Sequence[Feature]) -> Matrix:
    """Scale raw rows, shape (n, d), into [0, 1] by the fixed scale of each column."""
    matrix = np.asarray(raw, dtype=np.float64)
    counts = np.array([feature.is_count for feature in features])
    tops = np.array([math.log1p(feature.top) if feature.is_count else feature.top for feature in features])
    clipped = np.maximum(matrix, 0.0)
    np.log1p(clipped, out=clipped, where=counts)
    result: Matrix = np.minimum(clipped / tops, 1.0)
    return result


class Typical:
    """What is ordinary here: a sample of the scaled rows, for reasons to compare with.

    The middle of a column is its median, a value that rows have: the mean of a flag lies where no row is.
    """

    SAMPLE = 1_000

    def __init__(self, width: int) -> None:
        self._width = width
        self._reservoir = Reservoir(self.SAMPLE, seed=1)
        self._middle: Matrix | None = None

    @property
    def middle(self) -> Matrix:
        """The median of every scaled column, shape (d,); 0 where nothing is known."""
        if self._middle is None:
            rows = self._reservoir.rows
            self._middle = np.median(rows, axis=0) if len(rows) else np.zeros(self._width)
        return self._middle

    def learn(self, rows: Matrix) -> None:
        """Learn a batch of scaled rows."""
        self._reservoir.add(rows)
        self._middle = None

    def raw(self, features: Sequence[Feature]) -> list[float]:
        """Return what is usual on the raw scale: the median of a count, the share of events that have a flag."""
        rows = self._reservoir.rows
        shares = rows.mean(axis=0) if len(rows) else np.zeros(self._width)
        scaled = np.where([feature.is_count for feature in features], self.middle, shares)
        return [feature.raw(value) for feature, value in zip(features, scaled.tolist(), strict=True)]

    def snapshot(self) -> Snapshot:
        """Copy the state out."""
        return self._reservoir.snapshot()

    def restore(self, snapshot: Snapshot) -> None:
        """Continue from a snapshot.

        Raises:
            ValueError: where it is damaged.
        """
        self._reservoir.restore(snapshot)
        self._middle = None


def sentence(
    subject: str,
    raw: Sequence[float],
    columns: Sequence[int],
    features: Sequence[Feature],
    *,
    usual: Sequence[float],
    notes: Mapping[str, object],
) -> str:
    """Say which numbers make the row unusual, what is usual here, and what the entity itself did before.

    Args:
        subject: who, as in "This user".
        raw: the raw row.
        columns: the columns to name, the weightiest first.
        features: of all columns.
        usual: the usual raw value of every column.
        notes: of the event, for what features are compared with besides.
    """
    said = [features[column].told(raw[column], usual[column], notes) for column in columns]
    if not said:
        return f"{subject} shows an unusual combination of ordinary numbers."
    together = f"{', '.join(said[:-1])} and {said[-1]}" if len(said) > 1 else said[0]
    return f"{subject} {together}: {'a combination' if len(said) > 1 else 'a number'} that is rare here."


_NUMBERS = (int, float)
"""Put together once: every row asks for it four times."""


def _number(value: object) -> float:
    return float(value) if isinstance(value, _NUMBERS) else 0.0
