"""Lists of secrets in one setting: `name=value`, or values alone, separated by commas or line by line."""

import re

from monitor.secret import Secret

_NAMED = re.compile(r"[A-Za-z0-9._-]+=\S+")


def listed(secret: Secret | None) -> tuple[Secret, ...]:
    """Return the secrets of a list."""
    return tuple(Secret(part) for part in _parts(secret))


def named(secret: Secret | None) -> dict[str, Secret]:
    """Return the secrets of a list by their names."""
    pairs = (part.partition("=") for part in _parts(secret))
    return {name: Secret(value) for name, _, value in pairs}


def are_named(secret: Secret | None) -> bool:
    """Return whether every part of a list has a name of its own."""
    parts = _parts(secret)
    return all(_NAMED.fullmatch(part) for part in parts) and len(named(secret)) == len(parts)


def _parts(secret: Secret | None) -> list[str]:
    return [part for part in re.split(r"[,\s]+", secret.reveal()) if part] if secret else []
