"""How fast audit messages become accesses, from a file and from syslog frames.

    python -m tests.bench.atna

Messages of one patient with a query of 400 bytes, a user, a client and a server: 1.9 kB each. Medians of repetitions.
"""

import base64
import io
import statistics
import sys
import time
from collections.abc import Callable

from streams.sources.api import Origin
from streams.sources.atna import parse_syslog, read_atna
from tests.streams.sources.atna.samples import HEADER, PATIENT, USER, message

REPETITIONS, MESSAGES = 7, 2_000
LEAST = 2_000.0
"""Messages a second (the issue's target)."""

ORIGIN = Origin(source="urn:wardwatch:bench", file_id="bench")

CLIENT = (
    '<ActiveParticipant UserID="https://ehr.example.org/ws" AlternativeUserID="4711" UserIsRequestor="false" '
    'NetworkAccessPointID="10.1.2.3" NetworkAccessPointTypeCode="2">'
    '<RoleIDCode csd-code="110153" codeSystemName="DCM" originalText="Source Role ID"/></ActiveParticipant>'
)
SERVER = CLIENT.replace("110153", "110152").replace("ehr.", "mpi.")
QUERY = (
    '<ParticipantObjectIdentification ParticipantObjectID="q1" ParticipantObjectTypeCode="2" '
    'ParticipantObjectTypeCodeRole="24"><ParticipantObjectIDTypeCode csd-code="ITI-47" codeSystemName="IHE" '
    f'originalText="PDQ"/><ParticipantObjectQuery>{base64.b64encode(b"q" * 300).decode()}</ParticipantObjectQuery>'
    "</ParticipantObjectIdentification>"
)


def messages() -> list[bytes]:
    """Return the messages, each another event, with syslog headers."""
    return [
        HEADER
        + message(
            event="110112", type_="ITI-47", action="E", at=f"2026-03-02T09:{number // 60 % 60:02}:{number % 60:02}Z",
            participants=USER + CLIENT + SERVER, objects=QUERY + PATIENT,
        )
        for number in range(MESSAGES)
    ]  # fmt: skip


def main() -> int:
    """Measure, print, and return 1 where the target is missed."""
    frames = messages()
    file = b"\n".join(frames)
    rates = {
        "read_atna": _rate(lambda: sum(1 for _ in read_atna(io.BytesIO(file), ORIGIN))),
        "parse_syslog": _rate(lambda: sum(len(parse_syslog(one, ORIGIN)) for one in frames)),
    }
    print(f"{len(frames[0]):,} bytes a message")
    for name, rate in rates.items():
        print(f"{name:<14} {rate:>8,.0f} messages/s  (at least {LEAST:,.0f})")
    return 0 if min(rates.values()) >= LEAST else 1


def _rate(run: Callable[[], int]) -> float:
    rates = []
    for _ in range(REPETITIONS):
        start = time.perf_counter()
        count = run()
        rates.append(count / (time.perf_counter() - start))
    return statistics.median(rates)


if __name__ == "__main__":
    sys.exit(main())
