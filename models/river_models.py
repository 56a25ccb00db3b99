"""The River detectors that are offered by name, each with the parameters that it needs to behave.

River is imported when one is built: a worker that uses none does not pay its 1.3 s and 135 MB.

Left out on purpose: `anomaly.OneClassSVM`, because it fails the contract (linear, it scores rows that are odd in every
column below ordinary ones: `tests/checks.py`), and `anomaly.LocalOutlierFactor`, because of 2 ms a row.

References:
    Pevny (2016), Loda: Lightweight On-line Detector of Anomalies, Machine Learning 102(2), pp. 275-304.
"""

from __future__ import annotations

from models.river_adapter import RiverAdapter


def loda(
    n_bins: int = 10, n_random_cuts: int = 100, seed: int = 1, warm_up: int = 100, memory: int = 2_000
) -> RiverAdapter:
    """LODA: histograms of random sparse projections.

    Args:
        n_bins: bins of each histogram.
        n_random_cuts: number of projections; the cost of a row grows with it (250 microseconds at 100).
        seed: of the projections; a number is required because a restored model must draw the same.
        warm_up: see `RiverAdapter`.
        memory: see `RiverAdapter`.
    """
    from river import anomaly  # noqa: PLC0415 - see above

    return RiverAdapter(
        lambda: anomaly.LODA(n_bins=n_bins, n_random_cuts=n_random_cuts, seed=seed), warm_up=warm_up, memory=memory
    )
