"""Whether the list of a ZIP archive is small enough to be read: `zipfile` makes an object of every entry it is told."""

import struct
from typing import IO

LARGEST_DIRECTORY = 1024 * 1024
"""Bytes of the central directory; an entry has about a hundred, and as many as this is takes 20 MiB of memory."""

_END, _END_BYTES = b"PK\x05\x06", 22
_SIZE_AT = 12
_LOCATOR, _LOCATOR_BYTES = b"PK\x06\x07", 20
_LONGEST_COMMENT = 65_535
"""APPNOTE.TXT, sections 4.3.15 and 4.3.16."""


def is_too_long(file: IO[bytes]) -> bool:
    """Return whether the list of parts is too long to be read, or of the form that only larger archives need (ZIP64).

    Whatever looks like the end of a list counts, for it is not said which of several a program takes. Goes back to the
    beginning of the file.
    """
    size = file.seek(0, 2)
    file.seek(max(0, size - _END_BYTES - _LONGEST_COMMENT - _LOCATOR_BYTES))
    tail = file.read()
    file.seek(0)
    at = tail.find(_END)
    while 0 <= at <= len(tail) - _END_BYTES:
        (length,) = struct.unpack_from("<L", tail, at + _SIZE_AT)
        if length > LARGEST_DIRECTORY or tail.startswith(_LOCATOR, max(0, at - _LOCATOR_BYTES)):
            return True
        at = tail.find(_END, at + 1)
    return False
