"""Documents as PDF, with text that can be searched, copied and read aloud.

fpdf2 writes them (LGPL-3.0, used as a library as psycopg is). The font is DejaVu Sans Condensed, which comes with
Wardwatch (fonts/LICENSE): it has Latin with all its accents, Greek, Cyrillic and Hebrew, but no Chinese, Japanese or
Korean. A site whose letters need them gives a font file of its own. Arabic is refused: its letters would not be joined.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Final
from unicodedata import bidirectional

from fpdf import FPDF
from fpdf.enums import Align, MethodReturnValue, XPos, YPos
from fpdf.fonts import TTFFont

from alerting.documents.blocks import Block, Bullets, Document, Facts, Heading, Lines, Paragraph

FONTS: Final = Path(str(files("alerting.documents") / "fonts"))
REGULAR: Final = FONTS / "DejaVuSansCondensed.ttf"
BOLD: Final = FONTS / "DejaVuSansCondensed-Bold.ttf"
_FAMILY = "letter"
_SIZE = 10.0
_LINE = 4.7
_GAP = 2.3
_MARGIN = 22.0  # millimetres; the pages are US letter
_FACT_WIDTH = 62.0


class UnprintableError(ValueError):
    """A text has characters that the font has not. `places` counts documents from 1; no text is quoted."""

    def __init__(self, places: Sequence[int]) -> None:
        self.places = list(places)
        shown = ", ".join(str(place) for place in places[:10])
        super().__init__(f"the font lacks characters of document {shown}{' and more' if len(places) > 10 else ''}")


def pdf_of(documents: Sequence[Document], *, title: str, at: float, font: Path | None = None) -> bytes:
    """Return documents as one PDF, each beginning on a page of its own with page numbers of its own.

    Args:
        documents: what to write.
        title: the title in the file's properties; it holds no PHI.
        at: the time of creation in the file's properties, in seconds since the epoch. The same documents, title, time
            and font make the same bytes.
        font: a TrueType or OpenType file to use instead of DejaVu.

    Raises:
        UnprintableError: if the font lacks a character: a letter with a box in somebody's name is none.
    """
    pdf = _Pages(font)
    try:
        places = [place for place, document in enumerate(documents, 1) if not pdf.can_write(_characters_of(document))]
        if places:
            raise UnprintableError(places)
        return pdf.written(documents, title, at)
    finally:
        pdf.close_fonts()


class _Pages(FPDF):
    """Pages of US letter size."""

    def __init__(self, font: Path | None) -> None:
        super().__init__(format="letter")
        self.add_font(_FAMILY, "", font or REGULAR)
        self.add_font(_FAMILY, "B", font or BOLD)
        self.set_text_shaping(use_shaping_engine=False)
        self.set_margin(_MARGIN)
        self.set_auto_page_break(True, _MARGIN)
        self.set_lang("en-US")
        self.set_creator("Wardwatch")
        self._first = 1
        regular = self.fonts[_FAMILY]
        self._known = {chr(code) for code in regular.cmap} if isinstance(regular, TTFFont) else set()

    def can_write(self, characters: Iterable[str]) -> bool:
        """Return whether the font has these characters, and none is of a script whose letters must be joined."""
        return all(one in self._known and bidirectional(one) != "AL" for one in characters)

    def close_fonts(self) -> None:
        """Close the files of the fonts, which fpdf2 does only when it has written."""
        for font in self.fonts.values():
            if isinstance(font, TTFFont):
                font.close()

    def written(self, documents: Sequence[Document], title: str, at: float) -> bytes:
        """Return the file."""
        self.set_title(title)
        self.set_creation_date(datetime.fromtimestamp(at, UTC))
        for document in documents:
            self.begin()
            for place, block in enumerate(document.blocks):
                self.write_block(block, is_title=place == 0)
        return bytes(self.output())

    def begin(self) -> None:
        """Begin the first page of a document."""
        self.add_page()
        self._first = self.page_no()
        self.set_font(_FAMILY, "", _SIZE)

    def footer(self) -> None:
        """Number the pages after the first."""
        number = self.page_no() - self._first + 1
        if number > 1:
            self.set_y(-18)
            self.set_font(_FAMILY, "", 8)
            self.cell(0, 5, f"Page {number}", align=Align.C)
            self.set_font(_FAMILY, "", _SIZE)

    def write_block(self, block: Block, *, is_title: bool) -> None:
        """Write one block, and the gap after it."""
        match block:
            case Heading(text):
                self._write_heading(text, is_title=is_title)
            case Paragraph(text):
                self._write(text)
            case Lines(lines):
                if len(lines) * _LINE < self.eph and self.will_page_break(len(lines) * _LINE):
                    self.add_page()  # an address stays in one piece
                for line in lines:
                    self._write(line)
            case Bullets(items):
                for item in items:
                    self._write_beside("\N{BULLET}", 5, item)
            case Facts(rows):
                for name, value in rows:
                    self._write_fact(name, value)
        self.ln(_GAP)

    def _write(self, text: str, size: float = _LINE) -> None:
        self.multi_cell(0, size, text, align=Align.L, new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def _write_heading(self, text: str, *, is_title: bool) -> None:
        if self.will_page_break(4 * _LINE):
            self.add_page()  # a heading does not stand alone at the foot of a page
        self.set_font(_FAMILY, "B", 14 if is_title else 11)
        self._write(text, 7 if is_title else 5.5)
        self.set_font(_FAMILY, "", _SIZE)

    def _write_beside(self, mark: str, width: float, text: str) -> None:
        self.cell(width, _LINE, mark)
        self.set_left_margin(_MARGIN + width)
        self._write(text)
        self.set_left_margin(_MARGIN)
        self.set_x(_MARGIN)

    def _write_fact(self, name: str, value: str) -> None:
        value = value or "\N{EM DASH}"
        self.set_font(_FAMILY, "B", _SIZE)
        height = self._height(name, _FACT_WIDTH - 3)
        self.set_font(_FAMILY, "", _SIZE)
        height = max(height, self._height(value, self.epw - _FACT_WIDTH))
        if height < self.eph and self.will_page_break(height):
            self.add_page()  # a field and what stands in it are not parted
        top = self.get_y()
        self.set_font(_FAMILY, "B", _SIZE)
        self.multi_cell(_FACT_WIDTH - 3, _LINE, name, align=Align.L, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.set_font(_FAMILY, "", _SIZE)
        below, page = self.get_y(), self.page_no()
        self.set_y(top)
        self.set_left_margin(_MARGIN + _FACT_WIDTH)
        self.set_x(_MARGIN + _FACT_WIDTH)
        self._write(value)
        self.set_left_margin(_MARGIN)
        self.set_xy(_MARGIN, max(below, self.get_y()) if self.page_no() == page else self.get_y())
        self.ln(1)

    def _height(self, text: str, width: float) -> float:
        lines = self.multi_cell(width, _LINE, text, align=Align.L, dry_run=True, output=MethodReturnValue.LINES)
        return _LINE * len(lines) if isinstance(lines, list) else _LINE


def _characters_of(document: Document) -> set[str]:
    found: set[str] = set()
    for block in document.blocks:
        found.update(*_texts_of(block))
    return found


def _texts_of(block: Block) -> Iterable[str]:
    match block:
        case Heading(text) | Paragraph(text):
            return [text]
        case Lines(texts) | Bullets(texts):
            return texts
        case Facts(rows):
            return [text for row in rows for text in row]
