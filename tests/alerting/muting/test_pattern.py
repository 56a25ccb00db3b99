"""Patterns fit what Python's `re` fits, and never take longer than their size times that of the text."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerting.muting.pattern import Pattern, PatternError

TEXTS = ["", "A01", "A09", "B12", "a", "aa", "aaa", "aaaa", "ababc", "dx", "c", "]", "-", ".x", "xxy", "y", "a-c"]


@pytest.mark.parametrize(
    "pattern",
    [
        "A0.*", "^A0[0-9]$", "(A|B)\\d+", "a{2,3}", "a{2}", "a{2,}", "[^a-c]x?", "(?:ab)*c", "", "a|", "[]a]", "[a-]",
        "\\.x", "(a*)*", "(a+)+b", "x{0,2}y", "\\w+", "\\S", "[\\d-]", "a\\-c", "a+?", "(|a)+",
    ],
)  # fmt: skip
def test_it_fits_what_regular_expressions_fit(pattern: str) -> None:
    compiled = Pattern(pattern)
    assert [text for text in TEXTS if compiled.fits(text)] == [text for text in TEXTS if re.fullmatch(pattern, text)]


_ATOMS = st.sampled_from(["a", "b", ".", "[ab]", "[^a]", "\\d", "1"])
_PATTERNS = st.recursive(
    _ATOMS,
    lambda inner: st.one_of(
        st.tuples(inner, inner).map("".join),
        st.tuples(inner, inner).map(lambda pair: f"(?:{pair[0]}|{pair[1]})"),
        st.tuples(inner, st.sampled_from(["*", "+", "?", "{0,2}", "{2}"])).map(lambda pair: f"(?:{pair[0]}){pair[1]}"),
    ),
    max_leaves=6,
)


@given(pattern=_PATTERNS, text=st.text("ab1", max_size=6))
def test_it_agrees_with_python_on_any_pattern(pattern: str, text: str) -> None:
    assert Pattern(pattern).fits(text) == bool(re.fullmatch(pattern, text))


def test_no_pattern_runs_for_ever() -> None:
    # Python's `re` would need about 2^40 steps for the first of these.
    for pattern in ("(a+)+b", "(a|aa|.*a)*b", "(.*)*(.*)*c", "(a?){40}a{40}b"):
        assert not Pattern(pattern).fits("a" * 40)


@pytest.mark.parametrize(
    ("pattern", "place", "said"),
    [
        ("(a", 0, "a parenthesis that is not closed"),
        ("a)", 1, "a closing parenthesis without an opening one"),
        ("x[a", 1, "a bracket that is not closed"),
        ("*a", 0, "nothing to repeat"),
        ("a**", 2, "a repetition of a repetition"),
        ("a{3,2}", 0, "a repetition counts up to 1000, the smaller number first"),
        ("a{x}", 1, "{ begins a repetition"),
        ("(a)\\1", 3, "\\1 is not known here"),
        ("a(?=b)", 1, "(?: is the only special group"),
        ("a$b", 1, "misplaced $"),
        ("a^b", 1, "misplaced ^"),
        ("[z-a]", 0, "a range that ends before it begins"),
        ("\\", 0, "a backslash before nothing"),
        ("(a{500}){500}", 0, "too many repetitions"),
        ("a" * 501, 500, "at most 500 characters"),
    ],
)
def test_what_is_no_pattern_is_told_with_its_place(pattern: str, place: int, said: str) -> None:
    with pytest.raises(PatternError) as caught:
        Pattern(pattern)
    assert said in str(caught.value)
    assert caught.value.place == place


def test_deep_nesting_is_refused() -> None:
    with pytest.raises(PatternError, match="too many parentheses"):
        Pattern("(" * 100 + "a" + ")" * 100)
