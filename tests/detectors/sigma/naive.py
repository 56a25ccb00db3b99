"""A second, slow opinion on rules: reads a detection as the YAML says it and asks the event as a plain tree.

It shares no code with the engine: own wildcards, own field look-up, own conditions (as nested tuples).
"""

import datetime
import ipaddress
import re
from typing import Any

import msgspec

Tree = str | tuple[Any, ...]
"""A condition: a name, or ("not", tree), ("and", tree, …), ("or", tree, …)."""


def tree_of(value: Any) -> Any:
    """Return a struct with all its fields as dicts and lists, by their encoded names."""
    if isinstance(value, msgspec.Struct):
        return {field.encode_name: tree_of(getattr(value, field.name)) for field in msgspec.structs.fields(value)}
    return [tree_of(item) for item in value] if isinstance(value, list) else value


def holds(tree: Tree, detection: dict[str, Any], event: Any, notes: dict[str, Any]) -> bool:
    if isinstance(tree, str):
        maps = detection[tree] if isinstance(detection[tree], list) else [detection[tree]]
        return any(all(fits(key, value, event, notes) for key, value in entries.items()) for entries in maps)
    if tree[0] == "not":
        return not holds(tree[1], detection, event, notes)
    answers = [holds(item, detection, event, notes) for item in tree[1:]]
    return all(answers) if tree[0] == "and" else any(answers)


def fits(key: str, wanted: Any, event: Any, notes: dict[str, Any]) -> bool:
    field, *modifiers = key.split("|")
    held = values(field, event, notes)
    listed = wanted if isinstance(wanted, list) else [wanted]
    answers = [any(one(modifiers, want, have, event, notes) for have in held) for want in listed]
    if modifiers == ["exists"]:
        return any(have is not None for have in held) is wanted
    answer = all(answers) if "all" in modifiers else any(answers)
    return not answer if "neq" in modifiers else answer


def values(field: str, event: Any, notes: dict[str, Any]) -> list[Any]:
    if field.startswith("note."):
        return leaves(notes.get(field), [])
    return leaves(event, field.split("."))


def leaves(node: Any, path: list[str]) -> list[Any]:
    if isinstance(node, list):
        return [leaf for item in node for leaf in leaves(item, path)] or [None]
    if path:
        return leaves(node[path[0]], path[1:]) if isinstance(node, dict) else [None]
    return [None if node == "" else node]


def one(modifiers: list[str], want: Any, have: Any, event: Any, notes: dict[str, Any]) -> bool:
    part = next((modifier for modifier in modifiers if modifier in PARTS), None)
    if part:
        if not isinstance(have, datetime.date):
            return False
        have = int(utc(have).strftime(PARTS[part]))
    if "fieldref" in modifiers:
        return have is not None and any(same(have, other) for other in values(want, event, notes))
    compare = next((COMPARISONS[modifier] for modifier in modifiers if modifier in COMPARISONS), None)
    if compare:
        return isinstance(have, int | float) and not isinstance(have, bool) and compare(have, want)
    if isinstance(have, str) and isinstance(want, str):
        return of_texts(modifiers, want, have)
    return same(have, want)


def same(have: Any, want: Any) -> bool:
    return have == want and isinstance(have, bool) == isinstance(want, bool)


def of_texts(modifiers: list[str], want: str, have: str) -> bool:
    if "re" in modifiers:
        return re.search(want, have) is not None
    if "cidr" in modifiers:
        return is_address(have) and ipaddress.ip_address(have) in ipaddress.ip_network(want)
    if "cased" not in modifiers:
        want, have = want.lower(), have.lower()
    begins = range(len(have) + 1) if {"contains", "endswith"} & set(modifiers) else [0]
    ends = range(len(have) + 1) if {"contains", "startswith"} & set(modifiers) else [len(have)]
    return any(glob(want, have[begin:end]) for begin in begins for end in ends if begin <= end)


PARTS = {"minute": "%M", "hour": "%H", "day": "%d", "week": "%V", "month": "%m"}
COMPARISONS: dict[str, Any] = {
    "lt": lambda a, b: a < b,
    "lte": lambda a, b: a <= b,
    "gt": lambda a, b: a > b,
    "gte": lambda a, b: a >= b,
}


def utc(moment: Any) -> Any:
    return moment.astimezone(datetime.UTC) if isinstance(moment, datetime.datetime) else moment


def is_address(text: str) -> bool:
    return re.fullmatch(r"\d+\.\d+\.\d+\.\d+", text) is not None


def glob(pattern: str, text: str) -> bool:
    if not pattern:
        return not text
    if pattern[0] == "\\" and pattern[1:2] in ("*", "?", "\\"):
        return text[:1] == pattern[1] and glob(pattern[2:], text[1:])
    if pattern[0] == "*":
        return any(glob(pattern[1:], text[start:]) for start in range(len(text) + 1))
    return bool(text) and pattern[0] in ("?", text[0]) and glob(pattern[1:], text[1:])
