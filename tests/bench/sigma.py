"""What a rule costs on an ordinary event that it does not match, per rule and event.

    python -m tests.bench.sigma

Three columns: nanoseconds of the compiled rule, nanoseconds of the naive interpreter that the property tests check it
against, and their ratio; every repetition measures both, and the medians are shown. Last, the cost of all rules of a
stage together, and of one step of a full correlation.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import msgspec
import yaml

from detectors.events import AccessEvent, BillingTransaction
from detectors.notes import NOTE_NAMES
from detectors.sigma import CompiledRule, Recent, load_rules, shipped_rules
from detectors.sigma.sliding import capacity, count_values, insert, prune, token_of, without_inner
from tests.detectors.sigma import naive

REPETITIONS, LOOPS = 7, 5_000
LIMIT = 1_000.0
"""Nanoseconds that a rule may cost on an event that is none of its business."""

ACCESS = msgspec.convert(
    {
        "action": "read",
        "occurred_at": "2026-03-02T09:14:03Z",
        "actor": {"id": "u_1001", "roles": ["nurse"], "dept": "4W"},
        "session": {"id": "s_1", "mfa": True},
        "client": {"ip": "10.0.4.7", "ip_class": "onsite", "app": "ehr"},
        "patient": {"ref": "p_2001"},
        "resource": {"type": "note", "category": "progress"},
    },
    AccessEvent,
)
ACCESS_NOTES: dict[str, Any] = {
    "rel.first_pair": False, "rel.context_ok": True, "rel.templates": ["T3"], "rel.explained": True,
    "staff.known": True, "user.patients_1h": 7, "user.patients_24h": 9, "user.patients_1h_limit": 60,
    "user.patients_1h_highest": 12, "user.mass_access_ratio": 0.117, "user.unexplained_24h": 1,
}  # fmt: skip
PAYMENT = msgspec.convert(
    {
        "kind": "patient_payment",
        "occurred_at": "2026-03-02T09:14:03Z",
        "patient": {"ref": "p_2001"},
        "amounts": {"paid": 4500},
        "payment": {"method": "card", "card": {"token": "t_1", "response": "00"}},
        "user": {"ref": "u_1001"},
    },
    BillingTransaction,
)


def nanoseconds(function: Callable[[], object]) -> float:
    """Return what one call takes, the loop itself taken off."""
    start = time.perf_counter_ns()
    for _ in range(LOOPS):
        function()
    called = time.perf_counter_ns() - start
    start = time.perf_counter_ns()
    for _ in range(LOOPS):
        _nothing()
    return (called - (time.perf_counter_ns() - start)) / LOOPS


def _nothing() -> None:
    """Cost of a loop and of an empty call, which is what the lambda around each candidate costs."""


def ordinary(rule: CompiledRule) -> tuple[AccessEvent | BillingTransaction, dict[str, Any]]:
    """Return an ordinary event for a rule, with its notes."""
    return (ACCESS, ACCESS_NOTES) if rule.data_type is AccessEvent else (PAYMENT, {})


def interpreter(rule: CompiledRule, event: object, notes: dict[str, Any]) -> Callable[[], object]:
    """Return the naive reading of a rule whose condition is a conjunction of its first selection."""
    text = (shipped_rules() / rule.header.file).read_text()
    detection = yaml.safe_load(text)["detection"]
    first = next(iter(detection))
    tree = naive.tree_of(event)
    plain = {f"note.{name}": value for name, value in notes.items()}
    selection = {
        f"note.{key}" if key.split("|")[0] in NOTE_NAMES else key: detection[first][key] for key in detection[first]
    }
    return lambda: naive.holds("first", {"first": selection}, tree, plain)


def main() -> None:
    """Measure and print; fail where a rule is over the limit."""
    rules = load_rules([shipped_rules()], NOTE_NAMES)
    print(f"{'rule':<34}{'compiled ns':>12}{'naive ns':>12}{'ratio':>8}")
    over = []
    for rule in rules.rules:
        event, notes = ordinary(rule)
        if rule.matches(event, notes):
            sys.exit(f"{rule.name} matches an ordinary event")
        matches, naively = rule.matches, interpreter(rule, event, notes)
        pairs = [
            (nanoseconds(lambda: matches(event, notes)), nanoseconds(naively))  # noqa: B023 - called at once
            for _ in range(REPETITIONS)
        ]
        ours, theirs = (statistics.median(column) for column in zip(*pairs, strict=True))
        over += [rule.name] * (ours >= LIMIT)
        print(f"{rule.name:<34}{ours:>12.0f}{theirs:>12.0f}{theirs / ours:>7.1f}x")
    at_user = rules.at("user", AccessEvent)
    together = statistics.median(
        nanoseconds(lambda: [rule for rule in at_user if rule.matches(ACCESS, ACCESS_NOTES)])
        for _ in range(REPETITIONS)
    )
    print(f"{f'all {len(at_user)} of the user stage':<34}{together:>12.0f}")
    print(f"{'a step of a full value_count':<34}{statistics.median(step() for _ in range(REPETITIONS)):>12.0f}")
    if over:
        sys.exit(f"over {LIMIT:.0f} ns: {', '.join(over)}")


def step() -> float:
    """Return nanoseconds of one step of a correlation of 60 values an hour, with its state full."""
    state = Recent()
    start = time.perf_counter_ns()
    for second in range(1_000):
        token = token_of(f"p_{second % 97}")
        state = insert(state, second * 30.0, token)
        count_values(state, second * 30.0, 3600.0)
        state = prune(without_inner(state, token, 3600.0), second * 30.0, 3600.0, capacity(61))
    return (time.perf_counter_ns() - start) / 1_000


if __name__ == "__main__":
    main()
