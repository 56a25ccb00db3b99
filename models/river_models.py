"""The River detectors that are offered by name, each with the parameters that it needs to behave.

River is imported when one is built: a worker that uses none does not pay its 1.3 s and 135 MB.

References:
    Schoelkopf et al. (2001), Estimating the Support of a High-Dimensional Distribution, Neural Computation 13(7).
    Pevny (2016), Loda: Lightweight On-line Detector of Anomalies, Machine Learning 102(2).
"""

from __future__ import annotations

from models.river_adapter import RiverAdapter


def one_class_svm(nu: float = 0.1, warm_up: int = 100, memory: int = 2_000) -> RiverAdapter:
    """A linear one-class SVM behind a scaler; deterministic, so it takes no seed.

    Args:
        nu: expected share of anomalies, in (0, 1).
        warm_up: see `RiverAdapter`.
        memory: see `RiverAdapter`.
    """
    from river import anomaly, preprocessing  # noqa: PLC0415 - see above

    return RiverAdapter(
        lambda: preprocessing.StandardScaler() | anomaly.OneClassSVM(nu=nu), warm_up=warm_up, memory=memory
    )


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
