"""The page of reference files: what the readers make of every file of the public reference data, by reading it."""

import functools
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from io import BytesIO
from pathlib import Path

import msgspec
from msgspec import Struct

from detectors.events import BillingTransaction, Event
from streams.file_formats import TABLE, Reading, format_of, records_of
from streams.formats import InputFileError
from streams.input_file import open_input
from streams.sources.api import Origin, Refused
from streams.sources.fhir import read_fhir
from streams.sources.reasons import sentence
from streams.sources.tables import Tally, load_mapping
from streams.sources.x12.checks import CHECKS
from tests.streams.sources.fhir.shorthand import instances

PAGE = Path(__file__).parents[3] / "docs" / "reference-files.md"
DATA = Path(__file__).parents[4] / "shared" / "data"
MAPPINGS = {
    "claims.csv.gz": Path(__file__).parent / "synthea" / "claims.yml",
    "encounters.csv.gz": Path(__file__).parent / "synthea" / "encounters.yml",
}
"""Table to its mapping: what columns mean, no reader can know."""

NOT_DATA = ("LICENSE", "LICENSE-ipf.txt")

INTRODUCTION = """# Reference files

Made by `make golden` from the public reference data in `../shared/data`; do not edit. Every file is read as
`wardwatch ingest` reads it: its format is told from its content, and each of its records becomes an event or is refused
for a reason. Resources in which there is nothing to watch (a patient, a consent) are refused, too, as
`unsupported_resource`, so that nothing is passed over in silence.
"""

BALP = """The instances of IHE BALP are published as FHIR Shorthand; the test builds the JSON of each."""

SYNTHEA = """Bundles are read as they are. The two tables need a mapping, for only the site knows what its columns mean;
they are in `tests/streams/sources/synthea`. The procedure codes of a claim stand joined in one cell, without charges,
and are left out."""

PLAIN = ("unsupported_resource", "preauthorization")
"""Reasons that say all by themselves."""

NO_FORMAT = "the file: it is of none of the formats"


class Outcome(Struct):
    """What became of one file; `places` has the first place of every reason."""

    file: str
    format: str
    events: Counter[str]
    refused: Counter[str]
    checks: Counter[str]
    places: dict[str, str] = {}


class Group(Struct, frozen=True):
    """Files that belong together, with a few words about them."""

    title: str
    outcomes: list[Outcome]
    text: str = ""


def has_data() -> bool:
    """Whether the reference data are here."""
    return (DATA / "x12").is_dir()


@functools.cache
def groups() -> list[Group]:
    """Read all reference files; once, for the page and for its tests."""
    return [
        Group("X12: LinuxForHealth", _files("x12/linuxforhealth")),
        Group("X12: pyx12", _files("x12/pyx12")),
        Group("FHIR R4: examples of the standard", _files("fhir-r4-examples")),
        Group("FHIR R4: IHE Basic Audit Log Patterns", _balp(), BALP),
        Group("ATNA: DICOM audit messages", _files("atna-dicom-audit")),
        Group("Synthea: a synthetic population", _files("synthea-smart"), SYNTHEA),
    ]


def _files(folder: str) -> list[Outcome]:
    top = DATA / folder
    paths = sorted(path for path in top.rglob("*") if path.is_file() and path.name not in NOT_DATA)
    return [_outcome_of(path, str(path.relative_to(top))) for path in paths]


def _outcome_of(path: Path, name: str) -> Outcome:
    mapping = load_mapping(MAPPINGS[path.name]) if path.name in MAPPINGS else None
    with open_input(path) as file:
        try:
            found = format_of(file)
        except InputFileError:
            return Outcome(name, "", Counter(), Counter(), Counter())
        records = records_of(file, found, Reading(mapping=mapping), Tally())
        return _counted(name, f"{found}, mapped" if found == TABLE else found, records)


def _balp() -> list[Outcome]:
    built = instances(DATA / "ihe-balp-fsh")
    origin = Origin("urn:wardwatch:src:fhir", "balp")
    return [
        _counted(name, "fhir", read_fhir(BytesIO(msgspec.json.encode(resource)), origin))
        for name, resource in sorted(built.items())
    ]


def _counted(name: str, found: str, records: Iterable[object]) -> Outcome:
    outcome = Outcome(name, found, Counter(), Counter(), Counter())
    for record in records:
        if isinstance(record, Refused):
            outcome.refused[record.reason] += 1
            outcome.places.setdefault(record.reason, record.place)
        elif isinstance(record, Event):
            outcome.events[_kind_of(record)] += 1
            if isinstance(record.data, BillingTransaction):
                outcome.checks.update(record.data.checks)
    return outcome


def _kind_of(event: Event) -> str:
    """Return what an event is, in the words of its fields: `claim_submitted`, `access: read`, `encounter`."""
    match event.type.split("."):
        case [_, _, "billing", *_]:
            return str(getattr(event.data, "kind"))  # noqa: B009 - the type of the data is told by that of the event
        case [_, _, "phi", *_]:
            return f"access: {getattr(event.data, 'action')}"  # noqa: B009
        case [_, _, "context", kind, _]:
            return kind
    return event.type


def document() -> str:
    """Return the text of `docs/reference-files.md`."""
    return "\n".join([INTRODUCTION, *_page(groups())])


def page_files() -> dict[str, str]:
    """Return the page by its name; nothing where the reference data are absent, so that the committed page stays."""
    return {PAGE.name: document()} if has_data() else {}


def _page(read: list[Group]) -> Iterator[str]:
    outcomes = [outcome for group in read for outcome in group.outcomes]
    yield from _summary(read)
    yield from _legend("## Why records are refused", outcomes, lambda outcome: outcome.refused, sentence)
    yield from _legend(
        "## Notes on events that were read", outcomes, lambda outcome: outcome.checks, CHECKS.__getitem__
    )
    for group in read:
        yield f"## {group.title}\n"
        if group.text:
            yield f"{group.text}\n"
        yield "| file | format | events | refused | notes |\n|---|---|---|---|---|"
        for one in group.outcomes:
            refused = _refusals(one) if one.format else NO_FORMAT
            yield f"| {one.file} | {one.format} | {_told(one.events)} | {refused} | {_told(one.checks)} |"
        yield ""


def _summary(read: list[Group]) -> Iterator[str]:
    yield "| files | number | events | refused |\n|---|---:|---:|---:|"
    for group in read:
        events, refused = (sum(each.total() for each in column) for column in _columns(group.outcomes))
        yield f"| {group.title} | {len(group.outcomes)} | {events:,} | {refused:,} |"
    yield ""


def _columns(outcomes: list[Outcome]) -> tuple[list[Counter[str]], list[Counter[str]]]:
    return [outcome.events for outcome in outcomes], [outcome.refused for outcome in outcomes]


def _legend(
    title: str, outcomes: list[Outcome], of: Callable[[Outcome], Counter[str]], say: Callable[[str], str]
) -> Iterator[str]:
    total: Counter[str] = sum((of(outcome) for outcome in outcomes), Counter())
    files = Counter(code for outcome in outcomes for code in of(outcome))
    yield f"{title}\n"
    yield "| code | in plain words | records | files |\n|---|---|---:|---:|"
    for code, n in sorted(total.items()):
        yield f"| `{code}` | {say(code)} | {n:,} | {files[code]} |"
    yield ""


def _told(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {n:,}" for name, n in sorted(counts.items()))


def _refusals(outcome: Outcome) -> str:
    """Say what was refused, and where a person finds the first of it, unless that is plain."""
    said = []
    for reason, n in sorted(outcome.refused.items()):
        place = outcome.places[reason]
        has_place = reason not in PLAIN and ": " in place
        said.append(f"{reason} {n:,} ({place})" if has_place else f"{reason} {n:,}")
    return "; ".join(said)
