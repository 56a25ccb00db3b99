"""What every command of an area is."""

import re
from typing import Generic, TypeVar

from msgspec import Struct

Result = TypeVar("Result")


class Command(Struct, Generic[Result], frozen=True, kw_only=True):
    """Something that `actor` (a work name) asks of the desk; `Result` is what the desk answers.

    Texts of a command may hold PHI and are never shown by `repr`.
    """

    actor: str

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"


def word_for(command: object) -> str:
    """Return the word for a command in timelines and in the audit log, such as `start_investigation`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", type(command).__name__).lower()
