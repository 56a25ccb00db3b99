"""A finding as a row of numbers for the model that learns from verdicts.

Detectors come and go and each has numbers of its own, so columns are hashed (Weinberger et al. 2009, "Feature hashing
for large scale multitask learning"): a detector's word and each of its numbers has the column of its name's checksum.
"""

import math
import zlib
from collections.abc import Sequence

import numpy as np

from detectors.finding import SEVERITIES, Finding
from models.api import Matrix

HASHED = 256
WIDTH = HASHED + 6
_DAY = 86_400.0
_WEEKEND = (2, 3)
"""1 January 1970 was a Thursday: days 2 and 3 of each week since are Saturday and Sunday."""


def rows_of(findings: Sequence[Finding]) -> Matrix:
    """Return a matrix of shape (number of findings, `WIDTH`).

    A number enters as the signed logarithm of 1 plus its size; one that is not finite is left out.
    """
    rows = np.zeros((len(findings), WIDTH))
    for row, finding in zip(rows, findings, strict=True):
        row[_column(finding.detector, finding.kind)] += 1.0
        for name, value in finding.features.items():
            if math.isfinite(value):
                row[_column(finding.detector, name)] += math.copysign(math.log1p(abs(value)), value)
        turn = 2 * math.pi * (finding.at % _DAY) / _DAY
        row[HASHED:] = (
            finding.risk / 100,
            SEVERITIES.index(finding.severity),
            len(finding.entities),
            math.sin(turn),
            math.cos(turn),
            int(finding.at // _DAY) % 7 in _WEEKEND,
        )
    return rows


def _column(detector: str, name: str) -> int:
    return zlib.crc32(f"{detector}\x1f{name}".encode()) % HASHED
