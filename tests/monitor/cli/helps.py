"""The help of every command, as `make golden` writes it."""

import contextlib
import io
from collections.abc import Iterator

import typer

from monitor.cli.app import COMMANDS, GROUPS, run


def command_lines() -> list[list[str]]:
    """Return every command as its words, groups and the program itself included."""
    lines: list[list[str]] = [[], *([name] for name in COMMANDS)]
    for name, group in GROUPS.items():
        lines += _lines_of(group, [name])
    return lines


def group_lines() -> list[list[str]]:
    """Return those that only hold others."""
    lines = command_lines()
    return [words for words in lines if any(other[:-1] == words for other in lines if other)]


def _lines_of(group: typer.Typer, words: list[str]) -> Iterator[list[str]]:
    yield words
    for command in group.registered_commands:
        if command.callback:
            yield [*words, command.name or command.callback.__name__]
    for nested in group.registered_groups:
        if nested.typer_instance is not None and nested.name:
            yield from _lines_of(nested.typer_instance, [*words, nested.name])


def help_of(words: list[str]) -> str:
    """Return what `wardwatch … --help` says."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        assert run([*words, "--help"]) == 0
    return said.getvalue()


def help_files() -> dict[str, str]:
    """Return the name and the text of every file of help."""
    return {"-".join(["wardwatch", *words]) + ".txt": help_of(words) for words in command_lines()}
