"""Reports for patients: which accesses are told, in which words, and what is not known."""

import csv
import io
from datetime import UTC, datetime
from typing import Any

import pytest

from alerting.archive import Access, Gap
from alerting.documents import plain_text
from alerting.documents.pdf import pdf_of
from alerting.records.accounting import Line, Report, is_told, limits_of, lines_of, period
from alerting.records.paper import csv_of, document_of
from alerting.records.years import years_after, years_before


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def an_access(**fields: Any) -> Access:
    usual: dict[str, Any] = {
        "event_id": "e1",
        "patient": "p1:jane",
        "actor": "u1:clerk",
        "actor_type": "human",
        "at": at("2026-03-02T09:14:03"),
        "action": "read",
    }
    return Access(**(usual | fields))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("2020-01-31T00:00", "2026-01-31T00:00"),
        ("2024-02-29T12:00", "2030-03-01T12:00"),
        ("2018-02-28T23:59", "2024-02-28T23:59"),
    ],
)
def test_six_years_by_the_calendar(before: str, after: str) -> None:
    assert years_after(at(before)) == at(after)


def test_six_years_back() -> None:
    assert years_before(at("2026-11-22T10:00")) == at("2020-11-22T10:00")
    assert years_before(at("2030-02-28T10:00")) == at("2024-02-28T10:00")
    assert years_before(at("2024-02-29T10:00")) == at("2018-02-28T10:00")


def test_an_accounting_looks_back_six_years_at_most() -> None:
    now = at("2026-11-22T10:00")
    assert period("disclosures", None, now, now) == (at("2020-11-22T10:00"), now)
    assert period("disclosures", at("2015-01-01"), now + 5, now) == (at("2020-11-22T10:00"), now)
    assert period("disclosures", at("2025-01-01"), at("2026-01-01"), now) == (at("2025-01-01"), at("2026-01-01"))
    assert period("accesses", at("2015-01-01"), now, now) == (at("2015-01-01"), now)


@pytest.mark.parametrize(
    ("disclosed", "purpose", "told"),
    [
        (False, "", False),
        (True, "", True),
        (True, "HRESCH", True),
        (True, "TREAT", False),
        (True, "HPAYMT", False),
        (True, "HOPERAT", False),
        (True, "PATRQT", False),
    ],
)
def test_what_an_accounting_of_disclosures_tells(disclosed: bool, purpose: str, told: bool) -> None:
    access = an_access(action="disclose", disclosed=disclosed, purpose=purpose)
    assert is_told(access, "disclosures") is told
    assert is_told(access, "accesses")


def test_accesses_in_words_and_local_time() -> None:
    seen = an_access(role="nurse", department="ICU", purpose="TREAT", resource="chart", outcome="success")
    system = an_access(
        actor="u1:hl7", actor_type="service", action="audit_tamper", outcome="major_failure", purpose="X"
    )
    assert lines_of([seen, system], "accesses", "America/New_York", {"u1:clerk": "clerk7"}) == (
        Line(
            when="2026-03-02 04:14 EST",
            what="viewed",
            part="chart",
            role="nurse",
            department="ICU",
            who="clerk7",
            purpose="treatment",
            outcome="",
        ),
        Line(
            when="2026-03-02 04:14 EST",
            what="audit tamper",
            part="record",
            role="computer system",
            department="",
            who="",
            purpose="X",
            outcome="failed",
        ),
    )


def test_what_is_not_known_is_said() -> None:
    gap = Gap(topic="stage.patient", partition=0, first_offset=1, records=3, seen_at=at("2026-05-01"))
    start, end = at("2020-11-22"), at("2026-11-22")
    everything = limits_of(
        start, end, first_at=at("2025-01-01"), deleted_before=at("2021-01-01"), gaps=[gap, gap], zone="UTC"
    )
    assert everything == (
        "The archive begins on 2025-01-01; accesses before that day are not in it.",
        "Accesses before 2021-01-01 were deleted after their six years.",
        "Accesses are missing from before 2026-05-01: the archive had been away for too long.",
    )
    late = at("2026-06-01")
    assert limits_of(late, end, first_at=at("2025-01-01"), deleted_before=None, gaps=[gap], zone="UTC") == ()
    assert limits_of(late, end, first_at=None, deleted_before=None, gaps=[], zone="UTC") == (
        "The archive holds no accesses at all.",
    )


def a_report(*accesses: Access, **fields: Any) -> Report:
    usual: dict[str, Any] = {
        "form": "accesses",
        "start": at("2026-01-01"),
        "end": at("2026-04-01"),
        "zone": "UTC",
        "lines": lines_of(accesses, "accesses", "UTC", {}),
        "limits": (),
    }
    return Report(**(usual | fields))


def test_a_report_on_paper() -> None:
    report = a_report(an_access(role="nurse"), limits=("Something is missing.",), is_whole=False)
    document = document_of(report, "General Hospital", at("2026-04-02"))
    text = " ".join(plain_text([document]).split())
    for said in (
        "WHO LOOKED AT YOUR RECORD",
        "General Hospital",
        "2026-03-31",
        "Something is missing.",
        "There are more entries than fit",
        "2026-03-02 09:14 UTC record viewed by nurse; purpose: not stated",
    ):
        assert said in text
    assert pdf_of([document], title=document.title, at=at("2026-04-02")).startswith(b"%PDF")
    assert "There are none." in plain_text([document_of(a_report(form="disclosures"), "", 0.0)])
    assert repr(report) == "<Report accesses>"


def test_no_cell_is_a_formula() -> None:
    rows = list(csv.reader(io.StringIO(csv_of(a_report(an_access(department='=HYPERLINK("x")', role="nurse, night"))))))
    assert rows[0] == ["when", "what", "part", "role", "department", "who", "purpose", "outcome"]
    assert rows[1][3:5] == ["nurse, night", '\'=HYPERLINK("x")']
