"""What a rule may speak of: the fields of its events, the notes of the stages, the lists of the site."""

from collections.abc import Collection

from msgspec import Struct

from detectors.sigma.checks import Lists, missing_lists
from detectors.sigma.detection import FieldTest
from detectors.sigma.fields import DataType, Field, Kind, field_names, resolve
from detectors.sigma.problems import Problems
from detectors.sigma.reader import suggestion


class NoteName(Struct, frozen=True):
    """A note, by name."""

    name: str


Subject = Field | NoteName


class Vocabulary:
    """The names that are good in the rules of one category. A field hides a note of the same name."""

    def __init__(self, data_type: DataType, note_names: Collection[str], lists: Lists) -> None:
        self.lists = lists
        self._data_type = data_type
        self._note_names = frozenset(note_names)
        self._fields: dict[str, Field | None] = {}

    def subject(self, name: str, line: int, problems: Problems) -> Subject | None:
        """Return what a name means; a name that means nothing is a problem."""
        if name not in self._fields:
            self._fields[name] = resolve(self._data_type, name)
        field = self._fields[name]
        if field is not None:
            return field
        if name in self._note_names:
            return NoteName(name)
        known = [*field_names(self._data_type), *self._note_names]
        what = f"{name!r} is neither a field of {self._data_type.__name__} nor a note"
        problems.add(line, f"{what}{suggestion(name, known)}")
        return None

    def has_note(self, name: str) -> bool:
        """Whether a stage writes such a note."""
        return name in self._note_names

    def check(self, test: FieldTest, subject: Subject, problems: Problems) -> bool:
        """Note what does not fit between a test and what it is asked of; return whether all fits."""
        messages = [
            f"there is no list %{name}%: write lists/{name}.txt beside the rules, a value a line"
            for name in missing_lists(test, self.lists)
        ]
        if isinstance(subject, NoteName):
            if test.part:
                messages.append(f"the note {subject.name} is no instant, so it has no {test.part}")
        elif test.part:
            if test.part not in _PARTS_OF.get(subject.kind, ()):
                messages.append(f"{subject.name} is a {subject.kind}, which has no {test.part}")
        elif test.operator not in _OPERATORS_OF[subject.kind]:
            messages.append(f"{subject.name} is a {subject.kind}, which {test.operator} cannot test")
        elif test.operator == "equals":
            wanted = _VALUES_OF[subject.kind]
            messages += [
                f"{subject.name} is a {subject.kind}, {value!r} is not: {_ADVICE[subject.kind]}"
                for value in test.values
                if value is not None and not (isinstance(value, wanted) and (bool in wanted) == isinstance(value, bool))
            ]
        for message in messages:
            problems.add(test.line, message)
        return not messages


_TEXT = ("equals", "contains", "startswith", "endswith", "re", "cidr", "exists", "fieldref", "expand")
_NUMBER = ("equals", "lt", "lte", "gt", "gte", "exists", "fieldref")
_PLAIN = ("equals", "exists", "fieldref")
_OPERATORS_OF: dict[Kind, tuple[str, ...]] = {
    "text": _TEXT, "choice": _TEXT, "number": _NUMBER, "flag": _PLAIN, "instant": _PLAIN, "date": _PLAIN,
}  # fmt: skip
_PARTS_OF: dict[Kind, tuple[str, ...]] = {
    "instant": ("minute", "hour", "day", "week", "month"),
    "date": ("day", "week", "month"),
}
_VALUES_OF: dict[Kind, tuple[type, ...]] = {
    "text": (str,), "choice": (str,), "number": (int, float), "flag": (bool,), "instant": (), "date": (),
}  # fmt: skip
_ADVICE: dict[Kind, str] = {
    "text": "quote it",
    "choice": "quote it",
    "number": "write a number",
    "flag": "write true or false",
    "instant": "test minute, hour, day, week or month",
    "date": "test day, week or month",
}
