"""Whatever holds news back, in whatever order: every case is told or waits, and all that is open is told in the end."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from alerting.commands import Acknowledge, RecordFindings, Resolve
from alerting.desk import Desk
from alerting.muting.commands import AddSilence, ExpireSilence, Snooze, Unsnooze
from alerting.muting.ending import end_holds
from alerting.muting.rows import all_silences
from alerting.muting.rules import Inhibition, MaintenanceWindow, Muting
from alerting.muting.silences import Kind
from alerting.muting.waiting import waiting_cases
from alerting.plan import Plan
from alerting.policy import Policy
from alerting.refusal import Refused
from alerting.routes import Route
from alerting.routing.due import send_digests
from alerting.store import Store, create_schema, open_engine
from alerting.store.schema import HELD, OUTBOX
from tests.alerting.building import HOUR, Clock, a_desk, a_finding

MUTING = Muting(
    inhibitions=(Inhibition(name="graver", source=("severity=~SEV[12]",), target=("severity=~SEV[34]",)),),
    maintenance=(MaintenanceWindow(name="noon", matchers=("rule=A21",), starts="12:00", ends="14:00"),),
)

_WHO = st.sampled_from(["u1:a", "u1:b"])
_STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("find"), _WHO, st.sampled_from(["A09", "A21"]), st.sampled_from(["low", "high", "critical"])),
        st.tuples(st.just("find"), _WHO, st.just("A09"), st.just("low")),
        st.tuples(st.just("wait"), st.sampled_from([0.2, 1.0, 30.0])),
        st.tuples(st.just("silence"), st.sampled_from(["rule=A09", "entity=u1:a", "severity!=SEV2"])),
        st.tuples(st.just("maintain"), st.sampled_from(["entity=u1:b", "rule=~A.*9"])),
        st.tuples(st.just("expire")),
        st.tuples(st.just("snooze"), st.integers(0, 2)),
        st.tuples(st.just("unsnooze"), st.integers(0, 2)),
        st.tuples(st.just("finish"), st.integers(0, 2)),
    ),
    min_size=4,
    max_size=12,
)
_FOUND = ("find", "u1:a", "A09", "low")


@pytest.fixture(autouse=True)
def _only_this_area(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nothing else become due: a warning about a clock would tell of a case that was forgotten."""
    monkeypatch.setattr("alerting.desk.DUE", {"ends of silences": end_holds, "digests": send_digests})


@example(steps=[("silence", "rule=A09"), _FOUND, ("expire",)])
@example(steps=[("maintain", "rule=~A.*9"), _FOUND, ("wait", 30.0)])
@example(steps=[_FOUND, ("snooze", 0), *[_FOUND] * 3, ("unsnooze", 0)])
@given(steps=_STEPS)
@settings(max_examples=25, deadline=None)
def test_nothing_is_lost(steps: list[tuple[Any, ...]]) -> None:
    engine = open_engine("sqlite://")
    create_schema(engine)
    store, clock = Store(engine), Clock()
    desk = a_desk(store, clock, policy=Policy(routes=(Route("SEV4", ("slack",)),), plan=Plan(muting=MUTING)))
    for step in steps:
        with suppress(Refused):  # no such case or silence, or not now: nothing has changed
            _do(desk, store, clock, *step)
        desk.pass_time()
        told, waiting = _told(store), _waiting(store)
        assert all(one.id in told | waiting for one in store.incidents() if one.is_open)
        with store.reading() as connection:
            assert waiting <= set(connection.scalars(select(HELD.c.incident_id)))
    with store.reading() as connection:
        active = [one.id for one in all_silences(connection) if one.state(clock()) != "expired"]
    for silence in active:
        desk.handle(ExpireSilence(actor="a", silence_id=silence))
    for _ in range(3):  # to the end of snoozes, of the window at noon, and of whoever stands for others
        clock.advance(25 * HOUR)
        _finish_grave(desk, store)
        desk.pass_time()
    assert _waiting(store) == set()
    assert {one.id for one in store.incidents() if one.is_open} <= _told(store)
    engine.dispose()


def _do(desk: Desk, store: Store, clock: Clock, act: str, *with_: Any) -> None:
    cases = [one.id for one in reversed(store.incidents())]
    match act:
        case "find":
            who, rule, severity = with_
            desk.handle(RecordFindings([a_finding(rule, ref=who, severity=severity, at=clock())]))
        case "wait":
            clock.advance(with_[0] * HOUR)
        case "silence" | "maintain":
            kind: Kind = "silence" if act == "silence" else "maintenance"
            desk.handle(AddSilence(actor="a", matchers=with_, reason="x", ends_at=clock() + 3 * HOUR, kind=kind))
        case "expire":
            with store.reading() as connection:
                (*_, last) = ["SIL-NONE", *(one.id for one in all_silences(connection))]
            desk.handle(ExpireSilence(actor="a", silence_id=last))
        case "snooze":
            wanted = [*cases, "INC-NONE"][with_[0] : with_[0] + 1] or ["INC-NONE"]
            desk.handle(Snooze(actor="a", incident_id=wanted[0], until=clock() + 5 * HOUR, reason="x"))
        case "unsnooze":
            desk.handle(Unsnooze(actor="a", incident_id=([*cases][with_[0] : with_[0] + 1] or ["INC-NONE"])[0]))
        case "finish":
            _finish(desk, ([*cases][with_[0] : with_[0] + 1] or ["INC-NONE"])[0])


def _finish(desk: Desk, case: str) -> None:
    desk.handle(Acknowledge(incident_id=case, actor="a"))
    desk.handle(Resolve(incident_id=case, actor="a", verdict="benign_explained", reason="known"))


def _finish_grave(desk: Desk, store: Store) -> None:
    for one in store.incidents():
        if one.is_open and one.status == "new" and one.severity in ("SEV1", "SEV2"):
            _finish(desk, one.id)


def _told(store: Store) -> set[str]:
    """Cases that a notice was made about, alone or in a digest."""
    with store.reading() as connection:
        bodies = b"".join(connection.scalars(select(OUTBOX.c.body)))
    return {one.id for one in store.incidents() if one.id.encode() in bodies}


def _waiting(store: Store) -> set[str]:
    with store.reading() as connection:
        return {case.incident_id for case in waiting_cases(connection)}
