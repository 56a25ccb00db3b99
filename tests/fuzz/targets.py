"""The table of targets: every parser that reads what comes from outside, as a function of bytes.

A new reader is one line here; `test_every_reader.py` fails while it has none.
"""

import io
import tempfile
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from functools import partial
from pathlib import Path
from typing import BinaryIO
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct

from alerting.questions.links import read_token
from alerting.questions.pages import read_form, read_said
from alerting.slack.reading import (
    Unreadable,
    read_command_form,
    read_event,
    read_interaction,
    read_interaction_form,
)
from detectors.events import BadRecord
from detectors.events.envelope import DATA_TYPES, decode, decode_structured
from detectors.notes import NOTE_NAMES
from detectors.reference.code_attributes import load_code_attributes
from detectors.reference.diagnosis_groups import load as load_diagnosis_groups
from detectors.reference.drg_weights import load_drg_weights
from detectors.reference.global_days import load_global_days
from detectors.reference.leie import read_exclusions
from detectors.reference.nppes import load_registry
from detectors.reference.procedure_pairs import load_procedure_pairs
from detectors.reference.rows import delimited_rows
from detectors.reference.service_minutes import TableError
from detectors.reference.service_minutes import load as load_service_minutes
from detectors.reference.unit_limits import load_unit_limits
from detectors.reference.zip_places import load as load_zip_places
from detectors.sigma import RuleError, load_rules
from streams.file_formats import Reading, Record, format_of, records_of
from streams.formats import InputFileError, read_lines
from streams.input_file import open_input
from streams.records import DeadLetter
from streams.sources.api import Item, Origin
from streams.sources.atna import looks_like_atna, parse_syslog, read_atna
from streams.sources.fhir import looks_like_fhir, read_fhir
from streams.sources.fhir.directory import Directory
from streams.sources.fhir.providers import learn_providers, looks_like_providers
from streams.sources.hl7 import looks_like_hl7, read_hl7
from streams.sources.hl7.listener import acknowledgement
from streams.sources.hl7.reading import read_message
from streams.sources.tables import PRESETS, MappingError, Tally, load_mapping, looks_like_table, read_table
from streams.sources.tables.document import read_mapping
from streams.sources.tables.leie import looks_like_leie, read_leie
from streams.sources.x12 import looks_like_x12, read_x12
from tests.alerting.slack import payloads as slack_payloads
from tests.fuzz import samples
from tests.streams.sources.hl7.adt import utc

ORIGIN = Origin("urn:wardwatch:src:fuzz", "file-1")
ZONE = ZoneInfo("America/New_York")
NOW = utc(2026, 3, 2, 9, 14)


class Target(Struct, frozen=True):
    """One parser.

    Args:
        run: what is fuzzed. A source's yields events and refusals, a document's returns anything.
        samples: valid content, from which mutations start.
        errors: what it is documented to raise; nothing for a source.
        of: the functions that it stands for.
        syntax: marks that part its records and values.
    """

    run: Callable[[BinaryIO], object]
    samples: list[bytes]
    errors: tuple[type[Exception], ...] = ()
    of: tuple[Callable[..., object], ...] = ()
    syntax: tuple[bytes, ...] = (b"\n", b",", b'"')

    @property
    def is_source(self) -> bool:
        """Whether it yields items and raises nothing."""
        return not self.errors


Read = Callable[[BinaryIO], Iterable[Item]]


def source(read: Read, looks: Callable[[bytes], object]) -> Callable[[BinaryIO], Iterator[Item]]:
    """A reader of streams, and what recognises its files by their beginning."""

    def run(stream: BinaryIO) -> Iterator[Item]:
        if isinstance(stream, io.BytesIO):
            looks(stream.getvalue()[:8192])
        yield from read(stream)

    return run


def document(load: Callable[[bytes], object]) -> Callable[[BinaryIO], object]:
    """A reader of whole documents."""
    return lambda stream: load(_whole(stream))


def _whole(stream: BinaryIO) -> bytes:
    return b"".join(iter(partial(stream.read, 65_536), b""))


def rows_of(content: bytes) -> Iterator[list[str]]:
    """Rows as loaders of reference tables take them."""
    return delimited_rows(lines_of(content))


def lines_of(content: bytes) -> Iterable[str]:
    """Lines as loaders of small tables take them."""
    return io.StringIO(content.decode("utf-8", "replace"), newline="")


def _providers(stream: BinaryIO) -> Iterator[Item]:
    """Look at how a file of a bulk export begins, and learn its providers: that yields no event, and refuses none."""
    content = _whole(stream)
    looks_like_providers(content[:8192])
    learn_providers(io.BytesIO(content), Directory())
    return iter(())


def _syslog(frame: bytes) -> list[Item]:
    return parse_syslog(frame, ORIGIN)


def _mllp(raw: bytes) -> list[Item]:
    items = read_message(raw, ORIGIN, ZONE, "message 1")
    for reason in ("", "missing_field"):
        assert acknowledgement(raw, reason, NOW).startswith(b"MSH")
    return items


def _presets(stream: BinaryIO) -> Iterator[Item]:
    content = _whole(stream)
    for mapping in _PRESETS:
        yield from read_table(io.BytesIO(content), ORIGIN, mapping)


def _envelope(line: bytes) -> object:
    return decode_structured(line)


def _any_data(data: bytes) -> None:
    refusals = 0
    for name in DATA_TYPES:
        try:
            decode(data, id="1", source="s", type_name=name, time=NOW)
        except BadRecord:
            refusals += 1
    if refusals == len(DATA_TYPES):
        raise BadRecord("wrong_type", "data")


def _in_a_file(read: Callable[[Path], object], suffix: str) -> Callable[[bytes], object]:
    def load(content: bytes) -> object:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"fuzzed_file_one{suffix}"
            path.write_bytes(content)
            return read(path)

    return load


def _rules(path: Path) -> object:
    return load_rules([path.parent], NOTE_NAMES).run_tests()


def _rule_tests(content: bytes) -> object:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "fuzzed_file_one.yml").write_bytes(samples.RULES[0])
        (Path(folder) / "fuzzed_file_one.tests.yml").write_bytes(content)
        return load_rules([Path(folder)], NOTE_NAMES).run_tests()


class NeverRaised(Exception):  # noqa: N818 -- reads as what it says
    """Of a document of which everything is taken."""


def _answer(content: bytes) -> object:
    fields = read_form(content)
    return read_said(fields), read_token(b"k" * 32, content.decode("latin-1"))


def _any_file(path: Path) -> list[Record]:
    reading = Reading(ZONE, _MAPPING)
    with open_input(path) as file:
        name = format_of(file)
        return list(records_of(file, name, reading, Tally()))


_MAPPING = read_mapping(samples.MAPPINGS[0].decode(), "fuzz.yml")
_PRESETS = [load_mapping(name, "America/Chicago") for name in PRESETS]
_X12, _HL7, _XML = (b"~", b"*", b":"), (b"\r", b"|", b"^", b"\\", b"&"), (b">", b"<", b'"', b"/")
_JSON, _YAML = (b",", b"{", b"[", b'"', b":", b"\n"), (b"\n", b":", b" ", b"-", b"[", b"{")
_table = partial(read_table, origin=ORIGIN, mapping=_MAPPING)

TARGETS: dict[str, Target] = {
    "x12": Target(
        source(partial(read_x12, origin=ORIGIN), looks_like_x12), samples.X12, (), (read_x12, looks_like_x12), _X12
    ),
    "fhir": Target(
        source(partial(read_fhir, origin=ORIGIN), looks_like_fhir),
        samples.FHIR,
        (),
        (read_fhir, looks_like_fhir),
        _JSON,
    ),
    "atna": Target(
        source(partial(read_atna, origin=ORIGIN), looks_like_atna), samples.ATNA, (), (read_atna, looks_like_atna), _XML
    ),
    "syslog": Target(document(_syslog), samples.ATNA, (), (parse_syslog,), _XML),
    "hl7": Target(
        source(partial(read_hl7, origin=ORIGIN, zone=ZONE), looks_like_hl7),
        samples.HL7,
        (),
        (read_hl7, looks_like_hl7),
        _HL7,
    ),
    "mllp": Target(document(_mllp), samples.HL7, (), (acknowledgement, read_message), _HL7),
    "table": Target(
        source(_table, lambda head: looks_like_table(head, "x.txt")), samples.TABLE, (), (read_table, looks_like_table)
    ),
    "workbook": Target(_table, samples.WORKBOOK, (), (read_table,), (b"PK\x03\x04", b"PK\x01\x02", b"\0")),
    "presets": Target(_presets, samples.PRESET, (), (read_table,)),
    "leie": Target(
        source(partial(read_leie, origin=ORIGIN), looks_like_leie), samples.LEIE, (), (read_leie, looks_like_leie)
    ),
    "json_lines": Target(
        document(_in_a_file(lambda path: list(read_lines([path])), ".jsonl")),
        samples.JSON_LINES,
        (InputFileError,),
        (read_lines,),
        _JSON,
    ),
    "any_file": Target(
        document(_in_a_file(_any_file, ".bin")),
        [
            *samples.X12,
            *samples.FHIR,
            *samples.ATNA,
            *samples.HL7,
            *samples.TABLE,
            *samples.WORKBOOK,
            *samples.ARCHIVES,
        ],
        (InputFileError,),
        (open_input, format_of, records_of),
        _JSON,
    ),
    "envelope": Target(document(_envelope), samples.ENVELOPES, (BadRecord,), (decode_structured,), _JSON),
    "event_data": Target(document(_any_data), samples.ENVELOPES, (BadRecord,), (decode,), _JSON),
    "dead_letters": Target(
        document(DeadLetter.decode),
        samples.DEAD_LETTERS,
        (msgspec.MsgspecError,),
        (DeadLetter.decode,),
        (b"\xc4", b"\xa1"),
    ),
    "mapping": Target(
        document(_in_a_file(load_mapping, ".yml")),
        samples.MAPPINGS,
        (MappingError,),
        (load_mapping, read_mapping),
        _YAML,
    ),
    "rules": Target(document(_in_a_file(_rules, ".yml")), samples.RULES, (RuleError,), (load_rules,), _YAML),
    "rule_tests": Target(document(_rule_tests), samples.RULE_TESTS, (RuleError,), (load_rules,), _YAML),
    "exclusions": Target(
        document(lambda content: list(read_exclusions(rows_of(content)))),
        samples.LEIE,
        (TableError,),
        (read_exclusions,),
    ),
    "fhir_providers": Target(
        _providers,
        samples.FHIR_PROVIDERS,
        (),
        (learn_providers, looks_like_providers),
        (b"\n", b",", b'"', b"{", b"}"),
    ),
    "nppes": Target(
        document(lambda content: load_registry(rows_of(content))), samples.NPPES, (TableError,), (load_registry,)
    ),
    "procedure_pairs": Target(
        document(lambda content: load_procedure_pairs(rows_of(content))),
        samples.PAIRS,
        (TableError,),
        (load_procedure_pairs,),
        (b"\n", b"\t"),
    ),
    "unit_limits": Target(
        document(lambda content: load_unit_limits(rows_of(content), date(2026, 1, 1))),
        samples.UNIT_LIMITS,
        (TableError,),
        (load_unit_limits,),
    ),
    "code_attributes": Target(
        document(lambda content: load_code_attributes(rows_of(content))),
        samples.ATTRIBUTES,
        (TableError,),
        (load_code_attributes,),
    ),
    "global_days": Target(
        document(lambda content: load_global_days(rows_of(content))),
        samples.GLOBAL_DAYS,
        (TableError,),
        (load_global_days,),
    ),
    "drg_weights": Target(
        document(lambda content: load_drg_weights(rows_of(content))),
        samples.DRG_WEIGHTS,
        (TableError,),
        (load_drg_weights,),
    ),
    "diagnosis_departments": Target(
        document(lambda content: load_diagnosis_groups(lines_of(content))),
        samples.DIAGNOSIS_DEPARTMENTS,
        (TableError,),
        (load_diagnosis_groups,),
    ),
    "zip_places": Target(
        document(lambda content: load_zip_places(lines_of(content))),
        samples.ZIP_PLACES,
        (TableError,),
        (load_zip_places,),
    ),
    "slack_actions": Target(
        document(read_interaction_form),
        [slack_payloads.form(slack_payloads.pressed())],
        (Unreadable,),
        (read_interaction_form,),
        (b"&", b"=", b"%22", b"%7B"),
    ),
    "slack_payloads": Target(
        document(read_interaction),
        [slack_payloads.pressed(), slack_payloads.submitted("resolve", {"verdict": ("duplicate",), "reason": "x"})],
        (Unreadable,),
        (read_interaction,),
        _JSON,
    ),
    "slack_commands": Target(
        document(read_command_form),
        [slack_payloads.command("show INC-F73K9Q2M")],
        (Unreadable,),
        (read_command_form,),
        (b"&", b"=", b"%20"),
    ),
    "slack_events": Target(
        document(read_event), [slack_payloads.answered("asked")], (Unreadable,), (read_event,), _JSON
    ),
    "answers": Target(
        document(_answer),
        [b"proof=0123456789abcdef&said=yes&reason=on+leave", b"a" * 60],
        (NeverRaised,),
        (),
        (b"&", b"="),
    ),
    "service_minutes": Target(
        document(lambda content: load_service_minutes(lines_of(content))),
        samples.SERVICE_MINUTES,
        (TableError,),
        (load_service_minutes,),
    ),
}
"""Name to parser."""
