"""YAML files that an operator writes: read into types, every mistake told with its place."""

from pathlib import Path
from typing import TypeVar

import msgspec
import yaml

from monitor.failure import Failure

Content = TypeVar("Content")


class YamlFile:
    """One file. `what` is how people call it, such as `the response plan`, and `setting` the variable that names it."""

    def __init__(self, path: Path, what: str, setting: str) -> None:
        self._path, self._what, self._setting = path, what, setting

    def written(self) -> object:
        """Return what the file holds, an empty dict where it holds nothing.

        Raises:
            Failure: where it cannot be read or is no YAML.
        """
        try:
            return yaml.safe_load(self._path.read_text(encoding="utf-8")) or {}
        except (OSError, UnicodeDecodeError) as error:
            raise self.wrong([f"it cannot be read: {type(error).__name__}"]) from None
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            place = f" in line {mark.line + 1}" if mark else ""
            raise self.wrong([f"it is no YAML{place}"]) from None

    def converted(self, written: object, kind: type[Content]) -> Content:
        """Return what was written as a value of a type.

        Raises:
            Failure: naming what does not fit, and where.
        """
        try:
            return msgspec.convert(written, kind)
        except msgspec.ValidationError as error:
            raise self.wrong([str(error)]) from None

    def wrong(self, problems: list[str]) -> Failure:
        """Return the failure that tells what is wrong with the file."""
        lines = "".join(f"\n  {problem}" for problem in problems)
        return Failure(f"{self._what} {self._path} ({self._setting}) is wrong:{lines}")
