"""What every rule says of itself: Sigma's own keys, and the key `wardwatch:`.

`wardwatch:` says at which stage a rule is asked, which pattern of the catalogue it is, and what it tells a person.
A rule without it only serves the correlations that name it.
"""

import re
from typing import Literal, get_args

from msgspec import Struct

from detectors.finding import Queue, Severity
from detectors.sigma.problems import Problems
from detectors.sigma.reader import Reader
from detectors.visit import STAGES, StageName

LEVELS: dict[str, Severity] = {
    "informational": "info", "low": "low", "medium": "medium", "high": "high", "critical": "critical",
}  # fmt: skip
"""Sigma's `level` to the severity of findings."""

STATUSES = ("stable", "test", "experimental", "deprecated")

Window = Literal["event", "hour", "day"]

_UUID4 = r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
_NAME = r"[a-z0-9_]{1,70}"
_CATALOGUE = r"[AB][0-9]{2}[a-z]?"
_DATE = r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
_TAG = r"[a-z0-9_-]+(\.[a-z0-9_-]+)+"

_TELLING = re.compile(r"psych|behaviou?ral|mental|\bhiv\b|aids|\bsud\b|substance|addict|sexual|genetic", re.IGNORECASE)
"""Titles go to Slack and pagers, where the category of a record must not be (domain.md §4.6)."""


class Wardwatch(Struct, frozen=True):
    """The key `wardwatch:` of a rule.

    `window` is what one finding speaks of: the event, or an hour or day (UTC) of the stage's entity. `needs` are notes
    without which the rule keeps silent. `reason` is the sentence for people, with `{name}` for numbers. `queue` is who
    looks at its findings.
    """

    line: int
    catalogue: str
    stage: StageName
    version: int
    reason: str
    reason_line: int
    window: Window
    needs: tuple[str, ...]
    queue: Queue = ""


SILENT = Wardwatch(line=0, catalogue="", stage="user", version=0, reason="", reason_line=0, window="event", needs=())
"""Of a rule without the key, which only serves correlations."""


class Header(Struct, frozen=True, kw_only=True):
    """What a rule says of itself. `line` is where its document begins."""

    file: str
    line: int
    title: str
    id: str
    name: str
    status: str
    description: str
    author: str
    date: str
    modified: str
    references: tuple[str, ...]
    falsepositives: tuple[str, ...]
    level: str
    tags: tuple[str, ...]
    wardwatch: Wardwatch

    @property
    def severity(self) -> Severity:
        """The level, in the words of findings."""
        return LEVELS[self.level]

    @property
    def speaks(self) -> bool:
        """Whether the rule makes findings of its own."""
        return self.wardwatch is not SILENT


def read_header(reader: Reader, file: str, problems: Problems) -> Header:
    """Read the keys that all kinds of rules have. The stem of `file` is the name of a rule that gives none."""
    own = reader.node("wardwatch")
    wardwatch = _read_wardwatch(Reader(own, problems, "wardwatch"), own.line) if own else SILENT
    reader.text("taxonomy", choices=("wardwatch",))
    header = Header(
        file=file,
        line=reader.line,
        title=reader.text("title", required=True, limit=256),
        id=reader.text("id", required=True, pattern=_UUID4),
        name=reader.text("name", pattern=_NAME, default=file.removesuffix(".yml")),
        status=reader.text("status", choices=STATUSES, default="experimental"),
        description=reader.text("description", required=own is not None),
        author=reader.text("author"),
        date=reader.text("date", pattern=_DATE),
        modified=reader.text("modified", pattern=_DATE),
        references=reader.texts("references"),
        falsepositives=reader.texts("falsepositives"),
        level=reader.text("level", required=own is not None, choices=tuple(LEVELS), default="informational"),
        tags=reader.texts("tags"),
        wardwatch=wardwatch,
    )
    told = _TELLING.search(header.title)
    if told:
        reader.problem("title", f"titles leave the house, so they may not say {told[0]!r}: use neutral words")
    for tag in header.tags:
        if not re.fullmatch(_TAG, tag):
            reader.problem("tags", f"the tag {tag!r} must be lower case with a namespace, such as wardwatch.a05")
    return header


def _read_wardwatch(reader: Reader, line: int) -> Wardwatch:
    reason = reader.node("reason")
    stage = reader.text("stage", required=True, choices=STAGES)
    window = reader.text("window", choices=get_args(Window))
    queue = reader.text("queue", choices=tuple(name for name in get_args(Queue) if name))
    wardwatch = Wardwatch(
        line=line,
        catalogue=reader.text("catalogue", required=True, pattern=_CATALOGUE),
        stage=next((name for name in STAGES if name == stage), "user"),
        version=reader.whole("version", required=True, least=1),
        reason=" ".join(reader.text("reason", required=True).split()),
        reason_line=reason.line if reason else line,
        window=next((name for name in get_args(Window) if name == window), "event"),
        needs=reader.texts("needs"),
        queue=next((name for name in get_args(Queue) if name == queue), ""),
    )
    reader.finish()
    return wardwatch
