"""What a document consists of. Texts may hold PHI and are never shown by `repr`."""

from typing import TypeAlias

from msgspec import Struct


class Quiet(Struct, frozen=True):
    """A part of a document whose text is not shown."""

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"


class Heading(Quiet, frozen=True):
    """A line above what follows; the first one of a document is its title."""

    text: str


class Paragraph(Quiet, frozen=True):
    """Running text."""

    text: str


class Lines(Quiet, frozen=True):
    """Lines that are kept as they are, such as an address."""

    lines: tuple[str, ...]


class Bullets(Quiet, frozen=True):
    """A list."""

    items: tuple[str, ...]


class Facts(Quiet, frozen=True):
    """Names of fields and what stands in them."""

    rows: tuple[tuple[str, str], ...]


Block: TypeAlias = Heading | Paragraph | Lines | Bullets | Facts


class Document(Quiet, frozen=True):
    """One letter, notice or sheet. `title` is what its file goes by; it holds no PHI."""

    title: str
    blocks: tuple[Block, ...]
