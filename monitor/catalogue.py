"""One catalogue of everything that detects: Sigma rules, correlations, Python detectors and models."""

from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from detectors import entity_risk, source_volume
from detectors.family_titles import FAMILY_TITLES
from detectors.finding import Severity
from detectors.notes import NOTE_NAMES
from detectors.patterns import DETECTORS
from detectors.reference.diagnosis_groups import DiagnosisGroups
from detectors.reference.diagnosis_groups import load as load_diagnosis_groups
from detectors.reference.service_minutes import ServiceMinutes, TableError
from detectors.reference.service_minutes import load as load_minutes
from detectors.scene import Pattern
from detectors.sigma import RuleSet, load_rules, read_lists, shipped_rules
from monitor.failure import Failure
from monitor.model_patterns import MODEL_PATTERNS
from monitor.settings import Settings


class CatalogueRow(Struct, frozen=True):
    """What people see of one detector. One id may have several, each in its own `file`.

    `level` is the usual severity, `levels` are all that it can give, from least to most grave.
    """

    id: str
    title: str
    kind: str
    stage: str
    level: Severity
    levels: tuple[Severity, ...]
    version: int
    file: str


def read_rules(settings: Settings) -> RuleSet:
    """Load the rules that come with Wardwatch and those of the site, with its lists.

    Raises:
        RuleError: with everything that is wrong with any of them.
    """
    if settings.rules_dir is None:
        return load_rules([shipped_rules()], NOTE_NAMES)
    return load_rules([shipped_rules(), settings.rules_dir], NOTE_NAMES, read_lists(settings.rules_dir))


def read_minutes(settings: Settings) -> Mapping[str, ServiceMinutes]:
    """Load the site's table of service minutes; empty where it has none.

    Raises:
        Failure: naming the line that cannot be read.
    """
    if settings.service_minutes is None:
        return {}
    try:
        with settings.service_minutes.open(encoding="utf-8", newline="") as lines:
            return load_minutes(lines)
    except TableError as error:
        raise Failure(str(error)) from None


def read_diagnosis_groups(settings: Settings) -> DiagnosisGroups:
    """Load the site's table of departments by diagnosis; empty where it has none.

    Raises:
        Failure: naming the line that cannot be read.
    """
    if settings.diagnosis_departments is None:
        return {}
    try:
        with settings.diagnosis_departments.open(encoding="utf-8", newline="") as lines:
            return load_diagnosis_groups(lines)
    except TableError as error:
        raise Failure(str(error)) from None


def catalogue(rules: RuleSet) -> list[CatalogueRow]:
    """Return every detector, by id."""
    rows = [
        CatalogueRow(
            rule.catalogue,
            rule.header.title,
            kind,
            rule.stage,
            rule.severity,
            (rule.severity,),
            rule.version,
            Path(rule.header.file).name,
        )
        for kind, group in (("rule", rules.rules), ("correlation", rules.correlations))
        for rule in group
    ]
    detectors = [
        *((pattern, detect.__module__) for pattern, detect in DETECTORS.values()),
        *((pattern, source_volume.__name__) for pattern in source_volume.PATTERNS),
        (entity_risk.PATTERN, entity_risk.__name__),
    ]
    rows += [_row(pattern, "detector", module) for pattern, module in detectors]
    rows += [_row(pattern, "model", module) for pattern, module in MODEL_PATTERNS]
    return sorted(rows, key=lambda row: (row.id, row.title))


def _row(pattern: Pattern, kind: str, module: str) -> CatalogueRow:
    return CatalogueRow(
        pattern.id,
        pattern.title,
        kind,
        pattern.stage,
        pattern.level,
        pattern.severities,
        pattern.version,
        f"{module.rpartition('.')[2]}.py",
    )


def titles(rules: RuleSet) -> dict[str, str]:
    """Return the neutral title of every catalogue id, for notices: of several rules with one id, that of the family."""
    return {row.id: row.title for row in reversed(catalogue(rules))} | FAMILY_TITLES
