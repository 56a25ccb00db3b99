"""Every registered model against the contract of its family."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from models import BATCH, ONLINE, VERDICT_BATCH, VERDICT_ONLINE
from tests.checks import BATCH_CHECKS, ONLINE_CHECKS, MakeOnline, Train
from tests.verdict_checks import (
    VERDICT_CHECKS,
    MakeVerdict,
    check_verdict_batch_needs_both_verdicts,
    on_verdicts,
)

PARAMETERS: dict[str, dict[str, Any]] = {
    "half_space_trees": {"seed": 1},
    "loda": {"seed": 1, "n_random_cuts": 20, "memory": 700},
    "scaled_half_space_trees": {"seed": 1, "sample": 700},
    "tails": {"seed": 1, "size": 700},
    "trees_and_tails": {"seed": 1, "size": 700},
}


def named(check: Callable[..., None]) -> str:
    return check.__name__.removeprefix("check_")


@pytest.mark.parametrize("check", ONLINE_CHECKS, ids=named)
@pytest.mark.parametrize("name", ONLINE)
def test_online(name: str, check: Callable[[MakeOnline], None]) -> None:
    check(partial(ONLINE[name], **PARAMETERS[name]))


@pytest.mark.parametrize("check", BATCH_CHECKS, ids=named)
@pytest.mark.parametrize("name", BATCH)
def test_batch(name: str, check: Callable[[Train], None]) -> None:
    check(partial(BATCH[name].train, seed=1))


@pytest.mark.parametrize("check", BATCH_CHECKS, ids=named)
@pytest.mark.parametrize("name", VERDICT_BATCH)
def test_batch_on_verdicts(name: str, check: Callable[[Train], None]) -> None:
    check(on_verdicts(VERDICT_BATCH[name]))


@pytest.mark.parametrize("name", VERDICT_BATCH)
def test_batch_needs_both_verdicts(name: str) -> None:
    check_verdict_batch_needs_both_verdicts(VERDICT_BATCH[name])


@pytest.mark.parametrize("check", VERDICT_CHECKS, ids=named)
@pytest.mark.parametrize("name", VERDICT_ONLINE)
def test_verdict_by_verdict(name: str, check: Callable[[MakeVerdict], None]) -> None:
    check(VERDICT_ONLINE[name])
