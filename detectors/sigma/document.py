"""Rule files: Sigma rules and Sigma correlation rules, read and typed."""

from typing import Literal, get_args

from msgspec import Struct

from detectors.sigma.detection import NOTHING, Detection, read_detection
from detectors.sigma.fields import CATEGORIES, DataType
from detectors.sigma.header import Header, read_header
from detectors.sigma.problems import Problems
from detectors.sigma.reader import Reader
from detectors.sigma.source import Node, read_documents

CorrelationType = Literal["event_count", "value_count", "value_sum", "temporal", "temporal_ordered"]

OF_ALL_RULES: frozenset[CorrelationType] = frozenset({"temporal", "temporal_ordered"})
"""Types that ask for an event of each of their rules, and so for no count."""

LARGEST_COUNT = 1000
"""Counts above this would need more state per entity than a profile may hold."""

LARGEST_SUM = 10**12
"""In cents ten thousand million; a sum takes no more state for being large."""

LONGEST_TIMESPAN = 400 * 86_400
"""Seconds; profiles keep nothing longer than 400 days (design.md §2)."""

_TIMESPAN = r"[1-9][0-9]{0,5}[smhd]"
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


class LogSource(Struct, frozen=True):
    """Which events a rule looks at."""

    category: str
    product: str = ""
    service: str = ""


class Rule(Struct, frozen=True):
    """A rule over single events."""

    header: Header
    logsource: LogSource
    detection: Detection

    @property
    def data_type(self) -> DataType:
        """The struct of the events that the rule looks at."""
        return CATEGORIES[self.logsource.category]


class Correlation(Struct, frozen=True):
    """A rule over several events of one entity.

    `at_least` is the count or sum that fires, `timespan` is in seconds, `field` is what `value_count` counts and
    `value_sum` adds up, negated where `is_below`, and `generate` says whether the rules that it names also speak for
    themselves.
    """

    header: Header
    line: int
    type: CorrelationType
    rules: tuple[str, ...]
    group_by: str
    timespan: int
    at_least: int
    field: str
    is_below: bool
    generate: bool


def read_rules(text: str, file: str, problems: Problems) -> list[Rule | Correlation]:
    """Read all rules of a file, noting what is wrong with them; `file` is its name without folders."""
    documents = read_documents(text, problems)
    if not documents and not problems.found:
        problems.add(1, "the file holds no rule")
    if "\r" in text:
        problems.add(text[: text.index("\r")].count("\n") + 1, "lines must end in LF, without CR")
    return [rule for document in documents if (rule := _read(document, file, problems)) is not None]


def _read(document: Node, file: str, problems: Problems) -> Rule | Correlation | None:
    if not isinstance(document.value, dict):
        problems.add(document.line, "a rule must be a map of keys and values")
        return None
    reader = Reader(document, problems, "a rule")
    is_correlation = "correlation" in document.value
    rule = (_read_correlation if is_correlation else _read_rule)(reader, read_header(reader, file, problems), problems)
    reader.finish()
    return rule


def _read_rule(reader: Reader, header: Header, problems: Problems) -> Rule:
    source = reader.node("logsource", required=True)
    detection = reader.node("detection", required=True)
    return Rule(
        header,
        _log_source(Reader(source, problems, "logsource")) if source else LogSource("phi_access"),
        read_detection(detection, problems) if detection else NOTHING,
    )


def _log_source(reader: Reader) -> LogSource:
    source = LogSource(
        category=reader.text("category", required=True, choices=tuple(CATEGORIES), default="phi_access"),
        product=reader.text("product"),
        service=reader.text("service"),
    )
    reader.finish()
    return source


def _read_correlation(reader: Reader, header: Header, problems: Problems) -> Correlation:
    node = reader.node("correlation", required=True) or Node(reader.line, {})
    inner = Reader(node, problems, "correlation")
    kind = inner.text("type", required=True)
    types: tuple[CorrelationType, ...] = get_args(CorrelationType)
    known = next((name for name in types if name == kind), None)
    if kind and known is None:
        inner.problem("type", f"the correlation type {kind} is not supported: use {', '.join(types)}")
    group_by = inner.texts("group-by", required=True)
    if len(group_by) > 1:
        inner.problem("group-by", "group-by must name one field, the entity of the stage")
    timespan = inner.text("timespan", required=True, pattern=_TIMESPAN, default="1s")
    seconds = int(timespan[:-1]) * _SECONDS[timespan[-1]]
    if seconds > LONGEST_TIMESPAN:
        inner.problem("timespan", f"the timespan may be {LONGEST_TIMESPAN // 86_400} days at most")
    rules = inner.texts("rules", required=True)
    limit = _read_limit(inner, known, len(rules), problems)
    correlation = Correlation(
        header=header,
        line=node.line,
        type=known or "event_count",
        rules=rules,
        group_by=group_by[0] if group_by else "entity",
        timespan=seconds,
        at_least=limit.at_least,
        field=limit.field,
        is_below=limit.is_below,
        generate=reader.truth("generate") or inner.truth("generate"),
    )
    if inner.node("aliases"):
        inner.problem("aliases", "aliases are not supported: use rules of one logsource category")
    inner.finish()
    return correlation


class _Limit(Struct, frozen=True):
    """What a condition asks for."""

    at_least: int = 1
    field: str = ""
    is_below: bool = False


def _read_limit(inner: Reader, kind: CorrelationType | None, number_of_rules: int, problems: Problems) -> _Limit:
    node = inner.node("condition", required=kind not in OF_ALL_RULES)
    if kind in OF_ALL_RULES:
        if node is not None:
            inner.problem("condition", f"{kind} asks for all of its rules: remove the condition")
        return _Limit(max(number_of_rules, 1))
    if node is None:
        return _Limit()
    reader = Reader(node, problems, "condition")
    field = reader.text("field", required=kind in ("value_count", "value_sum"))
    if field and kind == "event_count":
        reader.problem("field", "event_count counts events: remove field, or use value_count")
    limit = _read_sum(reader, field) if kind == "value_sum" else _read_count(reader, field)
    reader.finish()
    return limit


def _read_count(reader: Reader, field: str) -> _Limit:
    """A count grows with every event that still arrives, so it can pass a limit and cannot stay below one."""
    for other in ("lt", "lte", "eq", "neq"):
        if reader.node(other) is not None:
            reader.problem(other, f"{other} cannot be told while events still arrive: use gt or gte")
    name = reader.one_of("gt", "gte")
    if name == "gt":
        return _Limit(reader.whole("gt", most=LARGEST_COUNT - 1) + 1, field)
    return _Limit(reader.whole("gte", least=1, most=LARGEST_COUNT), field)


def _read_sum(reader: Reader, field: str) -> _Limit:
    """A sum of what is given back falls: refunds are negative amounts, so they fire below a negative limit."""
    for other in ("eq", "neq"):
        if reader.node(other) is not None:
            reader.problem(other, f"{other} cannot be told while events still arrive: use gt, gte, lt or lte")
    name = reader.one_of("gt", "gte", "lt", "lte")
    if name in ("gt", "gte"):
        return _Limit(reader.whole(name, least=name == "gte", most=LARGEST_SUM) + (name == "gt"), field)
    return _Limit(-reader.whole(name, least=-LARGEST_SUM, most=-(name == "lte")) + (name == "lt"), field, is_below=True)
