"""Conditions of Sigma rules: `selection and not 1 of filter_*`, parsed into a small tree.

Precedence from loose to tight: or, and, not, `x of`, brackets (Sigma rules specification 2.1, "Condition").
"""

import re
from collections.abc import Collection
from typing import NoReturn

from msgspec import Struct

_TOKEN = re.compile(r"\s*(?:(?P<word>[A-Za-z0-9_*]+)|(?P<bracket>[()])|(?P<other>\S))")
_KEYWORDS = frozenset({"and", "or", "not", "of", "them", "all", "1"})
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
"""How a selection may be called."""

_DEEPEST = 50
"""Deeper brackets are no condition that a person wrote."""


class ConditionError(ValueError):
    """A condition that cannot be understood; the text says why and what to write instead."""


class Name(Struct, frozen=True):
    """A selection, by name."""

    name: str


class Not(Struct, frozen=True):
    """What must not hold."""

    item: "Condition"


class And(Struct, frozen=True):
    """All must hold."""

    items: tuple["Condition", ...]


class Or(Struct, frozen=True):
    """One must hold."""

    items: tuple["Condition", ...]


Condition = Name | Not | And | Or


def is_name(text: str) -> bool:
    """Whether a selection may have this name."""
    return NAME.fullmatch(text) is not None and text not in _KEYWORDS


def parse_condition(text: str, names: Collection[str]) -> Condition:
    """Parse a condition over the selections `names`.

    Raises:
        ConditionError: where it is not a condition, or names what is not there.
    """
    return _Parser(text, names).parse()


def names_in(condition: Condition) -> set[str]:
    """Return the selections that a condition speaks of."""
    if isinstance(condition, Name):
        return {condition.name}
    if isinstance(condition, Not):
        return names_in(condition.item)
    return set().union(*map(names_in, condition.items))


def _refuse(message: str) -> NoReturn:
    raise ConditionError(message)


class _Parser:
    def __init__(self, text: str, names: Collection[str]) -> None:
        self._tokens = _tokens(text)
        self._names = list(names)
        self._at = 0
        self._depth = 0

    def parse(self) -> Condition:
        condition = self._either()
        if self._next is not None:
            _refuse(f"expected and, or or the end, not {self._next!r}")
        return condition

    @property
    def _next(self) -> str | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def _take(self, token: str) -> bool:
        taken = self._next == token
        self._at += taken
        return taken

    def _either(self) -> Condition:
        items = [self._both()]
        while self._take("or"):
            items.append(self._both())
        return items[0] if len(items) == 1 else Or(tuple(items))

    def _both(self) -> Condition:
        items = [self._negated()]
        while self._take("and"):
            items.append(self._negated())
        return items[0] if len(items) == 1 else And(tuple(items))

    def _negated(self) -> Condition:
        self._depth += 1
        if self._depth > _DEEPEST:
            _refuse(f"the condition nests deeper than {_DEEPEST}: simplify it")
        condition = Not(self._negated()) if self._take("not") else self._single()
        self._depth -= 1
        return condition

    def _single(self) -> Condition:
        if self._take("("):
            condition = self._either()
            if not self._take(")"):
                _refuse("a bracket is not closed")
            return condition
        word = self._next
        if word is None:
            _refuse("the condition ends where a selection was expected")
        self._at += 1
        if self._take("of"):
            return self._several(word)
        if word not in self._names:
            _refuse(f"there is no selection {word!r}; there are {', '.join(self._names)}")
        return Name(word)

    def _several(self, quantity: str) -> Condition:
        pattern = self._next
        if quantity not in ("1", "all"):
            _refuse(f"{quantity!r} of is not supported: write 1 of or all of")
        if pattern is None:
            _refuse("after of comes a selection, a pattern such as filter_*, or them")
        self._at += 1
        items = tuple(Name(name) for name in self._names if _covers(pattern, name))
        if not items:
            _refuse(f"no selection fits {pattern!r}; there are {', '.join(self._names)}")
        if len(items) == 1:
            return items[0]
        return Or(items) if quantity == "1" else And(items)


def _covers(pattern: str, name: str) -> bool:
    """Whether a pattern means a selection; a leading underscore hides a selection from all but its own kind."""
    if name.startswith("_") and not pattern.startswith("_"):
        return False
    return pattern == "them" or re.fullmatch(pattern.replace("*", ".*"), name) is not None


def _tokens(text: str) -> list[str]:
    tokens = []
    for found in _TOKEN.finditer(text):
        if found["other"] == "|":
            _refuse("aggregations behind | are not supported: write a correlation rule")
        if found["other"]:
            _refuse(f"{found['other']!r} has no meaning in a condition")
        word = found["word"] or found["bracket"]
        if word.lower() in _KEYWORDS and word != word.lower():
            _refuse(f"write {word.lower()} in lower case")
        tokens.append(word)
    return tokens
