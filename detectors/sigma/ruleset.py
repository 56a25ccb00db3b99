"""All rules of an installation: loaded whole or refused whole, then asked by stage and event type."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable

from detectors.sigma.compiler import CompiledRule, compile_with
from detectors.sigma.correlation import CompiledCorrelation, compile_correlation
from detectors.sigma.document import Correlation, Rule, read_rules
from detectors.sigma.fields import CATEGORIES, DataType
from detectors.sigma.problems import Problem, Problems, RuleError
from detectors.sigma.testing import RuleTest, read_tests, run_test
from detectors.sigma.vocabulary import Vocabulary
from detectors.visit import StageName

TESTS = ".tests.yml"
_FILE_NAME = re.compile(r"[a-z0-9_]{10,70}\.yml")
"""Sigma rules specification 2.1, "YAML file"."""

Compiled = CompiledRule | CompiledCorrelation


def shipped_rules() -> Traversable:
    """Return the folder of the rules that come with Wardwatch."""
    return resources.files("detectors.rules")


@dataclass(frozen=True)
class RuleSet:
    """The rules that make findings, and all tests. Rules that only serve correlations are inside those."""

    rules: tuple[CompiledRule, ...]
    correlations: tuple[CompiledCorrelation, ...]
    tests: tuple[RuleTest, ...]
    _by_name: Mapping[str, Compiled]

    def at(self, stage: StageName, data_type: DataType) -> tuple[CompiledRule, ...]:
        """Return the rules over single events to ask at a stage. Keep the answer: it is searched for."""
        return tuple(rule for rule in self.rules if rule.stage == stage and rule.data_type is data_type)

    def correlations_at(self, stage: StageName, data_type: DataType) -> tuple[CompiledCorrelation, ...]:
        """Return the correlations to ask at a stage."""
        return tuple(rule for rule in self.correlations if rule.stage == stage and rule.data_type is data_type)

    def check(self) -> list[Problem]:
        """Return what loading lets pass: rules without a test that must match, or without one that must not."""
        shown: dict[str, set[bool]] = defaultdict(set)
        for test in self.tests:
            shown[test.rule].add(test.match)
        wanted = {True: "an event that must match", False: "an event that must not match"}
        return [
            Problem(rule.header.file, rule.header.line, f"{rule.name} has no test with {words}: add one to its {TESTS}")
            for rule in (*self.rules, *self.correlations)
            for expected, words in wanted.items()
            if expected not in shown[rule.name]
        ]

    def run_tests(self) -> list[Problem]:
        """Run all tests and return those that fail."""
        return [failure for test in self.tests if (failure := run_test(test, self._by_name[test.rule]))]


def load_rules(
    folders: Iterable[Traversable],
    note_names: Collection[str],
    lists: Mapping[str, frozenset[str]] | None = None,
) -> RuleSet:
    """Load all rules of some folders, with their tests.

    Args:
        folders: where the files are (`pathlib.Path` will do); folders inside them are not searched.
        note_names: the notes that stages write (`detectors.notes.NOTE_NAMES`).
        lists: the lists that `|expand` may name.

    Raises:
        RuleError: with everything that is wrong with any of them.
    """
    return _Loader(note_names, lists or {}).load(folders)


class _Loader:
    def __init__(self, note_names: Collection[str], lists: Mapping[str, frozenset[str]]) -> None:
        self._note_names = note_names
        self._vocabularies = {data_type: Vocabulary(data_type, note_names, lists) for data_type in CATEGORIES.values()}
        self._problems: list[Problem] = []

    def load(self, folders: Iterable[Traversable]) -> RuleSet:
        texts = self._texts(folders)
        documents = [
            rule for file, text in texts.items() if not file.endswith(TESTS) for rule in self._read(file, text)
        ]
        self._refuse_doubles(documents)
        compiled = self._compile(documents)
        tests = [
            test for file, text in texts.items() if file.endswith(TESTS) for test in self._tests(file, text, compiled)
        ]
        if self._problems:
            raise RuleError(self._problems)
        serving = {
            name for rule in documents if isinstance(rule, Correlation) and not rule.generate for name in rule.rules
        }
        speaking = [
            rule for rule in compiled.values() if rule.header.speaks and not serving & {rule.name, rule.header.id}
        ]
        return RuleSet(
            rules=tuple(rule for rule in speaking if isinstance(rule, CompiledRule)),
            correlations=tuple(rule for rule in speaking if isinstance(rule, CompiledCorrelation)),
            tests=tuple(tests),
            _by_name=compiled,
        )

    def _texts(self, folders: Iterable[Traversable]) -> dict[str, str]:
        texts: dict[str, str] = {}
        entries = [entry for folder in folders for entry in folder.iterdir() if entry.name.endswith((".yml", ".yaml"))]
        for entry in sorted(entries, key=lambda entry: entry.name):
            problems = Problems(entry.name)
            if not _FILE_NAME.fullmatch(entry.name.removesuffix(TESTS) + ".yml" * entry.name.endswith(TESTS)):
                problems.add(1, "a rule file is called 10 to 70 of a-z, 0-9 and _, then .yml: rename it")
            if entry.name in texts:
                problems.add(1, "two folders hold a file of this name: rename one")
            try:
                texts[entry.name] = entry.read_bytes().decode()
            except UnicodeDecodeError:
                problems.add(1, "the file is not UTF-8: save it as UTF-8")
            self._problems += problems.found
        return texts

    def _read(self, file: str, text: str) -> list[Rule | Correlation]:
        problems = Problems(file)
        rules = read_rules(text, file, problems)
        self._problems += problems.found
        return rules

    def _refuse_doubles(self, documents: list[Rule | Correlation]) -> None:
        first: dict[str, Rule | Correlation] = {}
        for rule in documents:
            for key in (rule.header.name, rule.header.id):
                other = first.setdefault(key, rule) if key else rule
                if other is not rule:
                    message = f"{key} is already {other.header.file}:{other.header.line}: give this rule another"
                    self._problems.append(Problem(rule.header.file, rule.header.line, message))

    def _compile(self, documents: list[Rule | Correlation]) -> dict[str, Compiled]:
        compiled: dict[str, Compiled] = {}
        plain: dict[str, CompiledRule] = {}
        named = {name for rule in documents if isinstance(rule, Correlation) for name in rule.rules}
        for rule in documents:
            problems = Problems(rule.header.file)
            if isinstance(rule, Rule):
                plain[rule.header.name] = compile_with(rule, self._vocabularies[rule.data_type], problems)
                if not rule.header.speaks and not named & {rule.header.name, rule.header.id}:
                    problems.add(rule.header.line, "a rule needs the key wardwatch, or a correlation that names it")
            self._problems += problems.found
        compiled.update(plain)
        for rule in documents:
            problems = Problems(rule.header.file)
            if isinstance(rule, Correlation):
                joined = compile_correlation(rule, plain, self._vocabularies, problems)
                compiled.update({joined.name: joined} if joined else {})
            self._problems += problems.found
        return compiled

    def _tests(self, file: str, text: str, compiled: Mapping[str, Compiled]) -> list[RuleTest]:
        problems = Problems(file)
        home = file.removesuffix(TESTS) + ".yml"
        speaking = [rule.name for rule in compiled.values() if rule.header.file == home and rule.header.speaks]
        tests = read_tests(text, problems, compiled, speaking[0] if len(speaking) == 1 else "", self._note_names)
        if not any(rule.header.file == home for rule in compiled.values()):
            problems.add(1, f"there is no rule file {home}: rename or remove these tests")
        self._problems += problems.found
        return tests
