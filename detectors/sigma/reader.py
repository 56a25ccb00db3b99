"""Typed reading of one map of a rule file: each key once, and whatever nobody asked for is refused."""

import difflib
import re
from collections.abc import Collection

from detectors.sigma.problems import Problems
from detectors.sigma.source import Node


class Reader:
    """Reads the keys of a map and notes what is wrong with them.

    Every method returns an empty value where the key is missing or wrong, so that reading goes on to the next
    problem; `finish` refuses the keys that were never read.
    """

    def __init__(self, node: Node, problems: Problems, what: str) -> None:
        self.line = node.line
        self._problems = problems
        self._what = what
        self._read: set[str] = set()
        self._entries: dict[str, Node] = {}
        if isinstance(node.value, dict):
            self._entries = node.value
        else:
            problems.add(node.line, f"{what} must be a map of keys and values")

    def problem(self, key: str, message: str) -> None:
        """Note a problem at the line of `key`."""
        entry = self._entries.get(key)
        self._problems.add(entry.line if entry else self.line, message)

    def node(self, key: str, *, required: bool = False) -> Node | None:
        """Return the value of `key` with its lines."""
        self._read.add(key)
        entry = self._entries.get(key)
        if entry is None and required:
            self._problems.add(self.line, f"{self._what} needs the key {key}")
        return entry

    def text(
        self,
        key: str,
        *,
        required: bool = False,
        pattern: str = "",
        choices: Collection[str] = (),
        limit: int = 65_535,
        default: str = "",
    ) -> str:
        """Return a text, with `pattern` or `choices` saying which are good and `limit` its greatest length."""
        entry = self.node(key, required=required)
        if entry is None:
            return default
        value = entry.value
        if not isinstance(value, str) or not value.strip():
            self._problems.add(entry.line, f"{key} must be a text")
        elif len(value) > limit:
            self._problems.add(entry.line, f"{key} has {len(value)} characters, {limit} are allowed")
        elif choices and value not in choices:
            self._problems.add(entry.line, f"{key} must be one of {', '.join(choices)}, not {value}")
        elif pattern and not re.fullmatch(pattern, value):
            self._problems.add(entry.line, f"{key} must look like {pattern}, not {value}")
        else:
            return value
        return default

    def texts(self, key: str, *, required: bool = False) -> tuple[str, ...]:
        """Return a list of texts."""
        entry = self.node(key, required=required)
        if entry is None:
            return ()
        items = entry.value
        if not isinstance(items, list) or not items:
            self._problems.add(entry.line, f"{key} must be a list of texts")
            return ()
        wrong = [item for item in items if not isinstance(item.value, str)]
        for item in wrong:
            self._problems.add(item.line, f"{key} must be a list of texts")
        return () if wrong else tuple(str(item.value) for item in items)

    def whole(self, key: str, *, required: bool = False, least: int = 0, most: int = 2**31) -> int:
        """Return a whole number from `least` to `most`."""
        entry = self.node(key, required=required)
        if entry is None:
            return least
        value = entry.value
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            self._problems.add(entry.line, f"{key} must be a whole number from {least} to {most}")
            return least
        return value

    def one_of(self, *keys: str) -> str:
        """Return which of some keys is there; the last where not exactly one is, which is a problem."""
        present = [key for key in keys if self.node(key) is not None]
        if len(present) == 1:
            return present[0]
        self._problems.add(self.line, f"{self._what} needs one of {', '.join(keys[:-1])} and {keys[-1]}")
        return keys[-1]

    def truth(self, key: str, *, required: bool = False) -> bool:
        """Return true or false; false where the key is missing."""
        entry = self.node(key, required=required)
        if entry is not None and not isinstance(entry.value, bool):
            self._problems.add(entry.line, f"{key} must be true or false")
        return entry is not None and entry.value is True

    def finish(self) -> None:
        """Refuse every key that was not read."""
        for key, entry in self._entries.items():
            if key not in self._read:
                self._problems.add(entry.line, f"{self._what} has no key {key}{suggestion(key, self._read)}")


def suggestion(name: str, known: Collection[str]) -> str:
    """Return `: did you mean …?` where a known name is close, else `: remove it`."""
    close = difflib.get_close_matches(name, sorted(known), n=1)
    return f": did you mean {close[0]}?" if close else ": remove it"
