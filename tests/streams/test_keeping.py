"""The vault gets new tokens before their events go on, and holds nobody up for long."""

import asyncio
import threading
from collections.abc import Sequence

from aiokafka.errors import KafkaError  # type: ignore[import-untyped]  # has no py.typed

from alerting.vault import Naming
from streams.keeping import Keeping, VaultedPublisher
from streams.publisher import Message
from streams.tokens import Tokeniser
from tests.streams.samples import KEY

NAMINGS = [Naming(f"p1:{n}", f"MRN{n}", kept=True) for n in range(3)]


class Writer:
    """Takes tokens, unless it hangs."""

    def __init__(self) -> None:
        self.taken: list[list[Naming]] = []
        self.waiting = 0
        self.free = threading.Event()
        self.free.set()

    def keep(self, new: Sequence[Naming]) -> None:
        self.free.wait(10)
        self.taken.append(list(new))


async def test_what_is_new_is_in_the_vault_when_keep_returns() -> None:
    writer = Writer()
    keeping = Keeping(writer)
    await keeping.keep(NAMINGS[:1])
    await keeping.keep([])
    assert writer.taken == [NAMINGS[:1]]
    writer.waiting = 2  # what failed before is tried again
    await keeping.keep([])
    assert writer.taken == [NAMINGS[:1], []]


async def test_a_vault_that_hangs_holds_up_one_batch_and_gets_everything_later() -> None:
    writer = Writer()
    keeping = Keeping(writer, patience=0.05)
    writer.free.clear()
    async with asyncio.timeout(5):
        for naming in NAMINGS:
            await keeping.keep([naming])
    assert writer.taken == []
    writer.free.set()
    async with asyncio.timeout(5):
        while len(writer.taken) < 2:
            await keeping.keep([])
            await asyncio.sleep(0.01)
    assert writer.taken == [NAMINGS[:1], NAMINGS[1:]]


async def test_a_publisher_waits_for_the_vault() -> None:
    writer, sent = Writer(), list[str]()
    tokeniser = Tokeniser({1: KEY}, 1, tells_new=True)

    class Publisher:
        async def publish(self, messages: Sequence[Message]) -> tuple[list[Message], KafkaError | None]:
            sent.extend(f"{message.key} after {len(writer.taken)}" for message in messages)
            return list(messages), None

    publisher = VaultedPublisher(Publisher(), tokeniser, Keeping(writer, patience=None))
    token = tokeniser.token("p", "MRN1")
    message = Message("t", token, b"", [])
    assert await publisher.publish([message]) == ([message], None)
    assert sent == [f"{token} after 1"]
    assert writer.taken == [[Naming(token, "MRN1", kept=True)]]
