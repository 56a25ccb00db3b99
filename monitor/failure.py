"""How commands end: one clear line, and a code that a program can read."""

from enum import IntEnum


class ExitCode(IntEnum):
    """Codes of `wardwatch`, the same for every command."""

    OK = 0
    FAILED = 1
    USAGE = 2
    """Wrong options or wrong settings."""
    INTERNAL = 70
    """A fault of Wardwatch itself (EX_SOFTWARE of sysexits.h)."""


class Failure(Exception):  # noqa: N818 - it is the command's outcome, told to a person
    """The command could not do what was asked. The message says why and what to do, without any identifier."""
