"""How fast FHIR AuditEvents become accesses, against the parse of the same records by fhir.resources.

    python -m tests.bench.fhir

Both in the same run, one after the other in every repetition; the medians of the repetitions and of their ratios are
shown. Ours reads NDJSON to canonical events with ids; theirs builds and validates the model, and nothing more.
"""

import io
import json
import statistics
import sys
import time

from fhir.resources.R4B.auditevent import AuditEvent

from streams.sources.api import Origin
from streams.sources.fhir import read_fhir
from tests.streams.sources.fhir.samples import audit_event

REPETITIONS, OURS, THEIRS = 7, 10_000, 1_000
LEAST_RATIO = 10.0
"""Times as fast as fhir.resources (the issue's target)."""

ORIGIN = Origin(source="urn:wardwatch:bench", file_id="bench")


def main() -> int:
    """Measure, print, and return 1 where the target is missed."""
    lines = [json.dumps(audit_event(id=f"a{number}")).encode() for number in range(OURS)]
    payload = b"\n".join(lines)
    ours, theirs = [], []
    for _ in range(REPETITIONS):
        start = time.perf_counter()
        count = sum(1 for _ in read_fhir(io.BytesIO(payload), ORIGIN))
        ours.append(count / (time.perf_counter() - start))
        start = time.perf_counter()
        for line in lines[:THEIRS]:
            AuditEvent.model_validate_json(line)
        theirs.append(THEIRS / (time.perf_counter() - start))
    ratio = statistics.median(mine / other for mine, other in zip(ours, theirs, strict=True))
    print(f"read_fhir      {statistics.median(ours):>10,.0f} AuditEvents/s")
    print(f"fhir.resources {statistics.median(theirs):>10,.0f} AuditEvents/s")
    print(f"ratio          {ratio:>10.1f}  (at least {LEAST_RATIO:.0f})")
    return 0 if ratio >= LEAST_RATIO else 1


if __name__ == "__main__":
    sys.exit(main())
