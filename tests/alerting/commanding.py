"""Any command that the areas have, made from its fields: what a sequence of commands is drawn from.

A command of a new area is drawn by the types of its fields without another line here. `BY_NAME` makes values likely
that mean something: incidents and findings that there are, times around now.
"""

import datetime
import types
from collections.abc import Callable, Sequence
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin

from hypothesis import strategies as st
from msgspec import NODEFAULT, Struct, structs

from alerting.command import Command
from alerting.vault.cipher import VaultKeys
from alerting.work.sealing import Content, sealed_content

KEYS = VaultKeys({1: b"k" * 32}, 1)
HOUR = 3600.0
Strategy = st.SearchStrategy[Any]


class World(NamedTuple):
    """What there is to speak of."""

    now: float
    incidents: Sequence[str]
    findings: Sequence[str]


def _ids(world: World) -> Strategy:
    return st.sampled_from([*list(world.incidents) * 3, "INC-NONE"])


def _findings(world: World) -> Strategy:
    return st.sampled_from([*list(world.findings) * 3, "none"])


def _times(world: World) -> Strategy:
    return st.sampled_from([-HOUR, 0.0, HOUR, 100 * 24 * HOUR]).map(lambda later: world.now + later)


def _days(world: World) -> Strategy:
    today = datetime.datetime.fromtimestamp(world.now, datetime.UTC).date()
    return st.integers(-90, 5).map(lambda days: today + datetime.timedelta(days=days))


BY_NAME: dict[str, Callable[[World], Strategy]] = {
    "actor": lambda _: st.sampled_from(["ana", "ben", "wardwatch"]),
    "assignee": lambda _: st.sampled_from(["", "ana", "ben"]),
    "watcher": lambda _: st.sampled_from(["", "ana", "ben"]),
    "incident_id": _ids,
    "other": _ids,
    "findings": lambda world: st.lists(_findings(world), max_size=4).map(tuple),
    "finding_id": _findings,
    "matchers": lambda _: st.sampled_from([('rule="A09"',), ("severity=SEV3",), ("rule=",), ()]),
    "number": lambda _: st.integers(1, 3),
    "revision": lambda _: st.integers(1, 3),
}
"""Values for fields of this name, in whatever command."""

BY_TYPE: dict[Any, Callable[[World], Strategy]] = {
    str: lambda _: st.sampled_from(["", "a text", "ana", "2026-03-02"]),
    int: lambda _: st.integers(-1, 500),
    float: _times,
    bool: lambda _: st.booleans(),
    bytes: lambda _: st.binary(max_size=4),
    type(None): lambda _: st.none(),
    datetime.date: _days,
    Content: lambda world: _ids(world).map(lambda incident_id: sealed_content(KEYS, incident_id, b"a file")),
}


def a_command(kind: type[Command[Any]], world: World) -> Strategy:
    """Return what draws commands of a kind."""
    return _of_struct(kind, world)


def _of_struct(kind: type[Struct], world: World) -> Strategy:
    fields: dict[str, Strategy] = {}
    for field in structs.fields(kind):
        drawn = BY_NAME[field.name](world) if field.name in BY_NAME else _of_type(field.type, world)
        if field.default is not NODEFAULT:
            drawn = st.one_of(st.just(field.default), drawn)
        elif field.default_factory is not NODEFAULT:
            drawn = st.one_of(st.builds(field.default_factory), drawn)
        fields[field.name] = drawn
    return st.fixed_dictionaries(fields).map(lambda values: kind(**values))


def _of_type(kind: Any, world: World) -> Strategy:
    if kind in BY_TYPE:
        return BY_TYPE[kind](world)
    if get_origin(kind) in BY_ORIGIN:
        return BY_ORIGIN[get_origin(kind)](get_args(kind), world)
    if isinstance(kind, type) and issubclass(kind, Struct):
        return _of_struct(kind, world)
    message = f"say in BY_TYPE or BY_NAME how {kind} is drawn"
    raise NotImplementedError(message)


def _of_union(kinds: tuple[Any, ...], world: World) -> Strategy:
    return st.one_of(*(_of_type(kind, world) for kind in kinds))


BY_ORIGIN: dict[Any, Callable[[tuple[Any, ...], World], Strategy]] = {
    Literal: lambda words, _: st.sampled_from(words),
    Annotated: lambda of, world: _of_type(of[0], world),
    Union: _of_union,
    types.UnionType: _of_union,
    tuple: lambda of, world: st.lists(_of_type(of[0], world), max_size=2).map(tuple),
    list: lambda of, world: st.lists(_of_type(of[0], world), max_size=2),
    frozenset: lambda of, world: st.frozensets(_of_type(of[0], world), max_size=2),
    dict: lambda of, world: st.dictionaries(_of_type(of[0], world), _of_type(of[1], world), max_size=2),
}
