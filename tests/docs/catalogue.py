"""The pages of the catalogue, made from the metadata of rules and detectors and from the tests beside them."""

import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import yaml
from msgspec import Struct

from detectors import entity_risk, source_volume
from detectors.finding import SEVERITIES, Severity
from detectors.notes import NOTE_NAMES
from detectors.patterns import DETECTORS
from detectors.scene import Pattern
from detectors.sigma import CompiledCorrelation, CompiledRule, load_rules, shipped_rules
from monitor.model_patterns import MODEL_PATTERNS

ROOT = Path(__file__).resolve().parents[2]
TESTS = [ROOT / "tests" / name for name in ("detectors", "models")]

FAMILIES = {
    "A": ("access.md", "Access to records"),
    "B": ("billing.md", "Billing and payments"),
    "Q": ("quality.md", "Quality of what arrives"),
    "R": ("risk.md", "Risk and models"),
}
"""First letter of a catalogue id to its page and title."""
MODELS = FAMILIES["R"]
"""Page of what has a name instead of a catalogue id: the models."""

FEEDS = {"staff": "the staff feed", "provider.excluded": "an exclusion list"}
"""Notes that are there only where a feed is, by name or first part of the name: rules need it without naming it."""

OWN = "Wardwatch's own catalogue"
"""Reference of what rests on nothing else that is published."""

NOT_PUBLISHED = re.compile(r"\s*\((?:see )?domain\.md[^)]*\)|,? see domain\.md §[\d.]*\d|^domain\.md.*")
"""References to the working papers of the authors, which readers of the repository cannot open."""

QUEUES = {"": "fraud and privacy", "billing_quality": "billing quality", "data_quality": "the data team"}


class Part(Struct, frozen=True, kw_only=True):
    """One rule or detector of a catalogue id: `level` is its usual severity, `shown_by` are tests, in words."""

    id: str
    title: str
    about: str
    made_as: str
    file: str
    level: Severity
    levels: Sequence[Severity]
    stage: str
    window: str
    queue: str
    needs: Sequence[str]
    false_positives: Sequence[str]
    references: Sequence[str]
    shown_by: Sequence[str]


def page_files() -> dict[str, str]:
    """Return the pages by name: one of each family and an index."""
    by_id: dict[str, list[Part]] = defaultdict(list)
    for part in sorted([*_rules(), *_patterns()], key=lambda part: (_section(part.id), part.title)):
        by_id[_section(part.id)].append(part)
    pages: dict[tuple[str, str], dict[str, list[Part]]] = defaultdict(dict)
    for name, parts in by_id.items():
        pages[FAMILIES.get(name[0], MODELS)][name] = parts
    files = {file: _page(title, named) for (file, title), named in pages.items()}
    return {"README.md": _index(pages), **files}


def _section(name: str) -> str:
    """Return the catalogue id that a unique name begins with (`a27_source_back` is one of A27), else the name."""
    numbered = re.match(r"[A-Za-z]\d\d", name)
    return numbered[0].upper() if numbered else name


def _rules() -> Iterable[Part]:
    rules = load_rules([shipped_rules()], NOTE_NAMES)
    for made_as, group in (("Sigma rule", rules.rules), ("Sigma correlation", rules.correlations)):
        for rule in group:
            header, own = rule.header, rule.header.wardwatch
            path = Path(header.file)
            yield Part(
                id=rule.catalogue,
                title=header.title,
                about=_published(header.description),
                made_as=made_as,
                file=f"detectors/rules/{path.name}",
                level=rule.severity,
                levels=(rule.severity,),
                stage=rule.stage,
                window=own.window,
                queue=own.queue,
                needs=_needs(rule),
                false_positives=header.falsepositives,
                references=_references(header.references),
                shown_by=_rule_tests(ROOT / "detectors" / "rules" / path.name),
            )


def _needs(rule: CompiledRule | CompiledCorrelation) -> list[str]:
    """Return the notes without which a rule is silent; where it can do without, the feed that lets it see more."""
    declared = rule.header.wardwatch.needs
    certain = [*declared, *sorted(rule.gate.notes.difference(declared))]
    if certain or not isinstance(rule, CompiledRule):
        return [_with_feed(name) for name in certain]
    helpful = sorted(rule.fields.intersection(NOTE_NAMES))
    return [f"the event alone, or {' or '.join(map(_with_feed, helpful))}"] if helpful else []


def _with_feed(note: str) -> str:
    feed = FEEDS.get(note) or FEEDS.get(note.partition(".")[0])
    return f"{note} ({feed})" if feed else note


def _published(text: str) -> str:
    """Return a text on one line, without what it says of papers that are not published."""
    return NOT_PUBLISHED.sub("", " ".join(text.split()))


def _references(named: Iterable[str]) -> list[str]:
    return [kept for one in named if (kept := _published(one))] or [OWN]


def _rule_tests(rule: Path) -> list[str]:
    """Return the names of the events of a rule's twin file, and whether each must match."""
    twin = rule.with_name(f"{rule.stem}.tests.yml")
    if not twin.exists():
        return []
    return [f"{'fires' if case['match'] else 'silent'}: {case['name']}" for case in yaml.safe_load(twin.read_text())]


def _patterns() -> Iterable[Part]:
    tests = sorted(path for folder in TESTS for path in folder.rglob("test_*.py"))
    texts = {path.relative_to(ROOT).as_posix(): path.read_text() for path in tests}
    detectors = [
        *((pattern, detect.__module__) for pattern, detect in DETECTORS.values()),
        *((pattern, source_volume.__name__) for pattern in source_volume.PATTERNS),
        (entity_risk.PATTERN, entity_risk.__name__),
    ]
    yield from (_part(pattern, module, "Python detector", texts) for pattern, module in detectors)
    yield from (_part(pattern, module, "Model", texts) for pattern, module in MODEL_PATTERNS)


def _part(pattern: Pattern, module: str, made_as: str, texts: Mapping[str, str]) -> Part:
    word = module.rpartition(".")[2]
    about = sys.modules[module].__doc__ or ""
    return Part(
        id=pattern.id,
        title=pattern.title,
        about=_published(about.split("\n\n")[0]),
        made_as=made_as,
        file=f"{module.replace('.', '/')}.py",
        level=pattern.level,
        levels=pattern.severities,
        stage=pattern.stage,
        window=pattern.window,
        queue=pattern.queue,
        needs=pattern.needs,
        false_positives=pattern.false_positives,
        references=_references(pattern.references),
        shown_by=[file for file, text in texts.items() if f'"{pattern.id}"' in text or word in text],
    )


def _index(pages: Mapping[tuple[str, str], Mapping[str, Sequence[Part]]]) -> str:
    lines = [
        "# Catalogue",
        "",
        "Made by `make golden` from the metadata of rules and detectors; do not edit. What each pattern sees, how",
        "grave it is, what it needs, what it mistakes for one, and which test events show it. What rests on an access",
        "being unexplained is `info` while the context that could explain it seems to be missing.",
    ]
    for (file, title), named in sorted(pages.items()):
        lines += ["", f"## [{title}]({file})", "", "| id | sees | severity |", "|---|---|---|"]
        for name, parts in named.items():
            titles = "; ".join(dict.fromkeys(part.title for part in parts))
            levels = ", ".join(_rising(level for part in parts for level in part.levels))
            lines.append(f"| [{name}]({file}#{name.lower()}) | {_cell(titles)} | {levels} |")
    return "\n".join([*lines, ""])


def _page(title: str, named: Mapping[str, Sequence[Part]]) -> str:
    lines = [f"# {title}", "", "Made by `make golden`; do not edit. [All patterns](README.md)."]
    for name, parts in named.items():
        lines += ["", f"## {name}"]
        for part in parts:
            lines += ["", f"### {name}: {part.title}", "", part.about, "", *_facts(part)]
    return "\n".join([*lines, ""])


def _judged_at(stages: str) -> str:
    return f"the stages {stages}" if "," in stages else f"the {stages}'s stage"


def _rising(levels: Iterable[Severity]) -> list[Severity]:
    return sorted(set(levels), key=SEVERITIES.index)


def _severity(part: Part) -> str:
    others = [level for level in part.levels if level != part.level]
    return f"usually {part.level}; also {', '.join(others)}" if others else part.level


def _facts(part: Part) -> list[str]:
    facts = {
        "Severity": _severity(part),
        "Goes to": QUEUES[part.queue],
        "Judged at": _judged_at(part.stage),
        "Window": part.window or "the event",
        "Needs": ", ".join(part.needs) or "the event alone",
        "False positives": "; ".join(map(_published, part.false_positives)) or "none known",
        "References": "; ".join(part.references) or "none",
        "Made as": f"{part.made_as}, `{part.file}`",
        "Shown by": "; ".join(part.shown_by) or "the tests of its family",
    }
    return ["| | |", "|---|---|", *(f"| {name} | {_cell(value)} |" for name, value in facts.items())]


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
