"""The page of channels is true: its check of signatures, the alerts it names, every channel has its part."""

import hashlib
import hmac
import re
from pathlib import Path
from typing import Any

from alerting.channels import CHANNELS
from alerting.channels.alertmanager import as_alert
from alerting.channels.text import KINDS
from alerting.channels.webhook import signature
from monitor.setting_reader import fields_of
from monitor.settings import Settings
from tests.alerting.building import PlainSecret, a_notification
from tests.docs.pages import ROOT, blocks

PAGE = ROOT / "docs" / "channels.md"


def test_the_check_of_signatures_is_one() -> None:
    (code,) = blocks(PAGE, "python")
    scope: dict[str, Any] = {"hmac": hmac, "hashlib": hashlib}
    exec(code, scope)  # noqa: S102 -- the example as a reader would use it
    is_genuine = scope["is_genuine"]
    body, at = b'{"notice_id":"1"}', 1_772_442_843
    header = signature([PlainSecret("new"), PlainSecret("old")], at, body)
    assert is_genuine(header, body, b"new", at + 300.0)
    assert is_genuine(header, body, b"old", at - 300.0)
    assert not is_genuine(header, body, b"other", at)
    assert not is_genuine(header, body + b" ", b"new", at)
    assert not is_genuine(header, body, b"new", at + 301.0)


def test_the_alerts_that_are_named_exist() -> None:
    own = [kind for kind in KINDS if kind != "case"]
    names = {as_alert(a_notification(kind=kind))["labels"]["alertname"] for kind in own}
    named = set(re.findall(r"`(Wardwatch\w+)`", PAGE.read_text()))
    assert named
    assert named <= names


def test_every_channel_has_its_part_and_every_setting_exists() -> None:
    text = PAGE.read_text()
    titles = " ".join(re.findall(r"^## (.*)$", text, flags=re.MULTILINE)).lower()
    assert {kind for kind in CHANNELS if kind in titles} == set(CHANNELS) - {"log"}
    named = {name.lower() for name in re.findall(r"WARDWATCH_([A-Z][A-Z_]+[A-Z])\b", text)}
    assert named <= set(fields_of(Settings))


def test_the_page_is_linked_from_the_readme() -> None:
    assert "(docs/channels.md)" in Path(ROOT / "README.md").read_text()
