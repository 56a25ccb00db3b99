"""Matchers are read as Alertmanager writes them, and mistakes are told with their place."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerting.muting.matchers import (
    LABELS,
    Label,
    Matcher,
    MatcherError,
    all_hold,
    parse_all,
    parse_matchers,
    some_hold,
    too_wide,
)

LABELS_OF_A_CASE: dict[str, tuple[str, ...]] = {
    "severity": ("SEV2",),
    "rule": ("A09", "A13"),
    "entity_type": ("user",),
    "queue": ("",),
}


def values_of(name: Label) -> tuple[str, ...]:
    return LABELS_OF_A_CASE.get(name, ())


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ('severity="SEV4"', [("severity", "=", "SEV4")]),
        ('{rule=~"A0.*", entity_type!=user,}', [("rule", "=~", "A0.*"), ("entity_type", "!=", "user")]),
        ('entity = "u1:5f,2c" , queue=""', [("entity", "=", "u1:5f,2c"), ("queue", "=", "")]),
        ('source!="a\\"b\\\\c\\nd"', [("source", "!=", 'a"b\\c\nd')]),
        ('rule=~"\\d+"', [("rule", "=~", "\\d+")]),
        ("entity=u1:5f", [("entity", "=", "u1:5f")]),
    ],
)
def test_matchers_are_read(text: str, read: list[tuple[str, str, str]]) -> None:
    assert [(one.name, one.operator, one.value) for one in parse_matchers(text)] == read


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "at character 1: the name of a label is expected"),
        ("rule", "at character 5: one of = != =~ !~ is expected after rule"),
        ("rule=", 'at character 6: a value is expected; an empty one is ""'),
        ("severity=SEV1,colour=red", "at character 15: there is no label 'colour'"),
        ('rule="A09', "at character 6: a quote that is not closed"),
        ("rule=A09 severity=SEV1", "at character 10: a comma is expected"),
        ("{rule=A09", "at character 10: a comma or } is expected"),
        ('severity=SEV1, rule=~"a("', "at character 16: in the pattern of rule, at its character 2"),
        (f"rule={'a' * 501}", "at character 1: a value has at most 500 characters"),
    ],
)
def test_mistakes_are_told_with_their_place(text: str, said: str) -> None:
    with pytest.raises(MatcherError) as caught:
        parse_matchers(text)
    assert said in str(caught.value)


@given(st.sampled_from(LABELS), st.sampled_from(("=", "!=")), st.text(max_size=20))
def test_what_is_written_is_read_again(name: Label, operator: str, value: str) -> None:
    one = Matcher(name, operator, value)  # type: ignore[arg-type]  # of the list above
    assert parse_matchers(str(one)) == (one,)


@given(st.text(max_size=40))
def test_no_text_does_harm(text: str) -> None:
    try:
        found = parse_matchers(text)
    except MatcherError:
        return
    assert parse_all(map(str, found)) == found


@pytest.mark.parametrize(
    ("text", "holds_of_all", "holds_of_some"),
    [
        ("severity=SEV2", True, True),
        ("severity!=SEV2", False, False),
        ("rule=A09", False, True),  # the case rests on A13 as well
        ("rule=~A.*", True, True),
        ("rule!=A09", False, False),
        ("rule!=B01", True, True),
        ('queue=""', True, True),
        ("source=ehr", False, False),  # unknown is the same as empty
        ('source=""', True, True),
        ("source!~.+", True, True),
        ("severity=SEV2,entity_type=patient", False, False),
    ],
)
def test_a_matcher_holds_of_each_value_of_a_case(text: str, holds_of_all: bool, holds_of_some: bool) -> None:
    matchers = parse_matchers(text)
    assert all_hold(matchers, values_of) is holds_of_all
    assert some_hold(matchers, values_of) is holds_of_some


@pytest.mark.parametrize("text", ["rule=~.*", "rule!=A09", "source=~.+,rule=~.*", 'queue=""'])
def test_matchers_that_hold_everything_back_are_too_wide(text: str) -> None:
    assert too_wide(parse_matchers(text)) == "the matchers hold of every case; name what they are about"


def test_matchers_may_be_too_few_or_too_many() -> None:
    assert too_wide(()) == "at least one matcher is needed"
    assert too_wide(parse_matchers(",".join(["rule=A09"] * 21))) == "at most 20 matchers are possible"
    assert too_wide(parse_matchers("rule!=A09,severity=SEV4")) == ""
