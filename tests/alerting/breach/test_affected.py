"""Counts of affected individuals."""

import pytest

from alerting.breach.affected import STATES, Affected, checked, counts_in, counts_of
from alerting.refusal import Refused


def test_fifty_states_the_district_and_five_territories() -> None:
    assert len(STATES) == 50 + 1 + 5


def test_counts_from_the_command_line() -> None:
    assert counts_of(["ca=12", "NY=500", "XX=1"]) == {"CA": 12, "NY": 500, "XX": 1}


@pytest.mark.parametrize("pair", ["CA", "CA=", "CA=x", "CA=-1", "CA=1.5", "ZZ=1", "=3", "CA=²"])
def test_wrong_counts_are_refused(pair: str) -> None:
    with pytest.raises(Refused):
        counts_of([pair])


def test_a_state_counts_once() -> None:
    with pytest.raises(Refused, match="CA is counted twice"):
        counts_of(["CA=1", "ca=2"])


def test_counts_from_csv() -> None:
    assert counts_in("\ufeffState,Count,Remark\r\nca, 12,x\r\nNY,3,\r\n") == {"CA": 12, "NY": 3}


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("", "first line"),
        ("state\nCA\n", "first line"),
        ("state,count\nCA,1\nCalifornia,2\n", "line 3"),
        ("state,count\nCA\n", "line 2"),
        ("state,count\nCA,1\nCA,2\n", "line 3"),
    ],
)
def test_wrong_csv_is_told_by_its_line(text: str, place: str) -> None:
    with pytest.raises(Refused, match=place):
        counts_in(text)


def test_who_is_told_by_letter() -> None:
    affected = Affected(states={"CA": 12, "XX": 8}, unreachable=3, deceased=2, deceased_without_kin=1)
    assert (affected.total, affected.by_letter) == (20, 14)


@pytest.mark.parametrize(("count", "media"), [(499, []), (500, []), (501, ["NY"])])
def test_media_from_more_than_500_residents_of_one_state(count: int, media: list[str]) -> None:
    assert Affected(states={"NY": count, "CA": 500, "XX": 5000}).media_states == media


@pytest.mark.parametrize(
    "affected",
    [
        Affected(states={"CA": 3}, unreachable=2, deceased=1, deceased_without_kin=1),
        Affected(states={"CA": 3}, unreachable=-1),
        Affected(states={"ca": 3}),
    ],
)
def test_impossible_counts_are_refused(affected: Affected) -> None:
    with pytest.raises(Refused):
        checked(affected)
