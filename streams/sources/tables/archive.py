"""Whether an XLSX archive may be opened: sizes and ratios as its directory states them, and the kind of its XML.

`zipfile` never unpacks more of a part than the directory states, so that what is stated is what can come.
"""

import re
import zipfile
import zlib

from streams.sources.tables.limits import PARTS, RATIO_FROM_BYTES, UNPACKED_BYTES, UNPACKED_RATIO
from streams.sources.tables.part_scan import reads_in_small_memory

_ENCRYPTED = 0x1
_MEDIA = (".png", ".jpg", ".jpeg", ".gif", ".tif", ".tiff", ".bmp", ".emf", ".wmf", ".wdp", ".bin", ".ttf", ".odttf")
_HEAD_BYTES = 64 * 1024
_ROOT_FIRST = re.compile(rb"(?:\xef\xbb\xbf)?(?>\s|<\?(?>[^?]|\?(?!>))*+\?>|<!--(?>[^-]|-(?!->))*+-->)*+<[A-Za-z_]")
_ENCODING = re.compile(rb"<\?xml[^>]{0,200}?encoding\s{0,8}=\s{0,8}[\"']([^\"']{0,40})")


def danger(archive: zipfile.ZipFile) -> str:
    """Return the stable reason for which an archive must not be opened, or ""."""
    parts = archive.infolist()
    if len(parts) > PARTS:
        return "too_many_parts"
    if sum(part.file_size for part in parts) > UNPACKED_BYTES or any(map(_is_bomb, parts)):
        return "zip_bomb"
    if any(part.flag_bits & _ENCRYPTED for part in parts):
        return "encrypted_workbook"
    if "xl/workbook.xml" not in archive.namelist():
        return "not_a_workbook"
    large = (part for part in parts if part.file_size > RATIO_FROM_BYTES and not _is_media(part.filename))
    is_safe = all(_is_plain(archive, part) for part in parts) and all(
        _is_small_in_memory(archive, part) for part in large
    )
    return "" if is_safe else "unsafe_xml"


def _is_bomb(part: zipfile.ZipInfo) -> bool:
    return part.file_size > RATIO_FROM_BYTES and part.file_size > UNPACKED_RATIO * part.compress_size


def _is_media(name: str) -> bool:
    return name.lower().endswith(_MEDIA)


def _is_small_in_memory(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> bool:
    try:
        with archive.open(part) as stream:
            return reads_in_small_memory(stream)
    except (zlib.error, zipfile.BadZipFile, EOFError):
        return False


def _is_plain(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> bool:
    """Whether a part is UTF-8 with its root element first: no document type, so no entities (XML 1.0, section 2.8).

    A picture must not be XML: which part is the sheet is said inside the archive, whatever its name ends in.
    """
    try:
        with archive.open(part) as stream:
            head = stream.read(_HEAD_BYTES)
    except zlib.error:
        return False
    if _is_media(part.filename):
        return not head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<")
    if not head or part.is_dir():
        return True
    encoding = _ENCODING.match(head.removeprefix(b"\xef\xbb\xbf"))
    if encoding is not None and encoding[1].lower() not in (b"utf-8", b"us-ascii"):
        return False
    return _ROOT_FIRST.match(head) is not None
