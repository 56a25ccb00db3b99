"""Reads a struct of settings from variables and a YAML file, and finds every mistake before it complains."""

import difflib
import typing
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin

import msgspec
import yaml
from msgspec import Meta, Struct

from monitor.secret import Secret

PREFIX = "WARDWATCH_"
FILE_SUFFIX = "_file"


@dataclass(frozen=True)
class Problem:
    """One mistake: the setting as its writer named it, what is wrong, and what to do."""

    name: str
    wrong: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.name}: {self.wrong}; {self.remedy}"


class SettingsError(Exception):
    """The settings are wrong. `problems` holds every mistake, not only the first."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = list(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


@dataclass(frozen=True)
class Field:
    """What is known of one setting: its type, description, example and bounds."""

    name: str
    annotation: Any
    default: Any

    @property
    def variable(self) -> str:
        """The name of the environment variable."""
        return PREFIX + self.name.upper()

    @property
    def metas(self) -> list[Meta]:
        """The descriptions attached to the type, the field's own last."""
        return [part for part in get_args(self.annotation)[1:] if isinstance(part, Meta)]

    @property
    def base(self) -> object:
        """The type without its descriptions."""
        return get_args(self.annotation)[0] if get_origin(self.annotation) is Annotated else self.annotation

    @property
    def is_secret(self) -> bool:
        """Whether the value must not be shown and may come from a file."""
        return self.base is Secret or Secret in get_args(self.base)

    @property
    def description(self) -> str:
        """What the setting is, in a sentence."""
        return next((meta.description for meta in reversed(self.metas) if meta.description), "")

    @property
    def example(self) -> str:
        """One value that would do."""
        return next((str(meta.examples[0]) for meta in reversed(self.metas) if meta.examples), "")

    @property
    def expected(self) -> str:
        """The values that the setting takes, in words."""
        if get_origin(self.base) is Literal:
            return " or ".join(f"`{choice}`" for choice in get_args(self.base))
        if self.base in _NUMBERS:
            return f"{_NUMBERS[self.base]} {_bounds(self.metas)}".rstrip()
        return _WORDS.get(self.base, "a secret" if self.is_secret else "a path")


_NUMBERS: dict[object, str] = {int: "a whole number", float: "a number"}
_WORDS: dict[object, str] = {str: "text", bool: "`true` or `false`"}


def _bounds(metas: list[Meta]) -> str:
    floors = [meta.ge if meta.ge is not None else meta.gt for meta in metas if (meta.ge, meta.gt) != (None, None)]
    ceilings = [meta.le for meta in metas if meta.le is not None]
    over = any(meta.gt is not None for meta in metas)
    return f"{'above' if over else 'from'} {floors[0]} {'up ' if over else ''}to {ceilings[0]}" if floors else ""


def fields_of(struct: type[Struct]) -> dict[str, Field]:
    """Return every setting of a struct by name, in the order of writing."""
    hints = typing.get_type_hints(struct, include_extras=True)
    return {info.name: Field(info.name, hints[info.name], info.default) for info in msgspec.structs.fields(struct)}


def read_fields(
    struct: type[Struct], variables: Mapping[str, str], config: Path | None
) -> tuple[dict[str, Any], list[Problem]]:
    """Return the values that could be read, by field name, and all problems."""
    problems: list[Problem] = []
    fields = fields_of(struct)
    given: dict[str, tuple[str, object]] = {}
    for label, name, value in (*_from_file(config, problems), *_from_variables(variables)):
        plain = name.removesuffix(FILE_SUFFIX)
        if name in fields:
            given[name] = (label, value)
        elif name.endswith(FILE_SUFFIX) and plain in fields and fields[plain].is_secret:
            secret = _secret_in(str(value), label, problems)
            if _named_twice(plain, label, given):
                problems.append(Problem(label, "the secret is also given by its value", "keep one of the two"))
            given[plain] = (label, secret)
        else:
            problems.append(_unknown(label, name, fields))
    values: dict[str, Any] = {}
    for name, (label, value) in given.items():
        if value is not None:
            _convert(fields[name], label, value, values, problems)
    return values, problems


@dataclass(frozen=True)
class SecretPlace:
    """Where a secret comes from: the variable or key as its writer named it, and the file where it names one."""

    label: str
    file: Path | None


def secret_places(struct: type[Struct], variables: Mapping[str, str], config: Path | None) -> dict[str, SecretPlace]:
    """Return where each secret that is given comes from, by field name; a variable wins over the file of settings."""
    fields = fields_of(struct)
    places: dict[str, SecretPlace] = {}
    for label, name, value in (*_from_file(config, []), *_from_variables(variables)):
        plain = name.removesuffix(FILE_SUFFIX)
        if value not in (None, "") and plain in fields and fields[plain].is_secret:
            places[plain] = SecretPlace(label, Path(str(value)) if name != plain else None)
    return places


def _named_twice(plain: str, label: str, given: Mapping[str, tuple[str, object]]) -> bool:
    """A variable may override the file, but one place must not say two things."""
    return plain in given and given[plain][0].startswith(PREFIX) == label.startswith(PREFIX)


def _from_variables(variables: Mapping[str, str]) -> list[tuple[str, str, object]]:
    return [(name, name.removeprefix(PREFIX).lower(), value) for name, value in sorted(variables.items())]


def _from_file(config: Path | None, problems: list[Problem]) -> list[tuple[str, str, object]]:
    if config is None:
        return []
    try:
        read = yaml.safe_load(config.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        problems.append(Problem("--config", f"{config} cannot be read: {reason}", "name a YAML file that can"))
        return []
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f" at line {mark.line + 1}" if mark else ""
        problems.append(Problem("--config", f"{config} is not YAML{line}", "correct the file"))
        return []
    if not isinstance(read, dict | None):
        problems.append(Problem("--config", f"{config} holds no settings", "write lines like `partitions: 8`"))
        return []
    return [(f"{name} in {config.name}", str(name), value) for name, value in (read or {}).items()]


def _secret_in(path: str, label: str, problems: list[Problem]) -> str | None:
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        problems.append(Problem(label, f"{path} cannot be read: {reason}", "name a file that holds the secret"))
        return None


def _unknown(label: str, name: str, fields: Mapping[str, Field]) -> Problem:
    known = [*fields, *(other + FILE_SUFFIX for other, field in fields.items() if field.is_secret)]
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.0)[0]
    spelled = PREFIX + near.upper() if label.startswith(PREFIX) else near
    return Problem(label, "there is no such setting", f"did you mean {spelled}? Correct or remove it")


def _convert(field: Field, label: str, value: object, values: dict[str, Any], problems: list[Problem]) -> None:
    """Put the value into `values`, or what is wrong with it into `problems`."""
    if value == "" and (field.is_secret or field.default is None):
        return  # compose files write `NAME=` for what is not set
    source = str(value) if field.base not in (bool, int, float) and isinstance(value, str | int | float) else value
    try:
        converted = msgspec.convert(source, field.annotation, strict=False, dec_hook=_construct)
        if isinstance(converted, float) and converted != converted:  # noqa: PLR0124 - the one value unlike itself
            raise msgspec.ValidationError
        values[field.name] = converted
    except msgspec.ValidationError:
        said = "a value that is not shown" if field.is_secret else f"`{str(value)[:80]}`"
        shape = f"set {field.expected}, for example `{field.example}`"
        problems.append(Problem(label, f"{said} will not do", shape))


_CONSTRUCTORS: dict[object, Callable[[str], object]] = {Path: Path, Secret: Secret}


def _construct(annotation: type, value: object) -> object:
    if not isinstance(value, str):
        raise msgspec.ValidationError
    return _CONSTRUCTORS[annotation](value)
