"""As much of the WebSocket protocol as a practice server needs: handshake, text, ping, pong and close (RFC 6455)."""

import base64
import hashlib
import struct
from io import BufferedIOBase

_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
TEXT, CLOSE, PING, PONG = 0x1, 0x8, 0x9, 0xA
_FINAL, _MASKED = 0x80, 0x80
_SHORT, _MEDIUM, _LONG = 125, 126, 127


class Gone(Exception):  # noqa: N818 -- reads as what it says
    """The other side went away, or does not keep to the protocol."""


def accept_key(key: str) -> str:
    """Return what a server answers to the key of a client (section 1.3).

    >>> accept_key("dGhlIHNhbXBsZSBub25jZQ==")
    's3pPLMBiTxaQ9kYGzzhZRbK+xOo='
    """
    return base64.b64encode(hashlib.sha1((key + _GUID).encode(), usedforsecurity=False).digest()).decode()


def read_handshake(stream: BufferedIOBase) -> tuple[str, dict[str, str]]:
    """Return the path that a client asks for, and its headers by their names in lower case."""
    first = stream.readline().decode("latin-1").split(" ")
    headers: dict[str, str] = {}
    while line := stream.readline().decode("latin-1").strip():
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    if len(first) < 2 or "sec-websocket-key" not in headers:
        raise Gone
    return first[1], headers


def handshake_answer(headers: dict[str, str]) -> bytes:
    """Return the answer that makes a connection a WebSocket."""
    return (
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Accept: {accept_key(headers['sec-websocket-key'])}\r\n\r\n"
    ).encode()


def frame(opcode: int, content: bytes) -> bytes:
    """Return a frame of a server (section 5.2)."""
    size = len(content)
    if size <= _SHORT:
        head = struct.pack("!BB", _FINAL | opcode, size)
    elif size < 1 << 16:
        head = struct.pack("!BBH", _FINAL | opcode, _MEDIUM, size)
    else:
        head = struct.pack("!BBQ", _FINAL | opcode, _LONG, size)
    return head + content


def read_frame(stream: BufferedIOBase) -> tuple[int, bytes]:
    """Return the opcode and content of a client's frame, which must be masked and whole."""
    first, second = _read(stream, 2)
    size = second & 0x7F
    if size == _MEDIUM:
        (size,) = struct.unpack("!H", _read(stream, 2))
    elif size == _LONG:
        (size,) = struct.unpack("!Q", _read(stream, 8))
    if not second & _MASKED or not first & _FINAL:
        raise Gone
    mask = _read(stream, 4)
    content = _read(stream, size)
    return first & 0x0F, bytes(byte ^ mask[place % 4] for place, byte in enumerate(content))


def _read(stream: BufferedIOBase, size: int) -> bytes:
    content = stream.read(size)
    if len(content) != size:
        raise Gone
    return content
