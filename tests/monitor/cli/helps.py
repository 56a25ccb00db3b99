"""The help of every command, as `make golden` writes it."""

import contextlib
import io

from monitor.cli.app import COMMANDS, GROUPS, run


def command_lines() -> list[list[str]]:
    """Return every command as its words, groups and the program itself included."""
    words: list[list[str]] = [[], *([name] for name in COMMANDS)]
    for name, group in GROUPS.items():
        words.append([name])
        words += [
            [name, command.name or command.callback.__name__]
            for command in group.registered_commands
            if command.callback
        ]
    return words


def help_of(words: list[str]) -> str:
    """Return what `wardwatch … --help` says."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        assert run([*words, "--help"]) == 0
    return said.getvalue()


def help_files() -> dict[str, str]:
    """Return the name and the text of every file of help."""
    return {"-".join(["wardwatch", *words]) + ".txt": help_of(words) for words in command_lines()}
