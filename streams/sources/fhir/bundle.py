"""A Bundle of any size, entry by entry: memory is that of the largest entry, not of the file."""

import codecs
import json
from collections.abc import Iterator

from detectors.events import BadRecord

LARGEST_ENTRY = 32 * 1024 * 1024
"""Characters of an entry, or of another member of the Bundle."""

_SPACE = " \t\r\n"


def entries(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Yield the entries of a Bundle as they are written. `resourceType` has to stand before them.

    Raises:
        BadRecord: `not_json`, `too_large` (one entry), `too_deep`, `not_fhir` where it is no Bundle.
    """
    text = _Text(chunks)
    text.take("{")
    is_bundle = False
    while text.peek() != "}":
        name = text.value()
        text.take(":")
        if name == '"entry"':
            if not is_bundle:
                raise BadRecord("not_fhir", "resourceType")
            yield from _elements(text)
        else:
            value = text.value()
            is_bundle = is_bundle or (name == '"resourceType"' and value == '"Bundle"')
        if text.peek() != "}":
            text.take(",")
    text.take("}")
    if text.peek():
        raise BadRecord("not_json", "after the Bundle")


def _elements(text: "_Text") -> Iterator[bytes]:
    text.take("[")
    while text.peek() != "]":
        yield text.value().encode()
        if text.peek() != "]":
            text.take(",")
    text.take("]")


class _Text:
    """JSON text that comes in chunks."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._decode = codecs.getincrementaldecoder("utf-8-sig")().decode
        self._text = ""
        self._at = 0
        self._has_ended = False

    def peek(self) -> str:
        """Return the next character that is no space, "" at the end."""
        while True:
            for at in range(self._at, len(self._text)):
                if self._text[at] not in _SPACE:
                    self._at = at
                    return self._text[at]
            self._at = len(self._text)
            if self._has_ended:
                return ""
            self._grow(1)

    def take(self, mark: str) -> None:
        """Pass over a mark.

        Raises:
            BadRecord: where something else stands.
        """
        if self.peek() != mark:
            raise BadRecord("not_json", f"no {mark}")
        self._at += 1

    def value(self) -> str:
        """Return the next value as it is written.

        Raises:
            BadRecord: where it is none, or is too large or too deep.
        """
        self.peek()
        while True:
            end = self._end()
            if end is not None and (end < len(self._text) or self._has_ended):
                written = self._text[self._at : end]
                self._at = end
                return written
            held = len(self._text) - self._at
            if held > LARGEST_ENTRY:
                raise BadRecord("too_large", "entry")
            if self._has_ended:
                raise BadRecord("not_json", "entry")
            # As much again, so that a large value is looked at a few times only.
            self._grow(held)

    def _end(self) -> int | None:
        try:
            return _json.raw_decode(self._text, self._at)[1]
        except ValueError:
            return None  # no value, or not the whole of it
        except RecursionError:
            raise BadRecord("too_deep") from None

    def _grow(self, least: int) -> None:
        parts, grown = [self._text[self._at :]], 0
        self._text, self._at = "", 0
        try:
            while grown < max(1, least) and not self._has_ended:
                chunk = next(self._chunks, b"")
                self._has_ended = not chunk
                parts.append(self._decode(chunk, not chunk))
                grown += len(parts[-1])
        except UnicodeDecodeError:
            raise BadRecord("not_json", "UTF-8") from None
        self._text = "".join(parts)


# Only the end of a value is asked for: numbers need not be understood.
_json = json.JSONDecoder(parse_int=len, parse_float=len)
