"""The `detection` section: selections of field tests, and the condition that joins them.

A selection is a map (all its tests must hold) or a list of maps (one of them must). What Sigma knows and this subset
does not, such as keyword search and encodings, is refused here.
"""

import ipaddress
import re
from collections.abc import Callable
from typing import Literal, get_args

from msgspec import Struct

from detectors.sigma.condition import Condition, ConditionError, Name, is_name, names_in, parse_condition
from detectors.sigma.problems import Problems
from detectors.sigma.reader import suggestion
from detectors.sigma.source import Node, Scalar

Operator = Literal[
    "equals", "contains", "startswith", "endswith", "re", "cidr", "lt", "lte", "gt", "gte", "exists", "fieldref",
    "expand",
]  # fmt: skip
OPERATORS: dict[str, Operator] = {name: name for name in get_args(Operator) if name != "equals"}

Part = Literal["", "minute", "hour", "day", "week", "month"]
PARTS: dict[Part, tuple[int, int]] = {
    "minute": (0, 59), "hour": (0, 23), "day": (1, 31), "week": (1, 53), "month": (1, 12),
}  # fmt: skip
"""Parts of an instant, with their ranges; weeks are ISO 8601 weeks, which some years have 53 of."""

PLACEHOLDER = re.compile(r"%([A-Za-z0-9_]+)%")
"""A value of `expand`: the name of a list between per cent signs."""

_FLAGS = ("all", "cased", "neq")
_COMPARISONS = frozenset({"lt", "lte", "gt", "gte"})
_CASED = frozenset({"equals", "contains", "startswith", "endswith", "expand"})
_LISTED = frozenset({"equals", "contains", "startswith", "endswith", "re", "cidr"})
"""Operators whose values `all` can join."""


class FieldTest(Struct, frozen=True):
    """One line of a selection. `every` joins the values by and, `negated` turns the answer round."""

    field: str
    line: int
    operator: Operator
    values: tuple[Scalar, ...]
    part: Part = ""
    every: bool = False
    negated: bool = False
    cased: bool = False


Selection = tuple[tuple[FieldTest, ...], ...]
"""Alternatives, each of them tests that must all hold."""


class Detection(Struct, frozen=True):
    """What a rule looks for."""

    selections: dict[str, Selection]
    condition: Condition


_UNREAD = Name("")
"""Stands for a condition that could not be read, so that the selections can still be compiled."""

NOTHING = Detection({}, _UNREAD)
"""Stands for a detection that could not be read."""


def read_detection(node: Node, problems: Problems) -> Detection:
    """Read a `detection` section, noting what is wrong with it."""
    if not isinstance(node.value, dict):
        problems.add(node.line, "detection must be a map of selections and a condition")
        return NOTHING
    selections: dict[str, Selection] = {}
    for name, entry in node.value.items():
        if name == "timeframe":
            problems.add(entry.line, "timeframe is not supported: write a correlation rule with a timespan")
        elif name != "condition" and not is_name(name):
            problems.add(entry.line, f"{name!r} cannot be the name of a selection: use letters, digits and _")
        elif name != "condition":
            selections[name] = _selection(name, entry, problems)
    entry = node.value.get("condition", Node(node.line, None))
    if not isinstance(entry.value, str):
        problems.add(entry.line, "detection needs one condition, as a text")
        return Detection(selections, _UNREAD)
    try:
        condition = parse_condition(entry.value, selections)
    except ConditionError as error:
        problems.add(entry.line, f"condition: {error}")
        return Detection(selections, _UNREAD)
    used = names_in(condition)
    for name in selections:
        if name not in used:
            problems.add(node.value[name].line, f"the condition does not use the selection {name}: use or remove it")
    return Detection(selections, condition)


def _selection(name: str, node: Node, problems: Problems) -> Selection:
    alternatives = node.value if isinstance(node.value, list) else [node]
    if not alternatives:
        problems.add(node.line, f"the selection {name} is empty")
    tests = []
    for alternative in alternatives:
        if isinstance(alternative.value, dict) and alternative.value:
            read = (_field_test(key, entry, problems) for key, entry in alternative.value.items())
            tests.append(tuple(test for test in read if test is not None))
        elif isinstance(alternative.value, dict):
            problems.add(alternative.line, f"the selection {name} is empty")
        else:
            problems.add(alternative.line, f"{name} searches for keywords, which is not supported: name a field")
    return tuple(tests)


def _field_test(key: str, node: Node, problems: Problems) -> FieldTest | None:
    """Read one line of a selection; `None` where it is wrong, so that the others can still be compiled."""
    before = len(problems.found)
    field, *modifiers = key.split("|")
    operator: Operator = "equals"
    part: Part = ""
    for position, modifier in enumerate(modifiers):
        if modifier in modifiers[:position]:
            problems.add(node.line, f"the modifier {modifier} is given twice")
        elif modifier in OPERATORS and operator == "equals":
            operator = OPERATORS[modifier]
        elif modifier in PARTS and not part:
            part = next(name for name in PARTS if name == modifier)
        elif modifier in OPERATORS or modifier in PARTS:
            problems.add(node.line, f"the modifiers of {key} cannot be combined: use two selections")
        elif modifier not in _FLAGS:
            known = (*OPERATORS, *PARTS, *_FLAGS)
            problems.add(node.line, f"the modifier {modifier!r} is not supported{suggestion(modifier, known)}")
    test = FieldTest(
        field=field,
        line=node.line,
        operator=operator,
        values=_values(key, node, problems),
        part=part,
        every="all" in modifiers,
        negated="neq" in modifiers,
        cased="cased" in modifiers,
    )
    _check_modifiers(test, problems)
    for value in test.values:
        message = _wrong_value(test, value)
        if message:
            problems.add(test.line, f"{key}: {message}")
    return test if len(problems.found) == before else None


def _values(key: str, node: Node, problems: Problems) -> tuple[Scalar, ...]:
    items = node.value if isinstance(node.value, list) else [node]
    values: list[Scalar] = []
    for item in items:
        if isinstance(item.value, list | dict):
            problems.add(item.line, f"{key} needs a value or a list of values")
        else:
            values.append(item.value)
    if not items:
        problems.add(node.line, f"{key} has an empty list, which nothing can match: give a value")
    return tuple(values)


def _check_modifiers(test: FieldTest, problems: Problems) -> None:
    if test.cased and test.operator not in _CASED:
        problems.add(test.line, f"cased has no meaning with {test.operator}: remove it")
    if test.part and test.operator != "equals" and test.operator not in _COMPARISONS:
        problems.add(test.line, f"{test.part} gives a number, which {test.operator} cannot test")
    if test.every and (test.operator not in _LISTED or len(test.values) < 2):
        problems.add(test.line, "all needs a list of two values or more, to be looked for in a text or a list")
    if test.operator in _COMPARISONS | {"exists"} and len(test.values) > 1:
        problems.add(test.line, f"{test.operator} takes one value")


def _wrong_value(test: FieldTest, value: Scalar) -> str:
    """Return what is wrong with a value for its operator, or nothing."""
    if test.part:
        least, most = PARTS[test.part]
        right = isinstance(value, int) and not isinstance(value, bool) and least <= value <= most
        return "" if right else f"{test.part} is a whole number from {least} to {most}"
    return _WRONG[test.operator](value)


def _not_a_value(value: Scalar) -> str:
    return "an empty text counts as absent: write null" if value == "" else ""


def _not_a_number(value: Scalar) -> str:
    return "" if isinstance(value, int | float) and not isinstance(value, bool) else "needs a number"


def _not_a_text(value: Scalar) -> str:
    return "" if isinstance(value, str) and value else "needs a text: quote it"


def _not_a_truth(value: Scalar) -> str:
    return "" if isinstance(value, bool) else "needs true or false"


def _not_a_placeholder(value: Scalar) -> str:
    return "" if isinstance(value, str) and PLACEHOLDER.fullmatch(value) else "needs the name of one list, as %name%"


def _not_an_expression(value: Scalar) -> str:
    try:
        re.compile(value if isinstance(value, str) else "(")
    except (re.error, OverflowError, RecursionError) as error:
        return f"is not a regular expression: {error}"
    return _not_a_text(value)


def _not_a_network(value: Scalar) -> str:
    try:
        ipaddress.ip_network(str(value))
    except ValueError:
        return "needs a network such as '10.0.0.0/8', with no bits set behind its prefix"
    return _not_a_text(value)


_WRONG: dict[Operator, Callable[[Scalar], str]] = {
    "equals": _not_a_value,
    "contains": _not_a_text,
    "startswith": _not_a_text,
    "endswith": _not_a_text,
    "re": _not_an_expression,
    "cidr": _not_a_network,
    "lt": _not_a_number,
    "lte": _not_a_number,
    "gt": _not_a_number,
    "gte": _not_a_number,
    "exists": _not_a_truth,
    "fieldref": _not_a_text,
    "expand": _not_a_placeholder,
}
