"""The shipped rules as pySigma reads them: every rule is Sigma to others too, and means the same to them.

pySigma parses rules and evaluates nothing, so its tree is evaluated here, over the events of all tests.
"""

from importlib.resources.abc import Traversable
from typing import Any

import pytest
from sigma.collection import SigmaCollection
from sigma.conditions import ConditionAND, ConditionFieldEqualsValueExpression, ConditionNOT, ConditionOR
from sigma.correlations import SigmaCorrelationRule
from sigma.rule import SigmaRule
from sigma.types import (
    SigmaBool,
    SigmaCompareExpression,
    SigmaExists,
    SigmaFieldReference,
    SigmaString,
)

from detectors.notes import NOTE_NAMES
from detectors.sigma import RuleSet, load_rules, shipped_rules
from detectors.sigma.document import CorrelationType
from detectors.sigma.fields import CATEGORIES, resolve
from detectors.sigma.ruleset import TESTS
from detectors.sigma.testing import Shown
from tests.detectors.sigma.naive import COMPARISONS, glob, leaves, same, tree_of
from tests.detectors.sigma.test_correlation import META, ORDERED, READS, SUMMED, TOGETHER

RULES: RuleSet = load_rules([shipped_rules()], NOTE_NAMES)
EVENTS = [shown for test in RULES.tests for shown in test.events]
FILES: list[Traversable] = sorted(
    (file for file in shipped_rules().iterdir() if file.name.endswith(".yml") and not file.name.endswith(TESTS)),
    key=lambda file: file.name,
)


@pytest.mark.parametrize("file", FILES, ids=[file.name for file in FILES])
def test_a_rule_means_the_same_to_pysigma(file: Traversable) -> None:
    ours = {rule.header.id: rule for rule in RULES.rules}
    theirs = SigmaCollection.from_yaml(file.read_text()).rules
    assert theirs
    for rule in theirs:
        assert isinstance(rule, SigmaRule)
        own = ours[str(rule.id)]
        assert (rule.title, str(rule.level).lower()) == (own.header.title, own.header.level)
        assert CATEGORIES[str(rule.logsource.category)] is own.data_type
        needs = own.header.wardwatch.needs
        (condition,) = rule.detection.parsed_condition
        asked = [shown for shown in EVENTS if isinstance(shown.data, own.data_type)]
        expected = [
            holds(condition.parsed, shown) and all(shown.notes.get(name) is not None for name in needs)
            for shown in asked
        ]
        assert [own.matches(shown.data, shown.notes) for shown in asked] == expected
        assert {True, False} <= set(expected), "its own tests hold both"


def holds(node: Any, shown: Shown) -> bool:
    """Evaluate a condition of pySigma."""
    if isinstance(node, ConditionFieldEqualsValueExpression):
        return fits(node.value, held(node.field, shown), shown)
    answers = [holds(argument, shown) for argument in node.args]
    if isinstance(node, ConditionNOT):
        return not answers[0]
    assert isinstance(node, ConditionAND | ConditionOR)
    return all(answers) if isinstance(node, ConditionAND) else any(answers)


def held(name: str, shown: Shown) -> list[Any]:
    """Return what an event holds under a name, or its notes where that is no field of it."""
    if resolve(type(shown.data), name):
        found = leaves(tree_of(shown.data), name.split("."))
    else:
        found = leaves(shown.notes.get(name), [])
    return [value for value in found if value is not None]


def fits(wanted: Any, values: list[Any], shown: Shown) -> bool:
    if isinstance(wanted, SigmaExists):
        return bool(values) is wanted.exists
    if isinstance(wanted, SigmaFieldReference):
        return any(same(value, other) for value in values for other in held(wanted.field, shown))
    return any(fits_one(wanted, value) for value in values)


def fits_one(wanted: Any, value: Any) -> bool:
    if isinstance(wanted, SigmaCompareExpression):
        compare = COMPARISONS[wanted.op.name.lower()]
        return isinstance(value, int | float) and not isinstance(value, bool) and compare(value, wanted.number.number)
    if isinstance(wanted, SigmaBool):
        return same(value, wanted.boolean)
    assert isinstance(wanted, SigmaString), "a kind of value that no shipped rule had when this was written"
    return isinstance(value, str) and glob(str(wanted).lower(), value.lower())


READ_BY_PYSIGMA: dict[CorrelationType, str] = {
    "value_count": META,
    "value_sum": SUMMED,
    "temporal": TOGETHER,
    "temporal_ordered": ORDERED,
}


@pytest.mark.parametrize("kind", READ_BY_PYSIGMA)
def test_correlations_are_sigma(kind: CorrelationType) -> None:
    logins = READS.replace("111111111111\n", "111111111112\n").replace("phi_read", "entered")
    read = SigmaCollection.from_yaml("---\n".join([READS, logins, READ_BY_PYSIGMA[kind]])).rules
    (correlation,) = [rule for rule in read if isinstance(rule, SigmaCorrelationRule)]
    assert correlation.type.name.lower() == kind
    assert correlation.timespan is not None
    assert correlation.timespan.seconds == 3600
