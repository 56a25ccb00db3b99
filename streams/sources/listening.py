"""What listeners have in common: whom they tell, and how they find out that a sender is gone."""

import socket
from asyncio import StreamWriter
from contextlib import suppress
from typing import Protocol

Address = tuple[str, int]
"""Host and port; port 0 lets the system choose."""

KEEPALIVE_SECONDS = 300
"""Silence after which the system asks whether the other side is still there: senders are silent for hours, and one
that lost its power would keep its place among the connections for ever."""


class Observer(Protocol):
    """Is told what a listener sees, for metrics."""

    def connections(self, n: int) -> None:
        """So many senders are connected."""

    def turned_away(self) -> None:
        """A sender came when there were as many as are allowed."""

    def dropped(self, reason: str, n: int) -> None:
        """Datagrams were dropped."""


class Unobserved:
    """Nobody is told."""

    def connections(self, n: int) -> None:
        """Forget it."""

    def turned_away(self) -> None:
        """Forget it."""

    def dropped(self, reason: str, n: int) -> None:
        """Forget it."""


def keep_alive(writer: StreamWriter) -> None:
    """Have the system close the connection when the sender's machine is gone."""
    connection = writer.get_extra_info("socket")
    with suppress(OSError):  # of a connection that is gone already
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        if hasattr(socket, "TCP_KEEPIDLE"):  # Linux; elsewhere the system's own times hold
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, KEEPALIVE_SECONDS)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, KEEPALIVE_SECONDS // 10)


def bound_address(name: tuple[object, ...]) -> Address:
    """Return host and port of what `getsockname` says."""
    return str(name[0]), int(str(name[1]))
