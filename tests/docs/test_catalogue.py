"""What the pages of the catalogue say, beside being current (test_pages.py)."""

import re

from tests.docs.catalogue import page_files


def facts_of(page: str, heading: str) -> dict[str, str]:
    """Return the table under a heading of the third level, by the names of its rows."""
    text = page_files()[page].partition(f"\n### {heading}\n")[2].partition("\n#")[0]
    return dict(re.findall(r"^\| ([\w ]+) \| (.*) \|$", text, flags=re.MULTILINE))


def test_no_page_refers_to_what_its_readers_cannot_open() -> None:
    for text in page_files().values():
        assert not re.findall(r"\b(?:domain|design|engines|style)\.md", text)


def test_every_pattern_has_a_reference() -> None:
    assert facts_of("billing.md", "B05: More time billed than the day or week has")["References"] == (
        "Fang & Gong, NBER w22084"
    )
    assert facts_of("billing.md", "B31: Denied services changed until paid")["References"] == (
        "Wardwatch's own catalogue"
    )


def test_a_feed_without_which_a_rule_is_silent_is_a_need() -> None:
    ended = facts_of("access.md", "A13: Activity of an account that had ended")
    assert ended["Needs"] == "staff.account_ended (the staff feed)"
    excluded = facts_of("billing.md", "B14: Billing by an excluded party")
    assert excluded["Needs"] == "provider.excluded (an exclusion list)"
    own = facts_of("access.md", "A05: Own record opened")
    assert own["Needs"] == "the event alone, or staff.self_access (the staff feed)"


def test_every_severity_is_told_the_usual_one_first() -> None:
    assert facts_of("billing.md", "B06: Service after death")["Severity"] == "usually high; also critical"
    assert facts_of("billing.md", "B14: Billing by an excluded party")["Severity"] == "critical"
