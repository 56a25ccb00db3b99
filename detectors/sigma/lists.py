"""Lists of the site that rules name with `|expand`: `lists/NAME.txt` beside its rules, one value a line."""

import re
from importlib.resources.abc import Traversable

from detectors.sigma.problems import Problem, RuleError

FOLDER = "lists"
_NAME = re.compile(r"[A-Za-z0-9_]+\.txt")


def read_lists(rules_folder: Traversable) -> dict[str, frozenset[str]]:
    """Return the values of each list by its name; none where there is no such folder. `#` begins a remark.

    Raises:
        RuleError: with every file that is no list.
    """
    folder = rules_folder / FOLDER
    lists: dict[str, frozenset[str]] = {}
    problems: list[Problem] = []
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name) if folder.is_dir() else []:
        values = _values(entry.read_bytes().decode(errors="replace"))
        if wrong := _wrong(entry.name, values):
            problems.append(Problem(f"{FOLDER}/{entry.name}", 1, wrong))
        lists[entry.name.removesuffix(".txt")] = values
    if problems:
        raise RuleError(problems)
    return lists


def _values(text: str) -> frozenset[str]:
    lines = (line.split("#", 1)[0].strip() for line in text.splitlines())
    return frozenset(line for line in lines if line)


def _wrong(name: str, values: frozenset[str]) -> str:
    if not _NAME.fullmatch(name):
        return "a list is called letters, digits and _, then .txt: rename it"
    if any("\N{REPLACEMENT CHARACTER}" in value for value in values):
        return "the file is not UTF-8: save it as UTF-8"
    return "" if values else "the list is empty: write a value on each line"
