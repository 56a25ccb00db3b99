"""How large the parts of a table may be."""

RECORD_BYTES = 1_048_576
"""A row, quoted line feeds included: what a canonical event may have (`detectors.events.envelope.MAXIMUM_BYTES`)."""

RECORD_LINES = 1_000
"""Lines of one row. Free text of a note spans a page or two; more is a quotation mark that was never closed."""

CELL_CHARACTERS = 32_767
"""Characters of a cell: Excel's own limit (Microsoft, "Excel specifications and limits")."""

COLUMNS = 1_024
"""Columns of a table; the widest public extract (NPPES) has 330."""

SHEET_ROWS = 1_048_576
"""Rows of a sheet: Excel's own limit."""

HEADER_ROWS = 20
"""Rows in which the header is looked for: titles, notices and blank rows may stand above it."""

WORKBOOK_BYTES = 256 * 1024 * 1024
"""An XLSX file as it is stored."""

UNPACKED_BYTES = 1024 * 1024 * 1024
"""All parts of an XLSX file unpacked; a full sheet of ten columns has about half of it."""

UNPACKED_RATIO = 200
"""Unpacked to packed size of a part over `RATIO_FROM_BYTES`; sheets reach 20 to 60, deflate can reach 1,032."""

RATIO_FROM_BYTES = 4 * 1024 * 1024
"""Parts smaller than this unpacked do no harm whatever their ratio."""

PARTS = 2_000
"""Parts of an XLSX file."""
