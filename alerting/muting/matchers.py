"""Matchers: what a silence is about, in Alertmanager's words (`rule=~"A0.*", entity_type!=user`). Pure.

A case may have several values of a label (its rules, its sources). A matcher holds of a case if it holds of each: a
silence for one rule does not hold back a case that rests on another rule as well.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from functools import lru_cache
from typing import Literal, TypeAlias

from msgspec import Struct

from alerting.muting.pattern import Pattern, PatternError

Operator: TypeAlias = Literal["=", "!=", "=~", "!~"]
Label: TypeAlias = Literal[
    "severity", "rule", "entity_type", "entity", "queue", "incident", "kind", "source", "department", "team"
]

LABELS: tuple[Label, ...] = (
    "severity", "rule", "entity_type", "entity", "queue", "incident", "kind", "source", "department", "team",
)  # fmt: skip
"""`entity` is a token; `team` is that of the assignee; `source` and `department` are those of the findings."""

MAX_MATCHERS = 20
MAX_VALUE = 500

ValuesOf: TypeAlias = Callable[[Label], Collection[str]]
"""Gives the values that a case has of a label; none is the same as an empty one."""

_OPERATORS: tuple[Operator, ...] = ("=~", "!~", "!=", "=")
_ENDS_A_VALUE = frozenset(',{}"')


class MatcherError(ValueError):
    """Not a matcher. The message says what is wrong and at which character, counted from 1."""


class Matcher(Struct, frozen=True):
    """One condition on a label."""

    name: Label
    operator: Operator
    value: str

    def holds(self, values: Collection[str]) -> bool:
        """Return whether it holds of every value."""
        return all(self._fits(value) for value in values or ("",))

    def holds_of_some(self, values: Collection[str]) -> bool:
        """Return whether a value is as it says; one that excludes must still exclude them all."""
        if self.operator in ("!=", "!~"):
            return self.holds(values)
        return any(self._fits(value) for value in values or ("",))

    def _fits(self, value: str) -> bool:
        same = value == self.value if self.operator in ("=", "!=") else _pattern(self.value).fits(value)
        return same == (self.operator in ("=", "=~"))

    def __str__(self) -> str:
        quoted = self.value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
        return f'{self.name}{self.operator}"{quoted}"'


def parse_matchers(text: str) -> tuple[Matcher, ...]:
    """Read matchers with commas between them, with or without braces around all.

    >>> [str(one) for one in parse_matchers('{rule=~"A0.*", entity_type!=user}')]
    ['rule=~"A0.*"', 'entity_type!="user"']

    Raises:
        MatcherError: where the text is none.
    """
    return _Reader(text).whole()


def parse_all(texts: Iterable[str]) -> tuple[Matcher, ...]:
    """Read matchers from several texts; see `parse_matchers`."""
    return tuple(matcher for text in texts for matcher in parse_matchers(text))


def matcher(name: str, operator: Operator, value: str) -> Matcher:
    """Return a matcher of parts.

    Raises:
        MatcherError: where there is no such label, or the value is no pattern.
    """
    if name not in LABELS:
        message = f"there is no label {name[:40]!r}; there are {', '.join(LABELS)}"
        raise MatcherError(message)
    if len(value) > MAX_VALUE:
        message = f"a value has at most {MAX_VALUE} characters"
        raise MatcherError(message)
    if operator in ("=~", "!~"):
        try:
            _pattern(value)
        except PatternError as error:
            message = f"in the pattern of {name}, at its character {error.place + 1}: {error}"
            raise MatcherError(message) from None
    return Matcher(name, operator, value)


def all_hold(matchers: Iterable[Matcher], values_of: ValuesOf) -> bool:
    """Return whether every matcher holds of a case."""
    return all(one.holds(values_of(one.name)) for one in matchers)


def some_hold(matchers: Iterable[Matcher], values_of: ValuesOf) -> bool:
    """Return whether a case is among those that the matchers speak of; see `Matcher.holds_of_some`."""
    return all(one.holds_of_some(values_of(one.name)) for one in matchers)


def too_wide(matchers: Sequence[Matcher]) -> str:
    """Return what is wrong with matchers that would hold everything back, or an empty text."""
    if not matchers:
        return "at least one matcher is needed"
    if len(matchers) > MAX_MATCHERS:
        return f"at most {MAX_MATCHERS} matchers are possible"
    if all(one.holds([""]) or _fits_anything(one) for one in matchers):
        return "the matchers hold of every case; name what they are about"
    return ""


def _fits_anything(one: Matcher) -> bool:
    return one.operator == "=~" and one.value in (".*", ".+")


@lru_cache(maxsize=1_000)
def _pattern(text: str) -> Pattern:
    return Pattern(text)


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def whole(self) -> tuple[Matcher, ...]:
        is_braced = self._take("{")
        found = [self._matcher()]
        while self._take(","):
            if self._is_at_end(is_braced=is_braced):
                break  # a comma after the last one, as Alertmanager allows
            found.append(self._matcher())
        if is_braced and not self._take("}"):
            raise self._error("a comma or } is expected")
        if self._rest:
            raise self._error("a comma is expected")
        return tuple(found)

    def _matcher(self) -> Matcher:
        self._skip()
        start = self._at
        name = self._word(lambda one: one.isalnum() or one in "_-.")
        if not name:
            raise self._error("the name of a label is expected")
        operator = next((one for one in _OPERATORS if self._take(one)), None)
        if operator is None:
            message = f"one of = != =~ !~ is expected after {name[:40]}"
            raise self._error(message)
        value = self._value()
        try:
            return matcher(name, operator, value)
        except MatcherError as error:
            raise self._error(str(error), start) from None

    def _value(self) -> str:
        if self._take('"'):
            return self._quoted()
        value = self._word(lambda one: not one.isspace() and one not in _ENDS_A_VALUE)
        if not value:
            raise self._error('a value is expected; an empty one is ""')
        return value

    def _quoted(self) -> str:
        start = self._at - 1
        found: list[str] = []
        while (one := self._text[self._at : self._at + 1]) != '"':
            if not one:
                raise self._error("a quote that is not closed", start)
            if one == "\\":
                self._at += 1
                escaped = self._text[self._at : self._at + 1]
                # As in Prometheus, but a backslash before anything else is itself, so that "\d" needs no doubling.
                one = {"n": "\n", '"': '"', "\\": "\\"}.get(escaped, f"\\{escaped}")
            found.append(one)
            self._at += 1
        self._at += 1
        return "".join(found)

    @property
    def _rest(self) -> str:
        self._skip()
        return self._text[self._at :]

    def _is_at_end(self, *, is_braced: bool) -> bool:
        return self._rest[:1] == ("}" if is_braced else "")

    def _skip(self) -> None:
        while self._text[self._at : self._at + 1].isspace():
            self._at += 1

    def _take(self, sign: str) -> bool:
        self._skip()
        if not self._text.startswith(sign, self._at):
            return False
        self._at += len(sign)
        return True

    def _word(self, belongs: Callable[[str], bool]) -> str:
        self._skip()
        start = self._at
        while self._at < len(self._text) and belongs(self._text[self._at]):
            self._at += 1
        return self._text[start : self._at]

    def _error(self, message: str, place: int | None = None) -> MatcherError:
        return MatcherError(f"at character {(self._at if place is None else place) + 1}: {message}")
