"""Regular expressions that cannot be made to run for ever, in the syntax of RE2 as far as labels need it.

A pattern becomes a small machine (Thompson's construction) that reads a text once, character by character, with all its
states at a time: the work is at most the length of the text times the size of the pattern, whatever the pattern. There
is no back reference, no look-around and nothing to capture.
"""

from collections.abc import Callable, Iterator

MAX_PATTERN = 500
"""Characters of a pattern."""
MAX_STATES = 2_000
"""Of the machine; `a{1000}{1000}` would have a million."""
MAX_REPEAT = 1_000
"""As in RE2: the most that `{m,n}` may ask for."""

Test = Callable[[str], bool]
"""Whether a character fits."""
_Node = Callable[["_Machine", int], int]
"""Builds a part of the machine that leads to a state, and returns the state that it begins with."""

_CLASSES: dict[str, Test] = {
    "d": lambda one: one in "0123456789",
    "w": lambda one: one.isascii() and (one.isalnum() or one == "_"),
    "s": lambda one: one in "\t\n\f\r ",
}
_ESCAPED = {"t": "\t", "n": "\n", "r": "\r", "f": "\f", "v": "\v"}


class PatternError(ValueError):
    """Not a pattern; `place` counts characters from 0."""

    def __init__(self, message: str, place: int) -> None:
        super().__init__(message)
        self.place = place


class Pattern:
    """A compiled pattern, which fits whole texts only.

    Raises:
        PatternError: where the text is no pattern, or too large a one.
    """

    def __init__(self, text: str) -> None:
        self._machine = _Machine()
        self._start = _Reader(text).whole()(self._machine, self._machine.final)

    def fits(self, text: str) -> bool:
        """Return whether the whole text fits."""
        machine = self._machine
        states = machine.reached([self._start])
        for one in text:
            states = machine.reached(machine.following(states, one))
            if not states:
                return False
        return machine.final in states


class _Machine:
    """States by number: each either tests a character and leads to another, or leads to several at once."""

    def __init__(self) -> None:
        self._tests: list[Test | None] = [None]
        self._ways: list[list[int]] = [[]]
        self.final = 0

    def testing(self, test: Test, after: int) -> int:
        """Add a state that tests a character."""
        return self._add(test, [after])

    def forking(self, ways: list[int]) -> int:
        """Add a state that leads on without a character; `ways` may still grow."""
        return self._add(None, ways)

    def reached(self, states: list[int]) -> set[int]:
        """Return the states that are reached without another character."""
        found: set[int] = set()
        waiting = states
        while waiting:
            state = waiting.pop()
            if state not in found:
                found.add(state)
                if self._tests[state] is None:
                    waiting.extend(self._ways[state])
        return found

    def following(self, states: set[int], one: str) -> list[int]:
        """Return where a character leads to."""
        return [self._ways[state][0] for state in states if (test := self._tests[state]) is not None and test(one)]

    def _add(self, test: Test | None, ways: list[int]) -> int:
        if len(self._tests) >= MAX_STATES:
            message = "the pattern asks for too many repetitions"
            raise PatternError(message, 0)
        self._tests.append(test)
        self._ways.append(ways)
        return len(self._tests) - 1


class _Reader:
    """Reads a pattern. `^` may begin and `$` may end it, as people write them; they change nothing."""

    def __init__(self, text: str) -> None:
        if len(text) > MAX_PATTERN:
            message = f"a pattern has at most {MAX_PATTERN} characters"
            raise PatternError(message, MAX_PATTERN)
        self._text = text
        self._at = 0
        self._depth = 0

    def whole(self) -> _Node:
        self._take("^")
        node = self._alternatives()
        end = self._at
        self._take("$")
        if self._at < len(self._text):
            raise self._error(
                "a closing parenthesis without an opening one" if self._text[end] == ")" else "misplaced $", end
            )
        return node

    def _alternatives(self) -> _Node:
        options = [self._sequence()]
        while self._take("|"):
            options.append(self._sequence())
        if len(options) == 1:
            return options[0]
        return lambda machine, after: machine.forking([option(machine, after) for option in options])

    def _sequence(self) -> _Node:
        parts: list[_Node] = []
        while self._next and self._next not in "|)$":
            parts.append(self._repeated())

        def build(machine: _Machine, after: int) -> int:
            for part in reversed(parts):
                after = part(machine, after)
            return after

        return build

    def _repeated(self) -> _Node:
        start = self._at
        node = self._atom()
        bounds = self._bounds()
        if bounds is None:
            return node
        self._take("?")  # "as few as possible": the same where whole texts must fit
        low, high = bounds
        if (high is not None and (high < low or high > MAX_REPEAT)) or low > MAX_REPEAT:
            message = f"a repetition counts up to {MAX_REPEAT}, the smaller number first"
            raise self._error(message, start)
        if self._next and self._next in "*+?":
            raise self._error("a repetition of a repetition")
        return _repetition(node, low, high)

    def _bounds(self) -> tuple[int, int | None] | None:
        for sign, bounds in (("*", (0, None)), ("+", (1, None)), ("?", (0, 1))):
            if self._take(sign):
                return bounds
        if self._next != "{":
            return None
        end = self._text.find("}", self._at)
        low, comma, high = self._text[self._at + 1 : end].partition(",")
        if end < 0 or not _is_number(low) or (high and not _is_number(high)):
            raise self._error("{ begins a repetition, {2} or {2,} or {2,5}; write \\{ for the character")
        self._at = end + 1
        return int(low), (int(high) if high else None) if comma else int(low)

    def _atom(self) -> _Node:
        start, one = self._at, self._next
        self._at += 1
        match one:
            case "(":
                return self._group(start)
            case "[":
                return _testing(self._class(start))
            case ".":
                return _testing(lambda _: True)
            case "\\":
                return _testing(self._escaped())
            case "*" | "+" | "?" | "{":
                raise self._error("nothing to repeat", start)
            case "^":
                raise self._error("misplaced ^", start)
            case _:
                return _testing(lambda other: other == one)

    def _group(self, start: int) -> _Node:
        if self._take("?") and not self._take(":"):
            raise self._error("(?: is the only special group", start)
        self._depth += 1
        if self._depth > 50:
            raise self._error("too many parentheses", start)
        node = self._alternatives()
        if not self._take(")"):
            raise self._error("a parenthesis that is not closed", start)
        self._depth -= 1
        return node

    def _escaped(self) -> Test:
        if not self._next:
            raise self._error("a backslash before nothing", self._at - 1)
        one = self._next
        self._at += 1
        if one.lower() in _CLASSES:
            test = _CLASSES[one.lower()]
            return test if one.islower() else lambda other: not test(other)
        if one.isalnum() and one not in _ESCAPED:
            message = f"\\{one} is not known here"
            raise self._error(message, self._at - 2)
        literal = _ESCAPED.get(one, one)
        return lambda other: other == literal

    def _class(self, start: int) -> Test:
        is_negated = self._take("^")
        tests: list[Test] = []
        while not self._take("]") or not tests:
            if not self._next and self._at >= len(self._text):
                raise self._error("a bracket that is not closed", start)
            tests.append(self._range(start) if tests or self._text[self._at - 1] != "]" else _same("]"))
        return lambda one: any(test(one) for test in tests) != is_negated

    def _range(self, start: int) -> Test:
        one = self._next
        self._at += 1
        if one == "\\":
            return self._escaped()
        if self._next != "-" or self._text[self._at + 1 : self._at + 2] in ("]", ""):
            return _same(one)
        last = self._text[self._at + 1]
        self._at += 2
        if last < one or last == "\\":
            raise self._error("a range that ends before it begins", start)
        return lambda other: one <= other <= last

    @property
    def _next(self) -> str:
        return self._text[self._at : self._at + 1]

    def _take(self, sign: str) -> bool:
        if self._next != sign:
            return False
        self._at += 1
        return True

    def _error(self, message: str, place: int | None = None) -> PatternError:
        return PatternError(message, self._at if place is None else place)


def _same(one: str) -> Test:
    return lambda other: other == one


def _testing(test: Test) -> _Node:
    return lambda machine, after: machine.testing(test, after)


def _repetition(node: _Node, low: int, high: int | None) -> _Node:
    def build(machine: _Machine, after: int) -> int:
        start = after
        if high is None:
            ways = [after]
            start = machine.forking(ways)
            ways.append(node(machine, start))
        for _ in _times((high or low) - low):
            start = machine.forking([node(machine, start), after])
        for _ in _times(low):
            start = node(machine, start)
        return start

    return build


def _times(n: int) -> Iterator[int]:
    return iter(range(n))


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 6
