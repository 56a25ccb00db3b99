"""Builds JSON from FHIR Shorthand, as far as the instances of IHE BALP need it.

`* path = value` of an instance, with slices (`agent[client]`), indices (`[1]`, `[+]`, `[=]`), codes, references and
texts. What a profile fixes for an element of a slice that the instance has (`* agent[user].requestor = true`) is added
as SUSHI adds it. Which elements repeat, and of which type they are, is asked of fhir.resources.
"""

import re
from pathlib import Path
from typing import Any

from fhir.resources.R4B import get_fhir_model_class

_ASSIGNMENT = re.compile(r"^\* (?P<path>\S+) = (?P<value>.*)$")
_STEP = re.compile(r"([A-Za-z]+)((?:\[[^\]]*\])*)")
_CODE = re.compile(r"^(?P<system>[^\s#\"]*)#(?P<code>[^\s\"]+)(?: +\"(?P<display>[^\"]*)\")?$")
_BLOCK_TEXT = re.compile(r'"""\n?(.*?)\n?"""', re.DOTALL)

Instance = dict[str, Any]


def instances(folder: Path) -> dict[str, Instance]:
    """Return every instance of the folder's files as JSON, by name."""
    text = "\n".join(path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.fsh")))
    aliases = dict(re.findall(r"^Alias: (\S+) = (\S+)$", text, re.MULTILINE))
    blocks = re.split(r"^(?=(?:Instance|Profile|Extension|CodeSystem|ValueSet|RuleSet|Invariant):)", text, flags=re.M)
    profiles = {}
    for block in blocks:
        if block.startswith("Profile:"):
            for name in re.findall(r"^(?:Profile|Id):\s*(\S+)", block, re.MULTILINE):
                profiles[name] = block
    return {
        _header("Instance", block): _instance(block, profiles, aliases)
        for block in blocks
        if block.startswith("Instance:")
    }


def _header(name: str, block: str) -> str:
    found = re.search(rf"^{name}:\s*(\S+)", block, re.MULTILINE)
    return found[1] if found else ""


def _instance(block: str, profiles: dict[str, str], aliases: dict[str, str]) -> Instance:
    of = _header("InstanceOf", block)
    builder = _Builder("AuditEvent" if of in profiles else of, _header("Instance", block), aliases)
    for path, value in _assignments(block):
        builder.assign(path, value)
    while of in profiles:
        for path, value in _assignments(profiles[of]):
            # A slice within a slice is given by SUSHI only where the instance fills it.
            if path.count("[") == 1 and builder.has_slice(path):
                builder.assign(path, value, only_absent=True)
        of = _header("Parent", profiles[of])
    return builder.resource


def _assignments(block: str) -> list[tuple[str, str]]:
    texts: list[str] = []

    def kept(found: re.Match[str]) -> str:
        texts.append(found[1])
        return f'"\x00{len(texts) - 1}"'

    found = []
    for line in _BLOCK_TEXT.sub(kept, block).splitlines():
        match = _ASSIGNMENT.match(line)
        if match and "^" not in match["path"]:
            value = re.sub(r"\s//.*$", "", match["value"]).strip()
            text = re.fullmatch('"\x00(\\d+)"', value)
            found.append((match["path"], f'"{texts[int(text[1])]}"' if text else value))
    return found


class _Builder:
    """Writes assignments into a resource; knows which row each slice and each `[+]` stands for."""

    def __init__(self, type_: str, name: str, aliases: dict[str, str]) -> None:
        self.resource: Instance = {"resourceType": type_, "id": name}
        self._aliases = aliases
        self._slices: dict[str, dict[str, int]] = {}
        self._counters: dict[str, int] = {}

    def has_slice(self, path: str) -> bool:
        found = re.match(r"([A-Za-z]+)\[([^\]]+)\]", path)
        return found is not None and found[2] in self._slices.get(found[1], {})

    def assign(self, path: str, value: str, *, only_absent: bool = False) -> None:
        steps = _STEP.findall(path)
        node: Any = self.resource
        owner, walked = str(self.resource["resourceType"]), ""
        for number, (name, brackets) in enumerate(steps):
            type_, repeats = _element(owner, name)
            walked = f"{walked}.{name}".lstrip(".")
            holder, key = node, name
            if repeats:
                holder = node.setdefault(name, [])
                key = self._index(brackets, walked, len(holder))
                while len(holder) <= key:
                    holder.append({"url": f"urn:slice:{brackets[1:-1]}"} if name == "extension" else {})
                walked += f"[{key}]"
            present = repeats or key in holder
            if number < len(steps) - 1:
                node = holder[key] if present else holder.setdefault(key, {})
            elif not (only_absent and present):
                holder[key] = _merged(holder[key] if present else None, _value(value, type_, self._aliases))
            owner = type_

    def _index(self, brackets: str, path: str, rows: int) -> int:
        inside = re.findall(r"\[([^\]]*)\]", brackets)
        if not inside:
            return 0
        if inside == ["+"]:
            self._counters[path] = self._counters.get(path, rows - 1) + 1
        elif inside == ["="]:
            self._counters.setdefault(path, 0)
        elif inside[0].isdigit():
            self._counters[path] = int(inside[0])
        else:
            return self._slices.setdefault(path, {}).setdefault("/".join(inside), rows)
        return self._counters[path]


def _element(owner: str, name: str) -> tuple[str, bool]:
    """Return an element's type, "" for a primitive one, and whether it repeats."""
    field = get_fhir_model_class(owner).model_fields[name]
    written = repr(field.annotation)
    named = re.search(r"abc\.(\w+)Type", written)
    return named[1] if named else "", "List[" in written


def _merged(old: Any, new: Any) -> Any:
    return {**old, **new} if isinstance(old, dict) and isinstance(new, dict) else new


def _value(text: str, type_: str, aliases: dict[str, str]) -> Any:
    if text in ("true", "false"):
        return text == "true"
    if text.startswith('"'):
        return text[1:-1].replace('\\"', '"')
    reference = re.fullmatch(r"Reference\((.*)\)", text)
    if reference:
        return {"reference": reference[1]}
    code = _CODE.match(text)
    if not code:
        return text
    if not type_:
        return code["code"]
    coding = {
        "system": aliases.get(code["system"], code["system"]), "code": code["code"], "display": code["display"]
    }  # fmt: skip
    coding = {key: item for key, item in coding.items() if item}
    return coding if type_ == "Coding" else {"coding": [coding]}
