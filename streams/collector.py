"""Python's garbage collector, set for processes that keep a great many live objects."""

import gc

YOUNG = 100_000
"""Objects allocated, less those freed, between two looks at the young. Python's 700 is a few dozen events."""

YOUNG_LOOKS, MIDDLE_LOOKS = 50, 100
"""Looks at a generation between two looks at the next."""


def settle_collector() -> None:
    """Take everything that was imported and built so far out of the collector's sight, and make it look more rarely.

    A worker and a replay keep hundreds of thousands of decoded profiles, which are never garbage in cycles; walking
    over them again and again costs 6 % of a replay and more of a worker (docs/benchmarks.md). Reference counting frees
    what a batch leaves behind. Call it once, when the process is put together.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, YOUNG_LOOKS, MIDDLE_LOOKS)
