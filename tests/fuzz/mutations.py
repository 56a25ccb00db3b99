"""Damages a valid file as senders, disks, converters and attackers do. The same seed makes the same damage."""

from collections.abc import Callable
from random import Random

LONGEST = 65_536
"""Bytes of what is made; what is larger is tried in `adversarial.py`."""

NUMBERS = [
    *b"0 -0 -1 +7 .5 5. 1e999 -1E-999 NaN Infinity 0x10 1_000 1,234.56 (3.00) 18446744073709551616".split(),
    b"0.1234567890123456789",
    b"9" * 19,
    b"9" * 400,
    b"9" * 5000,
    "٣".encode(),
    "²".encode(),
]
DATES = (
    b"20260230 00000000 99991231 20260302240000 20260302+9999 20261101013000 20260308023000 2026-02-30T25:61:61Z "
    b"0001-01-01T00:00:00+23:59 9999-12-31T23:59:59-23:59 2026-03-02T09:14:60Z 2016-12-31T23:59:60Z "
    b"1/1/99999999999999999999 00/00/0000 2026-W10-1 2026-061"
).split()
ODDITIES = [
    b"\0",
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"\xfe\xff",
    b"\xed\xa0\x80",
    b"\\ud800",
    b"\\u0000",
    b"\x1a",
    b"\x0b",
    b"\x1c",
    b"\xc2\x85",
    b"\xe2\x80\xa8",
    b"\xf4\x90\x80\x80",
    b"\xc0\xaf",
    b"\x1f\x8b\x08",
    b"PK\x03\x04",
    b"=cmd|' /C calc'!A0",
    b"<!DOCTYPE a [<!ENTITY b 'c'>]>",
    b"&b;",
    b"&#0;",
    b"&#xD800;",
    b"<![CDATA[",
    b"]]>",
    b"<!--",
    b"-->",
    b"<?",
    b"?>",
    b"../../etc/passwd",
    b'""',
    b"''",
    b"null",
    b"true",
    b"{}",
    b"[]",
    b"*a",
    b"&a ",
    b"!!python/object:os.system",
    b"%",
    b"\r\n",
    b"\r",
    b"\n",
    b"\t",
    b" ",
]
_ENCODINGS = ("utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "latin-1", "cp037")

Mutation = Callable[[bytes, Random, tuple[bytes, ...]], bytes]


def _place(content: bytes, random: Random) -> int:
    return random.randint(0, len(content))


def _span(content: bytes, random: Random) -> tuple[int, int]:
    begin = _place(content, random)
    return begin, min(len(content), begin + random.choice((1, 2, 8, 64, 1024)))


def flip(content: bytes, random: Random, _: tuple[bytes, ...]) -> bytes:
    """Change some bytes."""
    changed = bytearray(content)
    for _number in range(random.randint(1, 8) if changed else 0):
        changed[random.randrange(len(changed))] = random.randrange(256)
    return bytes(changed)


def insert(content: bytes, random: Random, syntax: tuple[bytes, ...]) -> bytes:
    """Put something where it does not belong."""
    at = _place(content, random)
    piece = random.choice(random.choice((NUMBERS, DATES, ODDITIES, list(syntax))))
    return content[:at] + piece + content[at + random.choice((0, 0, len(piece))) :]


def cut(content: bytes, random: Random, _: tuple[bytes, ...]) -> bytes:
    """Leave out a span, or everything from some place on."""
    begin, end = _span(content, random)
    return content[:begin] if random.random() < 0.3 else content[:begin] + content[end:]


def repeat(content: bytes, random: Random, _: tuple[bytes, ...]) -> bytes:
    """Repeat a span many times."""
    begin, end = _span(content, random)
    times = min(random.choice((1, 2, 10, 500)), LONGEST // max(1, end - begin))
    return content[:end] + content[begin:end] * times + content[end:]


def segments(content: bytes, random: Random, syntax: tuple[bytes, ...]) -> bytes:
    """Drop, duplicate, exchange or replace what stands between two separators."""
    mark = random.choice(syntax)
    parts = content.split(mark)
    one, other = random.randrange(len(parts)), random.randrange(len(parts))
    match random.randrange(5):
        case 0:
            del parts[one]
        case 1:
            parts.insert(other, parts[one])
        case 2:
            parts[one], parts[other] = parts[other], parts[one]
        case 3:
            parts[one] = random.choice(random.choice((NUMBERS, DATES, ODDITIES)))
        case _:
            random.shuffle(parts)
    return mark.join(parts)


def nest(content: bytes, random: Random, _: tuple[bytes, ...]) -> bytes:
    """Open something many times, and perhaps close it."""
    before, after = random.choice(
        [(b"[", b"]"), (b'{"a":', b"}"), (b"<a>", b"</a>"), (b"(", b")"), (b"&", b""), (b'"', b'"'), (b"- ", b"")]
    )
    depth = random.choice((2, 40, 2000))
    begin, end = _span(content, random)
    closing = after * depth if random.random() < 0.7 else b""
    return content[:begin] + before * depth + content[begin:end] + closing + content[end:]


def recode(content: bytes, random: Random, _: tuple[bytes, ...]) -> bytes:
    """Write it in another encoding, as a whole or from some place on."""
    at = random.choice((0, _place(content, random)))
    return content[:at] + content[at:].decode("latin-1").encode(random.choice(_ENCODINGS))


def line_ends(content: bytes, random: Random, _: tuple[bytes, ...]) -> bytes:
    """Write line ends in another way."""
    plain = content.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return plain.replace(b"\n", random.choice((b"\r\n", b"\r", b"\n\n", b"\n\r", b"", b"\n ")))


def lengthen(content: bytes, random: Random, _: tuple[bytes, ...]) -> bytes:
    """Put a very long token somewhere."""
    at = _place(content, random)
    token = random.choice((b"A", b"9", b" ", "é".encode(), b"\0"))
    return content[:at] + token * random.choice((300, 5000, 40_000)) + content[at:]


MUTATIONS: dict[str, Mutation] = {
    "flip": flip,
    "insert": insert,
    "cut": cut,
    "repeat": repeat,
    "segments": segments,
    "nest": nest,
    "recode": recode,
    "line_ends": line_ends,
    "lengthen": lengthen,
}
"""Name to damage."""


def mutated(content: bytes, random: Random, syntax: tuple[bytes, ...], names: list[str] | None = None) -> bytes:
    """Return content after the named damages, or after one to six of any kind."""
    chosen = names or random.choices(list(MUTATIONS), k=random.randint(1, 6))
    for name in chosen:
        content = MUTATIONS[name](content, random, syntax)[:LONGEST]
    return content
