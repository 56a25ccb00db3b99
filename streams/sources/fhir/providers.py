"""Providers of a bulk export: its claims name them by reference, and they stand in files of their own.

A FHIR bulk export (Bulk Data Access 2.0) has one file of NDJSON for each resource type. Read those of the providers
first, and the claims beside them have NPIs.
"""

import re
from typing import BinaryIO

import msgspec
from msgspec import Raw

from streams.sources.fhir.directory import Directory
from streams.sources.fhir.stream import documents

PROVIDERS = ("Practitioner", "PractitionerRole", "Organization")
"""Resource types that hold, or lead to, an NPI. Patients are not among them: a file of them would fill the memory."""

MOST_PROVIDERS = 500_000
"""Providers that are held, of some hundred bytes each; the largest health systems have a tenth of them."""

_FIRST_TYPE = re.compile(rb'"resourceType"\s*:\s*"([A-Za-z]+)"')


class _Head(msgspec.Struct, rename="camel"):
    resource_type: str = ""


_head = msgspec.json.Decoder(_Head)


def looks_like_providers(head: bytes) -> bool:
    """Whether a file that begins so, unpacked, is NDJSON of providers."""
    lines = head.removeprefix(b"\xef\xbb\xbf").split(b"\n", 1)
    found = _FIRST_TYPE.search(lines[0])
    return found is not None and found[1].decode() in PROVIDERS


def learn_providers(stream: BinaryIO, directory: Directory) -> None:
    """Remember every provider of a file of NDJSON, as far as there is room. What cannot be read is passed over."""
    for document in documents(stream):
        if document.refusal is None and len(directory) < MOST_PROVIDERS and _is_provider(document.payload):
            directory.learn(Raw(document.payload))


def _is_provider(payload: bytes) -> bool:
    try:
        return _head.decode(payload).resource_type in PROVIDERS
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return False
