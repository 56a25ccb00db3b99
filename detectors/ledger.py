"""One row of the ledger: what every step says of the events that it saw (design.md §3.4)."""

from msgspec import Struct


class LedgerRow(Struct, array_like=True):
    """A count for one source, hour and outcome.

    Where `last > first` the row is a run of records with one outcome each (`n == last - first + 1`) and may be
    counted in part; where they are equal, `n` events came out of one record and count all or none.
    `hour` is the hour of receipt in hours since the epoch. `outcome` is `received`, `scored`, `applied`,
    `duplicate`, `dead_letter:<reason>` or `filtered:<reason>`.
    """

    first: int
    last: int
    source: str
    hour: int
    outcome: str
    n: int
