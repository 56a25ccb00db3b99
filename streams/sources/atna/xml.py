"""Parses one audit message. A document type is refused, so there are no entities to expand and nothing to fetch."""

from hashlib import sha256
from xml.parsers import expat  # a document type is refused below: without one expat knows no entity but the five of XML

import msgspec

from detectors.events import BadRecord
from detectors.events.envelope import MAXIMUM_DEPTH


class Node:
    """An element: its local name, its attributes by local name, its children and its text."""

    __slots__ = ("attributes", "children", "name", "texts")

    def __init__(self, name: str, attributes: dict[str, str]) -> None:
        self.name = name
        self.attributes = attributes
        self.children: list[Node] = []
        self.texts: list[str] = []

    def __repr__(self) -> str:
        return f"<Node {self.name[:32]}>"

    def all(self, name: str) -> "list[Node]":
        """Return the children of that name."""
        return [child for child in self.children if child.name == name]

    def get(self, attribute: str) -> str:
        """Return an attribute without the space around it, "" where it is absent."""
        return self.attributes.get(attribute, "").strip()

    @property
    def text(self) -> str:
        """The text between its children, put together."""
        return "".join(self.texts)

    @property
    def code(self) -> str:
        """The code: `csd-code` in DICOM's dialect, `code` in that of RFC 3881."""
        return self.get("csd-code") or self.get("code")

    @property
    def display(self) -> str:
        """What the code means: `originalText`, or `displayName` in the older dialects."""
        return self.get("originalText") or self.get("displayName")


def parse(message: bytes, most: int = MAXIMUM_DEPTH) -> Node:
    """Return the root of an audit message, whose elements may nest `most` deep.

    Raises:
        BadRecord: `not_xml`, `xml_document_type`, `too_deep`, or `not_an_audit_message` for another root.
    """
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse_document_type
    path: list[Node] = []
    roots: list[Node] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        node = Node(_local(name), attributes)
        if path:
            path[-1].children.append(node)
        else:
            roots.append(node)
        path.append(node)
        if len(path) > most:
            raise BadRecord("too_deep")

    def end(_: str) -> None:
        path.pop()

    def characters(text: str) -> None:
        path[-1].texts.append(text)

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = characters
    try:
        parser.Parse(message, True)
    except (expat.ExpatError, ValueError, LookupError):
        raise BadRecord("not_xml") from None
    root = roots[0]
    if root.name != "AuditMessage":
        raise BadRecord("not_an_audit_message")
    return root


def digest(root: Node) -> str:
    """Return a hash of a message that spacing and the order of attributes do not change."""
    parts: list[object] = []
    pending = [root]
    while pending:
        node = pending.pop()
        parts += (node.name, sorted(node.attributes.items()), node.text.strip(), len(node.children))
        pending.extend(node.children)
    return sha256(msgspec.msgpack.encode(parts)).hexdigest()


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def _refuse_document_type(*_: object) -> None:
    raise BadRecord("xml_document_type")
