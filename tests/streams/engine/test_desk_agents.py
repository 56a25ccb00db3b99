"""Findings and ledger entries reach the desk, whatever happens to the database; what it refuses is set aside."""

from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from typing import TypeAlias

import msgspec
import pytest
from sqlalchemy.exc import OperationalError

from alerting.commands import RecordFindings, RecordLedger, RetractFindings
from alerting.feedback.teaching import TakeVerdict
from alerting.ledger import LedgerEntry, LedgerRow
from detectors.finding import Entity, Finding
from detectors.retraction import Retraction
from streams.agents.desk import ledger_agent, response_agent
from streams.parcels import of_retractions, of_verdicts
from streams.records import DeadLetter
from streams.topics import TopicPlan
from tests.streams.engine.fakes import Basket, Failures, events_of

PLAN = TopicPlan(partitions=2)

DeskCommand: TypeAlias = RecordFindings | RetractFindings | RecordLedger | TakeVerdict
Fault = Callable[[int, DeskCommand], None]


class TroubledDesk:
    """Stores, unless `fault` raises for the number of the call and the command."""

    def __init__(self, fault: Fault) -> None:
        self._fault = fault
        self.calls = 0
        self.stored: list[str] = []

    def handle(self, command: DeskCommand) -> object:
        self.calls += 1
        self._fault(self.calls, command)
        match command:
            case RecordFindings(findings):
                self.stored += [finding.id for finding in findings]
            case RetractFindings(retractions):
                self.stored += [f"{one.finding_id} withdrawn" for one in retractions]
            case RecordLedger(entries):
                self.stored += [f"{entry.topic}:{entry.partition}" for entry in entries]
            case TakeVerdict():
                self.stored.append(f"{command.finding_id} judged")
        return None


def finding(finding_id: str) -> Finding:
    return Finding(
        id=finding_id, event_id="e", at=0.0, kind="rule", detector="A01", version=1, severity="low", risk=1.0,
        entity=Entity("user", "u"),
    )  # fmt: skip


@pytest.fixture
def executor() -> Iterator[Executor]:
    with ThreadPoolExecutor(max_workers=1) as one:
        yield one


async def respond(desk: TroubledDesk, executor: Executor, *values: bytes) -> tuple[list[DeadLetter], list[str]]:
    """Let the response agent handle one batch; return the letters and the failures."""
    basket, failures = Basket(), Failures()
    agent = response_agent(desk, basket, PLAN, observer=failures, executor=executor)
    await agent.handle(events_of("findings", values))
    return [DeadLetter.decode(record.value or b"") for record in basket.of("deadletters")], failures.kinds


async def test_a_batch_is_one_command(executor: Executor) -> None:
    desk = TroubledDesk(lambda call, command: None)
    values = [msgspec.msgpack.encode([finding("a"), finding("b")]), msgspec.msgpack.encode([finding("c")])]
    assert await respond(desk, executor, *values) == ([], [])
    assert (desk.calls, desk.stored) == (1, ["a", "b", "c"])


async def test_while_the_database_is_away_the_agent_waits(executor: Executor) -> None:
    def away(call: int, command: DeskCommand) -> None:
        if call <= 4:
            raise OperationalError("insert", {}, OSError()) if call % 2 else ConnectionRefusedError

    desk = TroubledDesk(away)
    letters, failures = await respond(desk, executor, msgspec.msgpack.encode([finding("a")]))
    assert letters == []
    assert desk.stored == ["a"]
    assert failures == ["response: desk_away"] * 4


async def test_a_finding_that_the_desk_refuses_is_set_aside_and_the_others_are_stored(executor: Executor) -> None:
    def refuse(call: int, command: DeskCommand) -> None:
        if isinstance(command, RecordFindings) and any(found.id == "bad" for found in command.findings):
            raise ValueError("patient 4711")

    desk = TroubledDesk(refuse)
    value = msgspec.msgpack.encode([finding("a"), finding("bad"), finding("b")])
    letters, failures = await respond(desk, executor, value)
    assert desk.stored == ["a", "b"]
    assert [(letter.id, letter.reason, letter.detail) for letter in letters] == [
        ("bad:desk", "desk_refused", "Finding")
    ]
    assert msgspec.msgpack.decode(letters[0].payload, type=Finding) == finding("bad")
    assert failures == ["response: desk_failed"] * 6 + ["response: desk_refused"]


async def test_what_withdraws_findings_comes_after_them(executor: Executor) -> None:
    withdrawn = [Retraction(finding_id="a", at=1.0, entity=Entity("user", "u"), reason="The claim was voided.")]
    (record,) = of_retractions(withdrawn, PLAN)
    desk = TroubledDesk(lambda call, command: None)
    values = [msgspec.msgpack.encode([finding("a")]), record.value or b"", msgspec.msgpack.encode([finding("b")])]
    assert await respond(desk, executor, *values) == ([], [])
    assert desk.stored == ["a", "b", "a withdrawn"]


async def test_a_retraction_that_the_desk_refuses_is_set_aside(executor: Executor) -> None:
    def refuse(call: int, command: DeskCommand) -> None:
        if isinstance(command, RetractFindings):
            raise ValueError

    (record,) = of_retractions(
        [Retraction(finding_id="a", at=1.0, entity=Entity("user", "u"), reason="The claim was voided.")], PLAN
    )
    desk = TroubledDesk(refuse)
    letters, _ = await respond(desk, executor, msgspec.msgpack.encode([finding("a")]), record.value or b"")
    assert [(letter.id, letter.detail) for letter in letters] == [("a:retraction:desk", "Retraction")]
    assert set(desk.stored) == {"a"}


async def test_a_verdict_comes_after_the_finding_that_it_is_about(executor: Executor) -> None:
    verdict = TakeVerdict(actor="pat", event_id="v1", verdict="duplicate", at=1.0, finding_id="a")
    (record,) = of_verdicts([verdict], PLAN)
    desk = TroubledDesk(lambda call, command: None)
    values = [record.value or b"", msgspec.msgpack.encode([finding("a")])]
    assert await respond(desk, executor, *values) == ([], [])
    assert desk.stored == ["a", "a judged"]


async def test_a_verdict_that_the_desk_refuses_is_set_aside(executor: Executor) -> None:
    def refuse(call: int, command: DeskCommand) -> None:
        if isinstance(command, TakeVerdict):
            raise ValueError

    verdict = TakeVerdict(actor="pat", event_id="v1", verdict="duplicate", at=1.0, finding_id="a")
    (record,) = of_verdicts([verdict], PLAN)
    letters, _ = await respond(TroubledDesk(refuse), executor, record.value or b"")
    assert [(letter.id, letter.detail) for letter in letters] == [("v1:verdict:desk", "TakeVerdict")]


async def test_a_single_finding_that_is_refused_is_not_tried_once_more_alone(executor: Executor) -> None:
    def refuse(call: int, command: DeskCommand) -> None:
        raise ValueError

    desk = TroubledDesk(refuse)
    letters, _ = await respond(desk, executor, msgspec.msgpack.encode([finding("bad")]))
    assert [letter.id for letter in letters] == ["bad:desk"]
    assert desk.calls == 3


async def test_what_is_no_list_of_findings_is_set_aside(executor: Executor) -> None:
    desk = TroubledDesk(lambda call, command: None)
    letters, _ = await respond(desk, executor, b"\xc1", msgspec.msgpack.encode([finding("a")]), b"")
    assert desk.stored == ["a"]
    assert [(letter.id, letter.reason) for letter in letters] == [
        ("findings:0:0", "desk_undecodable"),
        ("findings:0:2", "desk_undecodable"),
    ]


async def test_ledger_entries_are_stored_in_their_order(executor: Executor) -> None:
    desk, basket = TroubledDesk(lambda call, command: None), Basket()
    row = LedgerRow(0, 0, "s", 0, "scored", 1)
    values = [msgspec.msgpack.encode([LedgerEntry("t", partition, [row])]) for partition in (2, 0, 1)]
    agent = ledger_agent(desk, basket, PLAN, observer=Failures(), executor=executor)
    await agent.handle(events_of("ledger", values))
    assert desk.stored == ["t:2", "t:0", "t:1"]
    assert basket.sent == []
