"""Rules written in tests: a good rule, with parts to replace."""

import textwrap
from collections.abc import Mapping

from detectors.sigma import CompiledRule, Problems, Rule, compile_rule, read_rules

NOTES = frozenset({"rel.explained", "rel.templates", "user.patients_1h", "user.mass_access_ratio", "staff.known"})

HEAD = """\
title: A rule
id: 11111111-1111-4111-8111-111111111111
description: What it is for.
level: low
"""
ACCESS = "logsource:\n    category: phi_access\n"
BILLING = "logsource:\n    category: billing_transaction\n"
TAIL = """\
wardwatch:
    catalogue: A05
    stage: user
    version: 1
    reason: A sentence.
"""


def rule_text(detection: str, source: str = ACCESS, tail: str = TAIL) -> str:
    """Return a rule file with this detection, which begins at line 7."""
    return HEAD + source + "detection:\n" + textwrap.indent(textwrap.dedent(detection), "    ") + tail


def read(text: str) -> Rule:
    """Read the one rule of a good file."""
    problems = Problems("a_good_rule.yml")
    (rule,) = read_rules(text, "a_good_rule.yml", problems)
    assert problems.found == []
    assert isinstance(rule, Rule)
    return rule


def compiled(
    detection: str,
    source: str = ACCESS,
    lists: Mapping[str, frozenset[str]] | None = None,
    tail: str = TAIL,
) -> CompiledRule:
    """Compile a rule with this detection."""
    return compile_rule(read(rule_text(detection, source, tail)), NOTES, lists)
