"""Inputs made to be slow or large: repetition, nesting, what never ends. Each target takes each in bounded means.

`python -m tests.fuzz.adversarial [TARGET…]` runs them in a process of its own, which the system ends where one input
takes more seconds of processor time than `CPU_SECONDS`, and which fails where memory grows by more than `GROWTH_MIB`.
Both are far above what is needed and far below what a quadratic reader would take.
"""

import io
import resource
import signal
import sys
from collections.abc import Iterator

from streams.sources.api import Refused
from tests.fuzz.properties import Broken
from tests.fuzz.targets import TARGETS, Target
from tests.streams.sources.lazy import Lazy, binary

SIZE = 60_000
"""Bytes of a case that is held in memory."""

SIZES = {"syslog": 300_000, "mllp": 300_000, "mapping": 15_000, "rules": 15_000, "rule_tests": 15_000}
"""Of the targets that need another: large for what strangers can send, small for documents that a person writes."""

ENDLESS_MIB = 4
"""Size of a case that is made while it is read."""

CPU_SECONDS = 20
GROWTH_MIB = 500
_DEPTH = 100_000

_PIECES = (b"A", b"\0", b" ", b"\n", b"\r", b"\r\n", b'"', b",", b"'", b"\\", b"a<b/>", b"<a>", b"</a>", b"[", b'{"a":',
           b"\\u0041", b"<", b"&", b"- ", b"? ", b"a: ", b"*", b"~", b"9", b"=", b"<!--", b"<?")  # fmt: skip
_NESTED = ((b"[", b"]"), (b'{"a":', b"}"), (b"<a>", b"</a>"), (b"(", b")"))


def cases(target: Target, size: int) -> Iterator[tuple[str, bytes]]:
    """Yield name and content of some `size` bytes."""
    sample = target.samples[0]
    half = len(sample) // 2
    for number, other in enumerate(target.samples[1:], 1):
        for end in (b"\n", b"\r"):
            yield (
                f"sample {number} with {end!r} within",
                other[: len(other) // 2] + end * size + other[len(other) // 2 :],
            )
    for piece in dict.fromkeys((*target.syntax, *_PIECES)):
        repeated = piece * (size // len(piece))
        yield f"{piece!r} from the beginning", repeated
        yield f"{piece!r} from the end on", sample + repeated
        yield f"{piece!r} within", sample[:half] + repeated + sample[half:]
    for before, after in _NESTED:
        yield f"{before!r} deep", before * _DEPTH + after * _DEPTH
        yield f"{before!r} deep within", sample[:half] + before * _DEPTH + after * _DEPTH + sample[half:]
    for mark in target.syntax:
        for number, part in enumerate(sample.split(mark)[:12]):
            yield (
                f"part {number} by {mark!r} repeated",
                sample.replace(part + mark, (part + mark) * (size // 40), 1)[:size],
            )


def endless(target: Target) -> Iterator[tuple[str, Lazy]]:
    """Yield name and a stream that is never ended, or that ends nothing it begins."""
    sample = target.samples[0]
    for piece in (b"A", b'"', b" ", sample[: len(sample) // 2]):
        block = piece * (65_536 // len(piece))
        yield f"{piece[:8]!r} without end", Lazy([sample[: len(sample) // 2], *[block] * (ENDLESS_MIB * 16)])


def _exhausted(target: Target, stream: io.RawIOBase | io.BytesIO) -> None:
    try:
        found = target.run(binary(stream) if isinstance(stream, io.RawIOBase) else stream)
        for item in found if isinstance(found, Iterator) else ():
            if isinstance(item, Refused) and item.reason == "reader_error":
                raise Broken(item.place)
    except target.errors:
        return


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def run(name: str) -> int:
    """Run all cases of one target and return how many.

    Raises:
        Broken: where memory grew too much.
    """
    target = TARGETS[name]
    before, number = _peak(), 0
    streams: Iterator[tuple[str, io.RawIOBase | io.BytesIO]] = (
        (case, io.BytesIO(content)) for case, content in cases(target, SIZES.get(name, SIZE))
    )
    for case, stream in (*streams, *(endless(target) if target.is_source else ())):
        sys.stdout.write(f"{name}: {case}\n")
        sys.stdout.flush()
        signal.setitimer(signal.ITIMER_PROF, CPU_SECONDS)
        _exhausted(target, stream)
        signal.setitimer(signal.ITIMER_PROF, 0)
        number += 1
        if _peak() - before > GROWTH_MIB:
            message = f"{_peak() - before} MiB more than before"
            raise Broken(message)
    return number


if __name__ == "__main__":
    for asked in sys.argv[1:] or TARGETS:
        run(asked)
