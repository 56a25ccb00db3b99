"""Writing new tokens into the vault while events go by.

A vault that does not take them must not stop the watch: events are judged by tokens alone. What could not be written
waits in memory and is tried again; of what waits too long the oldest is given up, counted, and offered anew when that
identifier is seen again.
"""

import logging
from collections.abc import Callable, Sequence
from typing import Protocol

from sqlalchemy.exc import SQLAlchemyError

from alerting.vault.vault import Naming, Vault

_log = logging.getLogger(__name__)

MOST_WAITING = 100_000
"""Some 40 MiB; a hospital of 400 beds makes as many new tokens in a week."""

RETRY_SECONDS = 10.0


class VaultObserver(Protocol):
    """Receives figures of the vault; it must be quick and not raise."""

    def vault_wrote(self, n: int) -> None:
        """Count tokens that are new in the vault."""

    def vault_failed(self) -> None:
        """Count an attempt that failed."""

    def vault_waits(self, n: int) -> None:
        """Tell how many tokens wait; told after a failure, and with 0 when the vault takes tokens again."""

    def vault_gave_up(self, n: int) -> None:
        """Count tokens that waited too long."""


class Unobserved:
    """Looks away."""

    def vault_wrote(self, n: int) -> None:
        """Ignore."""

    def vault_failed(self) -> None:
        """Ignore."""

    def vault_waits(self, n: int) -> None:
        """Ignore."""

    def vault_gave_up(self, n: int) -> None:
        """Ignore."""


class VaultWriter:
    """Puts new tokens into the vault. One thread at a time may use it.

    Args:
        vault: where to.
        forget: is told what was given up, so that it is offered again when seen again.
        clock: seconds since the epoch.
        observer: is told how it goes.
        most_waiting: tokens that wait at most.
    """

    def __init__(
        self,
        vault: Vault,
        forget: Callable[[Sequence[Naming]], None],
        *,
        clock: Callable[[], float],
        observer: VaultObserver | None = None,
        most_waiting: int = MOST_WAITING,
    ) -> None:
        self._vault = vault
        self._forget = forget
        self._clock = clock
        self._observer = observer or Unobserved()
        self._most_waiting = most_waiting
        self._waiting: list[Naming] = []
        self._next_try = 0.0

    @property
    def waiting(self) -> int:
        """How many tokens are not in the vault yet."""
        return len(self._waiting)

    def keep(self, new: Sequence[Naming]) -> None:
        """Put new tokens into the vault, and what waits. Raises for no fault of the database."""
        self._waiting.extend(new)
        now = self._clock()
        if not self._waiting or now < self._next_try:
            self._give_up_the_oldest()
            return
        failed_before = self._next_try > 0
        try:
            self._observer.vault_wrote(self._vault.put(self._waiting, now))
        except (SQLAlchemyError, OSError) as error:
            self._next_try = now + RETRY_SECONDS
            self._give_up_the_oldest()
            self._observer.vault_failed()
            self._observer.vault_waits(self.waiting)
            _log.warning("The vault takes no tokens (%s); %d wait", type(error).__name__, self.waiting)
        else:
            self._waiting = []
            self._next_try = 0.0
            if failed_before:
                self._observer.vault_waits(0)
                _log.warning("The vault takes tokens again")

    def _give_up_the_oldest(self) -> None:
        excess = len(self._waiting) - self._most_waiting
        if excess > 0:
            lost, self._waiting = self._waiting[:excess], self._waiting[excess:]
            self._forget(lost)
            self._observer.vault_gave_up(excess)
