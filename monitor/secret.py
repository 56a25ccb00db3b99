"""A value that must never be shown: `repr`, `str` and format give `***`."""

import hmac
from typing import Final

HIDDEN: Final = "***"


class Secret:
    """A password, token or key. Only `reveal` gives the value, at the place that needs it.

    >>> Secret("hunter2")
    ***
    """

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Return the value."""
        return self._value

    def __repr__(self) -> str:
        return HIDDEN

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and hmac.compare_digest(self._value.encode(), other._value.encode())

    def __hash__(self) -> int:
        return hash((Secret, self._value))
