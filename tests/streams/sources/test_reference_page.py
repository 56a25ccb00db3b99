"""Every file of the reference data is mapped, or refused with a reason that people understand; the page says which."""

import pytest

from streams.sources.reasons import SENTENCES, UNKNOWN, sentence
from tests.streams.sources.reasons import reasons_in_code
from tests.streams.sources.reference import PAGE, document, groups, has_data

NO_DATA = "the public reference data are not here: ../shared/data is no folder"


def test_every_reason_has_a_sentence() -> None:
    without = {reason: where for reason, where in reasons_in_code().items() if reason not in SENTENCES}
    assert without == {}


def test_sentences_are_sentences() -> None:
    for reason, said in SENTENCES.items():
        assert said[0].isupper(), reason
        assert said.endswith("."), reason
    assert sentence("not_json") == "It is no JSON."
    assert sentence("a_reason_of_a_drop_rule") == UNKNOWN


def test_reasons_are_found_in_the_code() -> None:
    """The search itself must not go blind."""
    found = reasons_in_code()
    assert found["damaged_compression"] == {"stream.py"}
    assert {"bad_isa", "amount_below_cents", "zip_bomb", "unsupported_resource", "unmapped_value"} <= set(found)
    assert len(found) > 80


@pytest.mark.skipif(not has_data(), reason=NO_DATA)
def test_the_page_is_current() -> None:
    made = document()
    assert PAGE.read_text() == made, "run: make golden"


@pytest.mark.skipif(not has_data(), reason=NO_DATA)
def test_every_file_is_mapped_or_refused_in_plain_words() -> None:
    for group in groups():
        for outcome in group.outcomes:
            assert outcome.events or outcome.refused or outcome.file == "package.json", outcome.file
            assert set(outcome.refused) <= set(SENTENCES), outcome.file
