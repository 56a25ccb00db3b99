"""YAML text to plain values that remember their lines.

Only what rules need: maps with text keys, lists and scalars. Anchors, tags and merge keys are refused, and so is
every scalar that YAML 1.1 reads in another way than its author means (`no` as false, `010` as eight).
"""

import re

import yaml
from msgspec import Struct

from detectors.sigma.problems import Problems

Scalar = str | int | float | bool | None
Plain = Scalar | list["Plain"] | dict[str, "Plain"]

_TAG = "tag:yaml.org,2002:"

DEEPEST = 64
"""Collections within each other that LibYAML is trusted with; no rule nests a tenth as deep."""
_DECIMAL = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})")
_FRACTION = re.compile(r"[-+]?(0|[1-9][0-9]*)\.[0-9]+([eE][-+]?[0-9]+)?")


class Node(Struct, frozen=True):
    """One value. The line of a map's value is the line of its key."""

    line: int
    value: "Scalar | list[Node] | dict[str, Node]"

    @property
    def plain(self) -> Plain:
        """The value without its lines."""
        if isinstance(self.value, list):
            return [item.plain for item in self.value]
        if isinstance(self.value, dict):
            return {key: item.plain for key, item in self.value.items()}
        return self.value


def read_documents(text: str, problems: Problems) -> list[Node]:
    """Read all documents of a file; what cannot be read is noted as a problem and left out."""
    try:
        nodes = _nodes(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        problems.add(mark.line + 1 if mark else 1, f"this is not YAML: {error.problem}")
        return []
    except (yaml.YAMLError, RecursionError):
        problems.add(1, "this is not YAML: characters that YAML does not allow, or nesting without end")
        return []
    seen: set[int] = set()
    try:
        return [_convert(node, problems, seen) for node in nodes]
    except RecursionError:  # LibYAML reads deeper than Python can follow
        problems.add(1, "this is not YAML: nesting without end")
        return []


def _depth(text: str) -> int:
    """Return how deep the collections of a file nest, as its events tell, or the first depth beyond `DEEPEST`."""
    depth = deepest = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        deepest = max(deepest, depth)
        if deepest > DEEPEST:
            break
    return deepest


def _nodes(text: str) -> list[yaml.Node]:
    """Return the documents of a file.

    LibYAML is nine times faster; but what it refuses PyYAML names the line of better, and what nests too deep for the
    stack PyYAML refuses, where LibYAML ends the process.
    """
    try:
        if _depth(text) <= DEEPEST:
            return [node for node in yaml.compose_all(text, Loader=yaml.CSafeLoader) if node is not None]
    except yaml.YAMLError:
        pass  # told by the other
    return [node for node in yaml.compose_all(text, Loader=yaml.SafeLoader) if node is not None]


def _convert(node: yaml.Node, problems: Problems, seen: set[int], line: int | None = None) -> Node:
    line = node.start_mark.line + 1 if line is None else line
    if id(node) in seen:
        problems.add(line, "anchors and aliases are not supported: write the value out")
        return Node(line, None)
    seen.add(id(node))
    if isinstance(node, yaml.MappingNode) and node.tag == _TAG + "map":
        return Node(line, _mapping(node, problems, seen))
    if isinstance(node, yaml.SequenceNode) and node.tag == _TAG + "seq":
        return Node(line, [_convert(item, problems, seen) for item in node.value])
    if isinstance(node, yaml.ScalarNode):
        return Node(line, _scalar(node, line, problems))
    problems.add(line, f"the tag {node.tag.removeprefix(_TAG)} is not supported: write a plain value")
    return Node(line, None)


def _mapping(node: yaml.MappingNode, problems: Problems, seen: set[int]) -> dict[str, Node]:
    entries: dict[str, Node] = {}
    for key, value in node.value:
        line = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode) or key.tag == _TAG + "merge":
            problems.add(line, "a key must be plain text")
        elif key.value in entries:
            problems.add(line, f"the key {key.value} is given twice: keep one")
        else:
            entries[key.value] = _convert(value, problems, seen, line)
    return entries


def _scalar(node: yaml.ScalarNode, line: int, problems: Problems) -> Scalar:
    kind, text = node.tag.removeprefix(_TAG), str(node.value)
    if kind in ("str", "timestamp"):
        return text
    if kind == "null":
        return None
    if kind == "bool" and text.lower() in ("true", "false"):
        return text.lower() == "true"
    if kind == "int" and _DECIMAL.fullmatch(text):
        return int(text)
    if kind == "float" and _FRACTION.fullmatch(text):
        return float(text)
    problems.add(line, f"{text!r} may be read in several ways: quote it if it is text, else write true, 10 or 1.5")
    return None
