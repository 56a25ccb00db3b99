"""Handing new tokens to the vault from the event loop: in a thread of its own, and never for long."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

from alerting.vault import Naming

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
    """Hands new tokens over, those of one batch at a time."""

    def __init__(self, writer: Keeps, patience: float = PATIENCE_SECONDS) -> None:
        self._writer = writer
        self._patience = patience
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="vault")
        self._new: list[Naming] = []
        self._work: asyncio.Future[None] | None = None

    async def keep(self, new: Sequence[Naming]) -> None:
        """Return when the vault has them, or has been waited for long enough."""
        self._new.extend(new)
        if self._work is not None and not self._work.done():
            return
        if not self._new and not self._writer.waiting:
            return
        handed, self._new = self._new, []
        self._work = asyncio.get_running_loop().run_in_executor(self._thread, self._writer.keep, handed)
        await asyncio.wait({self._work}, timeout=self._patience)
        if self._work.done():
            self._work.result()
