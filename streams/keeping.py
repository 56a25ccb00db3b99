"""Handing new tokens to the vault from the event loop, in a thread of its own, before the events go on."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

from aiokafka.errors import KafkaError  # type: ignore[import-untyped]  # has no py.typed

from alerting.vault import MOST_WAITING, Naming
from streams.publisher import Message
from streams.tokens import Tokeniser

PATIENCE_SECONDS = 2.0
"""How long a batch waits for the vault. A vault that hangs holds up one batch, and none after it until it answers."""


class Keeps(Protocol):
    """What is needed of `alerting.vault.VaultWriter`."""

    @property
    def waiting(self) -> int:
        """How many tokens are not in the vault yet."""

    def keep(self, new: Sequence[Naming]) -> None:
        """Put new tokens into the vault. Raises for no fault of the database."""


class Keeping:
    """Hands new tokens over, those of one batch at a time; waits for ever where `patience` is None."""

    def __init__(self, writer: Keeps, patience: float | None = PATIENCE_SECONDS) -> None:
        self._writer = writer
        self._patience = patience
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="vault")
        self._new: list[Naming] = []
        self._work: asyncio.Future[None] | None = None

    async def keep(self, new: Sequence[Naming]) -> None:
        """Return when the vault has them, or has been waited for long enough."""
        self._new.extend(new)
        if self._work is not None and not self._work.done():
            del self._new[:-MOST_WAITING]  # the database hangs: what is dropped comes again when seen after a restart
            return
        if not self._new and not self._writer.waiting:
            return
        handed, self._new = self._new, []
        self._work = asyncio.get_running_loop().run_in_executor(self._thread, self._writer.keep, handed)
        await asyncio.wait({self._work}, timeout=self._patience)
        if self._work.done():
            self._work.result()


class Publishes(Protocol):
    """What is needed of `streams.publisher.Publisher`."""

    async def publish(self, messages: Sequence[Message]) -> tuple[list[Message], KafkaError | None]:
        """Send messages, and wait until the fate of all is known."""


class VaultedPublisher:
    """A publisher of tokenised events: what they were made of goes into the vault before they are sent."""

    def __init__(self, publisher: Publishes, tokeniser: Tokeniser, keeping: Keeping) -> None:
        self._publisher = publisher
        self._tokeniser = tokeniser
        self._keeping = keeping

    async def publish(self, messages: Sequence[Message]) -> tuple[list[Message], KafkaError | None]:
        """Send messages as `Publisher.publish` does."""
        await self._keeping.keep(self._tokeniser.take_new())
        return await self._publisher.publish(messages)
