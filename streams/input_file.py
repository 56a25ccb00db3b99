"""One file that somebody hands in: opened once, its compression taken off, its beginning and its hash at hand.

gzip, xz, and ZIP archives of one file are recognised by their content. Memory stays small whatever the file holds.
"""

import gzip
import hashlib
import io
import lzma
import os
import shutil
import stat
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cached_property
from pathlib import Path
from typing import IO, BinaryIO, cast

from streams.formats import InputFileError
from streams.sources.inflation import LARGEST_RATIO, is_bomb
from streams.sources.zip_directory import is_too_long

HEAD_BYTES = 65_536
"""How much of a file is looked at to tell its format: room for notices, comments and XML headers."""

DAMAGED = "the compressed file is damaged or incomplete"

_BUFFER = 1 << 18
_GZIP = b"\x1f\x8b"
_XZ = b"\xfd7zXZ\x00"
_ZIP = b"PK\x03\x04"
_WORKBOOK_PART = "xl/workbook.xml"
_ENCRYPTED = 0x1
_DAMAGE = (EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, NotImplementedError, RuntimeError)
"""What the decompressors raise for damaged, unknown or encrypted content; `gzip.BadGzipFile` is an OSError."""


class InputFile:
    """A file while it is open.

    `stream` yields what is in it, and can be sought; `head` is its beginning; `size` is its bytes as they lie there.
    """

    def __init__(self, path: Path, file: IO[bytes], stream: BinaryIO) -> None:
        self.path = path
        self.stream = stream
        self._file = file
        self._status = os.fstat(file.fileno())
        self.size = self._status.st_size
        self.head = stream.read(HEAD_BYTES)
        stream.seek(0)

    @cached_property
    def digest(self) -> str:
        """The SHA-256 of its bytes as they lie there, in hexadecimal."""
        found, place = hashlib.sha256(), 0
        with _told(self.path):
            while piece := os.pread(self._file.fileno(), _BUFFER, place):
                found.update(piece)
                place += len(piece)
        return found.hexdigest()

    def position(self) -> int:
        """Return how many bytes of the file were read, before decompression."""
        return self._file.tell()

    def is_unchanged(self) -> bool:
        """Return whether the path still leads to this file, and nobody has written to it since it was opened.

        A pipe is always unchanged: its copy is our own.
        """
        try:
            there = self.path.stat()
        except OSError:
            return False
        same = _identity(there) == _identity(os.fstat(self._file.fileno())) == _identity(self._status)
        return same or not stat.S_ISREG(there.st_mode)

    def __repr__(self) -> str:
        return f"<InputFile of {self.size} bytes>"


@contextmanager
def open_input(path: Path, *, follow_links: bool = True) -> Iterator[InputFile]:
    """Open a file for as long as the block lasts.

    Reading what is damaged raises `InputFileError` wherever in the block it is noticed.

    Args:
        path: the file; a pipe is copied to an unnamed temporary file first, for it is read twice.
        follow_links: whether the path may be a symbolic link.

    Raises:
        InputFileError: where it cannot be read or unpacked; the text names the file and says why.
    """
    with ExitStack() as opened:
        try:
            file = _seekable(_open(path, follow_links=follow_links, opened=opened), opened)
            unpacked = _unpacked(path, file, opened)
        except OSError as error:
            raise _unreadable(path, error) from None
        checked = _Checked(path, file, unpacked)
        yield InputFile(path, file, cast("BinaryIO", io.BufferedReader(checked, _BUFFER)))


def _open(path: Path, *, follow_links: bool, opened: ExitStack) -> io.BufferedReader:
    flags = os.O_RDONLY | (0 if follow_links else os.O_NOFOLLOW)
    return opened.enter_context(os.fdopen(os.open(path, flags), "rb"))


def _seekable(file: io.BufferedReader, opened: ExitStack) -> io.BufferedReader:
    if file.seekable():
        return file
    copy = opened.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 - the stack closes it
    shutil.copyfileobj(file, copy)
    copy.flush()
    copy.seek(0)
    return cast("io.BufferedReader", copy)


def _unpacked(path: Path, file: IO[bytes], opened: ExitStack) -> IO[bytes]:
    """Return the stream of what the file holds: the file itself where it is not compressed."""
    start = file.read(len(_XZ))
    file.seek(0)
    if start.startswith(_GZIP):
        return cast("IO[bytes]", opened.enter_context(gzip.GzipFile(fileobj=file)))
    if start.startswith(_XZ):
        return opened.enter_context(lzma.LZMAFile(file))
    return _member(path, file, opened) if start.startswith(_ZIP) else file


def _member(path: Path, file: IO[bytes], opened: ExitStack) -> IO[bytes]:
    """Return the one file of a ZIP archive; a workbook is a ZIP archive too, and is left as it is."""
    if is_too_long(file):
        raise _refused(path, "the archive holds too many files; unpack it, and hand in each by itself")
    try:
        archive = opened.enter_context(zipfile.ZipFile(file))
        parts = [part for part in archive.infolist() if not part.is_dir()]
        if any(part.filename == _WORKBOOK_PART for part in parts):
            file.seek(0)
            return file
        if len(parts) == 1 and not parts[0].flag_bits & _ENCRYPTED:
            return opened.enter_context(archive.open(parts[0]))
    except _DAMAGE:
        raise _refused(path, DAMAGED) from None
    if len(parts) == 1:
        raise _refused(path, "the archive is encrypted; unpack it first")
    raise _refused(path, f"the archive holds {len(parts)} files; unpack it, and hand in each by itself")


class _Checked(io.RawIOBase):
    """Reads what a file holds; whatever goes wrong is an `InputFileError`."""

    def __init__(self, path: Path, file: IO[bytes], unpacked: IO[bytes]) -> None:
        self._path = path
        self._file = file
        self._unpacked = unpacked

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        with _told(self._path):
            return self._unpacked.seek(offset, whence)

    def tell(self) -> int:
        return self._unpacked.tell()

    def readinto(self, buffer: "memoryview") -> int:  # type: ignore[override]  # what BufferedReader passes
        with _told(self._path):
            piece = self._unpacked.read(len(buffer))
        buffer[: len(piece)] = piece
        if self._unpacked is not self._file and is_bomb(self._file.tell(), self.tell()):
            raise _refused(self._path, f"unpacks to more than {LARGEST_RATIO} times its size")
        return len(piece)


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise _unreadable(path, error) from None
    except _DAMAGE:
        raise _refused(path, DAMAGED) from None


def _unreadable(path: Path, error: OSError) -> InputFileError:
    return _refused(path, error.strerror or DAMAGED)


def _refused(path: Path, why: str) -> InputFileError:
    return InputFileError(f"{path}: {why}")


def _identity(status: os.stat_result) -> tuple[int, ...]:
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns
