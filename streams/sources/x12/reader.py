"""`read_x12`: a file of interchanges to events and refusals."""

import datetime
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, cast

from streams.sources.api import Item, Origin
from streams.sources.x12.segments import Stray, runs
from streams.sources.x12.survey import survey
from streams.sources.x12.walk import Walk

_HELD_IN_MEMORY = 16 * 1024 * 1024
"""A stream that cannot be read twice is copied: up to this size in memory, beyond in an unnamed temporary file."""


def read_x12(stream: BinaryIO, origin: Origin, zone: datetime.tzinfo = datetime.UTC) -> Iterator[Item]:
    """Read 837P, 837I and 835 transaction sets, as many interchanges as there are.

    Yields an event for each claim, claim payment and provider adjustment in the order of the file, and a refusal for
    each record that cannot be one, for each other transaction set, and for each set, group or interchange whose counts
    or control numbers do not agree. The stream is read twice from where it stands; memory does not grow with it.

    Args:
        stream: bytes; read from where it stands, left open.
        origin: where they come from.
        zone: the zone of the times in the file, which carry none.
    """
    with _twice(stream) as held:
        start = held.tell()
        found = survey(runs(held))
        held.seek(start)
        walk = Walk(origin, zone, found)
        for run in runs(held):
            yield from walk.stray(run) if isinstance(run, Stray) else walk.walk(run)
        yield from walk.end()


@contextmanager
def _twice(stream: BinaryIO) -> Iterator[BinaryIO]:
    if stream.seekable():
        yield stream
        return
    with tempfile.SpooledTemporaryFile(max_size=_HELD_IN_MEMORY) as copied:
        shutil.copyfileobj(stream, copied)
        copied.seek(0)
        yield cast("BinaryIO", copied)
