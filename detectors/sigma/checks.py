"""Checks of one value: what a field test asks of a value, compiled once.

A check takes anything that a field or a note may hold and never raises. Texts are compared in lower case unless
`cased`; `None` and the empty text are absent, and only `null`, `exists: false` hold for them.
"""

import datetime
import ipaddress
import operator
import re
from collections.abc import Callable, Collection, Mapping
from typing import Any

from detectors.sigma.detection import PLACEHOLDER, FieldTest, Operator, Part
from detectors.sigma.patterns import STAR, Token, literal, matcher, tokens
from detectors.sigma.source import Scalar

Check = Callable[[object], bool]
Lists = Mapping[str, frozenset[str]]

COSTS: dict[Operator, int] = {"re": 20, "cidr": 60}
"""Relative cost of a check, where it is not 4: the cheap ones are asked first."""

ORDINARY_COST = 4
NOTE_COST = 1
"""Of a note that is asked by an ordinary operator: most are not there at all, so they settle the matter early."""


def is_present(value: object) -> bool:
    """Whether a field or note holds anything."""
    return value is not None and value != ""


def check_of(test: FieldTest, values: Collection[Scalar], lists: Lists) -> Check:
    """Return the check that holds where one of `values` fits."""
    if test.part:
        return _of_part(test.part, _CHECKS[test.operator](test, values, lists))
    return _CHECKS[test.operator](test, values, lists)


def missing_lists(test: FieldTest, lists: Lists) -> list[str]:
    """Return the names of lists that `expand` asks for and nobody has given."""
    names = [name for value in test.values if (name := _list_name(value))] if test.operator == "expand" else []
    return [name for name in names if name not in lists]


def _list_name(value: Scalar) -> str:
    found = PLACEHOLDER.fullmatch(str(value))
    return found[1] if found else ""


def _equals(test: FieldTest, values: Collection[Scalar], lists: Lists) -> Check:
    checks: list[Check] = []
    patterns = [tokens(value) for value in values if isinstance(value, str)]
    literals = [text for pattern in patterns if (text := literal(pattern)) is not None]
    if literals:
        checks.append(one_of_texts(literals, cased=test.cased))
    checks += [_fits(pattern, cased=test.cased) for pattern in patterns if literal(pattern) is None]
    flags = frozenset(value for value in values if isinstance(value, bool))
    if flags:
        checks.append(lambda value: type(value) is bool and value in flags)
    numbers = frozenset(value for value in values if isinstance(value, int | float) and not isinstance(value, bool))
    if numbers:
        checks.append(lambda value: type(value) in _NUMBERS and value in numbers)
    if None in values:
        checks.append(lambda value: value is None or value == "")
    return checks[0] if len(checks) == 1 else lambda value: any(check(value) for check in checks)


def one_of_texts(texts: Collection[str], *, cased: bool) -> Check:
    """Return the check that a value is one of these texts, without wildcards."""
    if cased:
        exact = frozenset(texts)
        return lambda value: type(value) is str and value in exact
    lowered = frozenset(text.lower() for text in texts)
    return lambda value: type(value) is str and value.lower() in lowered


def _fits(pattern: list[Token], *, cased: bool) -> Check:
    if cased:
        fits = matcher(pattern)
        return lambda value: type(value) is str and value != "" and bool(fits(value))
    fits_lower = matcher([(wild, character.lower()) for wild, character in pattern])
    return lambda value: type(value) is str and value != "" and bool(fits_lower(value.lower()))


def _around(before: list[Token], after: list[Token]) -> Callable[[FieldTest, Collection[Scalar], Lists], Check]:
    def build(test: FieldTest, values: Collection[Scalar], lists: Lists) -> Check:
        checks = [_fits([*before, *tokens(str(value)), *after], cased=test.cased) for value in values]
        return checks[0] if len(checks) == 1 else lambda value: any(check(value) for check in checks)

    return build


def _expression(test: FieldTest, values: Collection[Scalar], lists: Lists) -> Check:
    searches = [re.compile(str(value)).search for value in values]
    return lambda value: type(value) is str and value != "" and any(search(value) for search in searches)


def _network(test: FieldTest, values: Collection[Scalar], lists: Lists) -> Check:
    networks = [ipaddress.ip_network(str(value)) for value in values]

    def check(value: object) -> bool:
        if type(value) is not str:
            return False
        try:
            address = ipaddress.ip_address(value)
        except ValueError:  # a token, or nothing: no address is in no network
            return False
        return any(address in network for network in networks)

    return check


def _compared(compare: Callable[[Any, Any], bool]) -> Callable[[FieldTest, Collection[Scalar], Lists], Check]:
    def build(test: FieldTest, values: Collection[Scalar], lists: Lists) -> Check:
        limit = next(iter(values))
        return lambda value: type(value) in _NUMBERS and compare(value, limit)

    return build


def _exists(test: FieldTest, values: Collection[Scalar], lists: Lists) -> Check:
    return is_present


def _expanded(test: FieldTest, values: Collection[Scalar], lists: Lists) -> Check:
    return one_of_texts(frozenset().union(*(lists[_list_name(value)] for value in values)), cased=test.cased)


def _of_part(part: Part, check: Check) -> Check:
    read = _PARTS[part]

    def check_part(value: object) -> bool:
        if isinstance(value, datetime.datetime):
            return check(read(value.astimezone(datetime.UTC)))
        return isinstance(value, datetime.date) and check(read(value))

    return check_part


_NUMBERS = frozenset({int, float})

_PARTS: dict[Part, Callable[[Any], int]] = {
    "minute": operator.attrgetter("minute"),
    "hour": operator.attrgetter("hour"),
    "day": operator.attrgetter("day"),
    "week": lambda value: int(value.isocalendar().week),
    "month": operator.attrgetter("month"),
}

_CHECKS: dict[Operator, Callable[[FieldTest, Collection[Scalar], Lists], Check]] = {
    "equals": _equals,
    "contains": _around([STAR], [STAR]),
    "startswith": _around([], [STAR]),
    "endswith": _around([STAR], []),
    "re": _expression,
    "cidr": _network,
    "lt": _compared(operator.lt),
    "lte": _compared(operator.le),
    "gt": _compared(operator.gt),
    "gte": _compared(operator.ge),
    "exists": _exists,
    "expand": _expanded,
}
