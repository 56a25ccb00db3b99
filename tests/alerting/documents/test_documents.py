"""Templates, text and PDF of documents."""

import io

import pypdf
import pytest

from alerting.documents import Bullets, Document, Facts, Heading, Lines, Paragraph, filled, plain_text
from alerting.documents.pdf import UnprintableError, pdf_of
from alerting.documents.templates import TemplateError, Value, fields_of

LETTER = """\
| $name
| $street
| $place

# Notice about $what

Dear $name, this is a
letter.

$story

- Call $phone.
- Write.

$steps
"""
VALUES: dict[str, Value] = {
    "name": "Łucja Öz",
    "street": "",
    "place": "Springfield, IL",
    "what": "you",
    "story": "One.\n\nTwo\nlines.",
    "phone": "1-800-555-0100",
    "steps": ("Look.", "Ask."),
}


def test_a_template_becomes_blocks() -> None:
    assert filled(LETTER, VALUES, title="letter") == Document(
        "letter",
        (
            Lines(("Łucja Öz", "Springfield, IL")),  # the empty line is left out
            Heading("Notice about you"),
            Paragraph("Dear Łucja Öz, this is a letter."),
            Paragraph("One."),
            Paragraph("Two lines."),
            Bullets(("Call 1-800-555-0100.", "Write.")),
            Bullets(("Look.", "Ask.")),
        ),
    )


def test_no_name_changes_the_form() -> None:
    document = filled("Dear $name,\n", {"name": "# $phone\n\n- x"}, title="t")
    assert document.blocks == (Paragraph("Dear # $phone - x,"),)


def test_an_empty_field_leaves_no_gap() -> None:
    assert filled("One.\n\n$more\n\nTwo.", {"more": ""}, title="t").blocks == (Paragraph("One."), Paragraph("Two."))
    assert filled("$more", {"more": ()}, title="t").blocks == ()
    assert filled("$more", {"more": Lines(())}, title="t").blocks == ()


@pytest.mark.parametrize(("template", "wrong"), [("Dear $nobody,", r"\$nobody"), ("It costs $ 5.", r"\$\$")])
def test_wrong_templates_are_named(template: str, wrong: str) -> None:
    with pytest.raises(TemplateError, match=wrong):
        filled(template, {"name": "Ana"}, title="t")


def test_fields_of_a_template() -> None:
    assert fields_of(LETTER) == {"name", "street", "place", "what", "story", "phone", "steps"}


def test_plain_text() -> None:
    document = Document(
        "sheet",
        (
            Heading("A sheet"),
            Lines(("12 Main St", "Springfield")),
            Bullets(("one " * 30,)),
            Facts((("Name", "General Hospital"), ("Fax", ""))),
        ),
    )
    text = plain_text([document, document])
    assert text.split("\f\n")[0] == text.split("\f\n")[1]
    lines = text.split("\f")[0].splitlines()
    assert lines[:5] == ["A SHEET", "", "12 Main St", "Springfield", ""]
    assert lines[5].startswith("- one one")
    assert lines[6].startswith("  one")
    assert max(map(len, lines)) <= 78
    assert lines[-2:] == ["Name: General Hospital", "Fax:"]


def test_the_text_of_a_pdf_can_be_read_again() -> None:
    """A letter that no reading software can read does not reach everybody; accents must survive."""
    names = "Łukasz Öztürk, Nguyễn Văn Ầ, Ελένη Παπαδοπούλου, Ольга Щукина"
    made = pdf_of([filled(LETTER, VALUES | {"story": names}, title="x")] * 2, title="Letters", at=0.0)
    pages = pypdf.PdfReader(io.BytesIO(made)).pages
    assert len(pages) == 2
    for page in pages:
        text = page.extract_text()
        assert "Łucja Öz" in text
        assert names in text
        assert (page.mediabox.width, page.mediabox.height) == (612, 792)  # US letter, in points


def test_long_documents_number_their_own_pages() -> None:
    long = Document("long", (Heading("Long"), Paragraph("word " * 1500), Facts((("Field", "value " * 300),))))
    pages = pypdf.PdfReader(io.BytesIO(pdf_of([long, long], title="t", at=0.0))).pages
    texts = [page.extract_text() for page in pages]
    half = len(texts) // 2
    assert half >= 2
    for first in (0, half):
        assert "Page" not in texts[first]
        assert [f"Page {n}" in texts[first + n - 1] for n in range(2, half + 1)] == [True] * (half - 1)


def test_the_same_document_is_the_same_bytes() -> None:
    document = filled(LETTER, VALUES, title="x")
    once, again = (pdf_of([document], title="t", at=1_772_442_843.0) for _ in range(2))
    assert once == again
    assert once != pdf_of([document], title="t", at=0.0)


@pytest.mark.parametrize("name", ["山田太郎", "محمد"])
def test_what_cannot_be_printed_is_refused_by_its_place(name: str) -> None:
    documents = [Document("x", (Paragraph(text),)) for text in ("Ana", name, "Ben")]
    with pytest.raises(UnprintableError, match=r"document 2$") as refused:
        pdf_of(documents, title="t", at=0.0)
    assert refused.value.places == [2]
    assert name not in str(refused.value)


def test_no_part_of_a_document_shows_itself() -> None:
    document = Document("x", (Paragraph("Jane Doe"), Lines(("Jane Doe",)), Facts((("n", "Jane Doe"),))))
    assert "Jane" not in repr(document) + repr(document.blocks)


def test_a_field_stands_on_the_page_of_its_value() -> None:
    rows = tuple((f"Field {n}.", "one two three " * (n % 9)) for n in range(80))
    pages = pypdf.PdfReader(io.BytesIO(pdf_of([Document("x", (Facts(rows),))], title="t", at=0.0))).pages
    assert len(pages) > 2
    for page in pages:
        text = " ".join(page.extract_text().split())
        fields = [n for n in range(80) if f"Field {n}." in text]
        assert text.count("one two three") == sum(n % 9 for n in fields)
