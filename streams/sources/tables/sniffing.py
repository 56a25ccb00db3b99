"""Whether the beginning of a file is that of a table."""

import codecs

DELIMITERS = (",", "\t", ";", "|")
"""What parts the cells of delimited text; the first that fits is taken."""

OLD_EXCEL = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""How an Excel file of before 2007 begins ([MS-CFB], section 2.2): recognised, to be refused by name."""

_LOOKED_AT_LINES = 8
_OTHERS = ("{", "[", "<", "ISA", "MSH", "FHS", "BHS")
"""How files of other formats begin: JSON, XML, X12, HL7."""


def looks_like_table(head: bytes, name: str) -> bool:
    """Return whether a file is CSV, TSV or XLSX.

    Args:
        head: its first bytes, some thousands.
        name: its name; `.csv`, `.tsv`, `.xlsx` and `.xls` settle what the content leaves open.
    """
    suffix = name.lower().rpartition(".")[2]
    if head.startswith(b"PK\x03\x04"):
        return suffix in ("xlsx", "xlsm") or b"[Content_Types].xml" in head or b"xl/" in head
    if head.startswith(OLD_EXCEL):
        return suffix == "xls"
    text = _text(head)
    if "\0" in text or text.lstrip().startswith(_OTHERS):
        return False
    if suffix in ("csv", "tsv"):
        return bool(text.strip())
    # The last line may be cut.
    whole = text.splitlines() if text.endswith(("\n", "\r")) else text.splitlines()[:-1]
    rows = [row for row in whole if row.strip()][:_LOOKED_AT_LINES]
    return len(rows) > 1 and any(_is_even(rows, delimiter) for delimiter in DELIMITERS)


def _is_even(rows: list[str], delimiter: str) -> bool:
    """Whether all rows have the same number of cells, two at least; quoted cells are not looked into."""
    counts = {row.count(delimiter) for row in rows if '"' not in row}
    return len(counts) == 1 and counts.pop() > 0


def _text(head: bytes) -> str:
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return head.decode("utf-16", "ignore")
    return head.removeprefix(codecs.BOM_UTF8).decode("utf-8", "replace")
