"""The pages of Slack and of questions are true: addresses, scopes, words and settings."""

import re

import msgspec
import yaml

from alerting.plan import Plan
from alerting.practice.slack import PracticeSlack
from alerting.slack.buttons import LABELS
from alerting.slack.words import HELP
from monitor.hooks_slack import READERS
from monitor.setting_reader import fields_of
from monitor.settings import Settings
from monitor.staff_contacts import COLUMNS
from tests.docs.pages import ROOT, blocks

SLACK, QUESTIONS = ROOT / "docs" / "slack.md", ROOT / "docs" / "questions.md"

SCOPES = {
    "chat.postMessage": "chat:write",
    "chat.update": "chat:write",
    "chat.postEphemeral": "chat:write",
    "conversations.create": "groups:write",
    "conversations.invite": "groups:write",
    "conversations.kick": "groups:write",
    "conversations.archive": "groups:write",
    "users.conversations": "groups:read",
}
"""Method to the scope that it needs (https://docs.slack.dev/reference/methods); views.open needs none."""


def test_the_manifest_names_our_addresses_and_every_scope_that_we_need() -> None:
    manifest = yaml.safe_load(blocks(SLACK, "yaml")[0])
    settings = manifest["settings"]
    (command,) = manifest["features"]["slash_commands"]
    addresses = [command["url"], settings["event_subscriptions"]["request_url"]]
    addresses.append(settings["interactivity"]["request_url"])
    assert {address.removeprefix("https://hooks.wardwatch.example.org") for address in addresses} == set(READERS)
    assert set(SCOPES.values()) | {"commands", "im:write", "channels:history", "groups:history"} == set(
        manifest["oauth_config"]["scopes"]["bot"]
    )
    with PracticeSlack("xoxb-1") as slack:
        assert slack.methods - {"views.open"} == set(SCOPES)


def test_every_button_and_word_is_described() -> None:
    text = SLACK.read_text()
    assert [label for label in LABELS.values() if label not in text] == []
    assert {line.split("`")[1] for line in HELP.splitlines()} - {"/wardwatch help"} == set(
        re.findall(r"^\| `(/wardwatch [^`]+)` \|", text, flags=re.MULTILINE)
    )


def test_what_is_written_into_the_plan_is_a_plan() -> None:
    for page, number in ((SLACK, 1), (QUESTIONS, 0)):
        msgspec.convert(yaml.safe_load(blocks(page, "yaml")[number]), Plan)


def test_the_settings_and_columns_that_are_named_exist() -> None:
    for page in (SLACK, QUESTIONS):
        named = {name.lower() for name in re.findall(r"WARDWATCH_([A-Z][A-Z_]+[A-Z])\b", page.read_text())}
        assert named
        assert named <= set(fields_of(Settings))
    assert ",".join(COLUMNS) in QUESTIONS.read_text()
