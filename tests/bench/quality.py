"""How well the models find what is odd in public data sets, beside published figures.

    OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 python -m tests.bench.quality [creditcard] [adbench] [handbook] [nab]

Every row is scored before it is learned, in the order of the file, except where a table says otherwise. AUC and average
precision are exact (scikit-learn), the base rate stands beside them, seeds are named. The sets lie beside this
repository in `../shared/data`; one that is absent is skipped and said.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path

from tests.bench.quality_parts import adbench, credit_card, handbook, handbook_data, nab

SETS: dict[str, tuple[Path, Callable[[], None]]] = {
    "creditcard": (credit_card.FILE, credit_card.report),
    "adbench": (adbench.FOLDER, adbench.report),
    "handbook": (handbook_data.FILE, handbook.report),
    "nab": (nab.FOLDER, nab.report),
}


def main() -> None:
    """Print the tables of the sets that were asked for, all by default."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", nargs="*", metavar="SET", help=f"of {', '.join(SETS)}; all by default")
    asked = parser.parse_args().sets or list(SETS)
    for name in asked:
        if name not in SETS:
            parser.error(f"{name!r} is none of {', '.join(SETS)}")
        needed, report = SETS[name]
        if not needed.exists():
            print(f"{name}: skipped, {needed.name} is not here")
            continue
        began = time.monotonic()
        report()
        print(f"({name}: {time.monotonic() - began:.0f} s)", flush=True)


if __name__ == "__main__":
    main()
