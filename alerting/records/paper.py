"""Reports as what people keep: a document (text, PDF) and CSV. Pure."""

import csv
import io
from datetime import datetime
from zoneinfo import ZoneInfo

from alerting.documents import Bullets, Document, Facts, Heading, Lines, Paragraph
from alerting.documents.blocks import Block
from alerting.records.accounting import Form, Line, Report

TITLES: dict[Form, str] = {"accesses": "Who looked at your record", "disclosures": "Accounting of disclosures"}
COLUMNS = ("when", "what", "part", "role", "department", "who", "purpose", "outcome")

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""Beginnings of cells that spreadsheets take for formulas (OWASP, CSV Injection)."""

_ABOUT: dict[Form, str] = {
    "accesses": "Every access to the record in the period, as the systems that hold it recorded them.",
    "disclosures": "Disclosures of health information in the period, as 45 CFR 164.528 asks for them: without those "
    "for treatment, payment and health care operations, and without those to you.",
}


def document_of(report: Report, entity: str, made_at: float) -> Document:
    """Return a report as a document.

    Args:
        report: what is told.
        entity: name of the organisation, empty where it has not said one.
        made_at: when it was made, in seconds since the epoch.
    """
    zone = ZoneInfo(report.zone)
    blocks: list[Block] = [Heading(TITLES[report.form]), Paragraph(_ABOUT[report.form])]
    facts = [
        ("From", _day(report.start, zone)),
        ("To", _day(report.end - 1, zone)),
        ("Made", _day(made_at, zone)),
        ("Entries", str(len(report.lines))),
    ]
    blocks.append(Facts((("Organisation", entity), *facts) if entity else tuple(facts)))
    if report.limits:
        blocks += [Heading("What is not in this report"), Bullets(report.limits)]
    if not report.is_whole:
        blocks.append(Paragraph("There are more entries than fit; ask for a shorter period."))
    blocks.append(Heading("Entries"))
    if report.lines:
        blocks.append(Lines(tuple(_sentence(line) for line in report.lines)))
    else:
        blocks.append(Paragraph("There are none."))
    return Document(title=TITLES[report.form], blocks=tuple(blocks))


def csv_of(report: Report) -> str:
    """Return the entries of a report as CSV (RFC 4180); no cell is a formula to a spreadsheet."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows([_cell(getattr(line, name)) for name in COLUMNS] for line in report.lines)
    return text.getvalue()


def _sentence(line: Line) -> str:
    who = ", ".join(part for part in (line.who, line.role, line.department) if part)
    failed = f" ({line.outcome})" if line.outcome else ""
    return f"{line.when}  {line.part} {line.what}{failed} by {who}; purpose: {line.purpose}"


def _cell(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text


def _day(at: float, zone: ZoneInfo) -> str:
    return datetime.fromtimestamp(at, zone).strftime("%Y-%m-%d")
