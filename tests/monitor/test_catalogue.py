"""Titles by catalogue id: what leaves the house says no more than what every rule of that id has seen."""

from collections import defaultdict

from detectors.family_titles import FAMILY_TITLES
from monitor.catalogue import catalogue, read_rules, titles
from monitor.settings import load

MOST = 60
"""Characters of a title (CONTRIBUTING.md)."""


def test_several_rules_of_one_id_go_by_the_title_of_their_family() -> None:
    rules = read_rules(load(environment={}))
    by_id: dict[str, set[str]] = defaultdict(set)
    for row in catalogue(rules):
        by_id[row.id].add(row.title)
    several = {name for name, found in by_id.items() if len(found) > 1}
    assert several == set(FAMILY_TITLES)
    told = titles(rules)
    assert told["A01"] == "Access without a known reason"
    assert all(told[name] in found for name, found in by_id.items() if name not in several)
    assert set(told) == set(by_id)
    assert all(len(title) <= MOST for title in FAMILY_TITLES.values())


def test_no_title_of_a_family_names_a_category() -> None:
    forbidden = ("hiv", "psychiatr", "substance", "abortion", "addiction", "mental")
    assert not [title for title in FAMILY_TITLES.values() if any(word in title.lower() for word in forbidden)]
