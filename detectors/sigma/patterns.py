r"""Texts with wildcards: `*` any characters, `?` one character, `\` before either takes it literally.

A backslash before anything else is itself, and `\\` is one backslash (Sigma rules specification 2.1, "Escaping").
"""

import re
from collections.abc import Callable

Token = tuple[bool, str]
"""Whether it is a wildcard, and the character."""

STAR: Token = (True, "*")


def tokens(pattern: str) -> list[Token]:
    """Split a pattern into wildcards and literal characters."""
    found: list[Token] = []
    position = 0
    while position < len(pattern):
        pair = pattern[position : position + 2]
        if pair in ("\\*", "\\?", "\\\\"):
            found.append((False, pair[1]))
            position += 2
        else:
            found.append((pattern[position] in "*?", pattern[position]))
            position += 1
    return found


def literal(found: list[Token]) -> str | None:
    """Return the text that a pattern stands for, or `None` where it has wildcards."""
    return None if any(wild for wild, _ in found) else "".join(character for _, character in found)


def matcher(found: list[Token]) -> Callable[[str], object]:
    """Return a function that is truthy for the texts that fit.

    Between stars, each part is sought once, at its earliest place, which is all that a correct answer needs: no
    pattern can make the search backtrack without end.
    """
    parts = _split(found)
    texts = [literal(part) for part in parts]
    match texts:
        case ["", str(text)]:
            return lambda value: value.endswith(text)
        case [str(text), ""]:
            return lambda value: value.startswith(text)
        case ["", str(text), ""]:
            return lambda value: text in value
    first, *rest = map(_expression, parts)
    if not rest:
        return re.compile(first, re.DOTALL).fullmatch
    middle = "".join(f"(?>.*?{part})" for part in rest[:-1])
    return re.compile(f"{first}{middle}.*{rest[-1]}", re.DOTALL).fullmatch


def _split(found: list[Token]) -> list[list[Token]]:
    parts: list[list[Token]] = [[]]
    for token in found:
        if token == STAR:
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


def _expression(part: list[Token]) -> str:
    return "".join("." if wild else re.escape(character) for wild, character in part)
