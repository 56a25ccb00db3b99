"""Whom a provider met, week by week, as a sample of bounded size (B21)."""

from msgspec import Struct


class Meetings(Struct, array_like=True):
    """A sample of pairs of patient and week (`detectors/peers/sharing.py`).

    `met` maps the hash of a pair to its week since the epoch and the number of claims for it; only hashes below `limit`
    are kept, all where it is 0. `practice` and `place` are hashes of tax number and address, `looked_in` is the week in
    which the sample was last published.
    """

    met: dict[int, tuple[int, int]] = {}
    limit: int = 0
    practice: int = 0
    place: int = 0
    looked_in: int = 0
