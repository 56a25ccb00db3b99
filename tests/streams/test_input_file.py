"""Files as they are handed in: compression off, damage told by name, changes noticed."""

import gzip
import hashlib
import io
import lzma
import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from streams.formats import InputFileError
from streams.input_file import HEAD_BYTES, open_input
from streams.sources.inflation import LEAST_BYTES
from tests.streams.sources.tables.made import workbook

CONTENT = b"one\ntwo\n" + bytes(range(256)) * 400


def zipped(*members: tuple[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return file.getvalue()


def put(folder: Path, content: bytes, name: str = "in") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


PACKED: list[Callable[[bytes], bytes]] = [
    bytes,
    gzip.compress,
    lzma.compress,
    lambda content: zipped(("folder/", b""), ("folder/in.txt", content)),
]


@pytest.mark.parametrize("pack", PACKED)
def test_what_is_in_a_file_is_read_whatever_packs_it(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    path = put(tmp_path, pack(CONTENT))
    with open_input(path) as file:
        assert file.head == CONTENT[:HEAD_BYTES]
        assert file.stream.read() == CONTENT
        file.stream.seek(4)
        assert file.stream.readline() == b"two\n"
        assert file.digest == hashlib.sha256(path.read_bytes()).hexdigest()
        assert file.stream.read(4) == CONTENT[8:12], "the hash moves nothing"
        assert file.size == path.stat().st_size
        assert 0 < file.position() <= file.size
        assert file.is_unchanged()
        assert repr(file) == f"<InputFile of {file.size} bytes>"


def test_a_workbook_is_left_packed(tmp_path: Path) -> None:
    content = workbook([["a"], ["b"]])
    with open_input(put(tmp_path, content)) as file:
        assert file.stream.read() == content


def test_several_members_of_gzip_are_one_file(tmp_path: Path) -> None:
    with open_input(put(tmp_path, gzip.compress(b"a\n") + gzip.compress(b"b\n"))) as file:
        assert file.stream.read() == b"a\nb\n"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (gzip.compress(os.urandom(200_000))[:-20_000], "damaged or incomplete"),
        (lzma.compress(os.urandom(200_000))[:-20_000], "damaged or incomplete"),
        (b"\x1f\x8b" + bytes(100), "damaged or incomplete"),
        (zipped(("a", CONTENT))[:-40], "damaged or incomplete"),
        (zipped(("a", b"1"), ("b", b"2")), "holds 2 files; unpack it"),
        (gzip.compress(bytes(LEAST_BYTES + 1_000_000), 9), "more than 500 times its size"),
    ],
)
def test_what_cannot_be_unpacked_is_told_by_name(tmp_path: Path, content: bytes, why: str) -> None:
    path = put(tmp_path, content, "x.gz")
    with pytest.raises(InputFileError, match=f"^{path}: .*{why}"), open_input(path) as file:
        while file.stream.read(1 << 20):
            pass


def test_an_encrypted_archive_is_told(tmp_path: Path) -> None:
    content = bytearray(zipped(("a", b"1")))
    for mark in (b"PK\x03\x04", b"PK\x01\x02"):  # the flags stand 6 and 8 bytes behind these (APPNOTE.TXT, 4.3)
        content[content.index(mark) + (6 if mark == b"PK\x03\x04" else 8)] |= 1
    with pytest.raises(InputFileError, match="encrypted; unpack it first"), open_input(put(tmp_path, bytes(content))):
        pass


@pytest.mark.parametrize("name", ["missing", "folder"])
def test_what_cannot_be_opened_is_told(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    with (
        pytest.raises(InputFileError, match=f"^{tmp_path / name}: (No such file|Is a directory)"),
        open_input(tmp_path / name),
    ):
        pass


def test_a_link_is_followed_only_where_that_is_asked_for(tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(put(tmp_path, b"secret"))
    with open_input(link) as file:
        assert file.stream.read() == b"secret"
        assert file.is_unchanged()
    with pytest.raises(InputFileError, match="link: "), open_input(link, follow_links=False):
        pass


def test_a_pipe_can_be_read_twice() -> None:
    reading, writing = os.pipe()
    os.write(writing, CONTENT[:1_000])
    os.close(writing)
    with open_input(Path(f"/dev/fd/{reading}")) as file:
        assert file.stream.read() == CONTENT[:1_000]
        file.stream.seek(0)
        assert file.stream.read() == CONTENT[:1_000]
        assert file.digest == hashlib.sha256(CONTENT[:1_000]).hexdigest()
        assert file.is_unchanged()
    os.close(reading)


def append(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"more")


def replace(path: Path) -> None:
    put(path.parent, path.read_bytes(), "new").replace(path)


@pytest.mark.parametrize("change", [append, replace, Path.unlink])
def test_a_change_is_noticed(tmp_path: Path, change: Callable[[Path], None]) -> None:
    path = put(tmp_path, CONTENT)
    with open_input(path) as file:
        file.stream.read()
        change(path)
        assert not file.is_unchanged()
