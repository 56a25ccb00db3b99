"""What Slack takes as blocks and as a modal, and its words for what it does not.

https://docs.slack.dev/reference/block-kit/blocks, https://docs.slack.dev/reference/views/modal-views
"""

from typing import Any

MAX_BLOCKS = 50
MAX_BLOCK_CHARACTERS = 13_000
"""Undocumented, observed: more gives `msg_blocks_too_long`."""
MAX_HEADER = 150
MAX_SECTION = 3_000
MAX_FIELDS = 10
MAX_ELEMENTS = 25
MAX_BUTTON_TEXT = 75
MAX_URL = 3_000
MAX_TEXT = 40_000
MAX_VALUE = 2_000
MAX_ID = 255
MAX_VIEW_BLOCKS = 100
MAX_VIEW_TITLE = 24
MAX_METADATA = 3_000
MAX_OPTIONS = 100
MAX_LABEL = 2_000
MAX_INPUT = 3_000


def wrong_with(body: dict[str, Any]) -> str:
    """Return Slack's word for what is wrong with a message, empty if nothing is."""
    blocks = body.get("blocks", [])
    if not body.get("text") and not blocks:
        return "no_text"
    if len(body.get("text", "")) > MAX_TEXT:
        return "msg_too_long"
    if not isinstance(blocks, list) or len(blocks) > MAX_BLOCKS:
        return "invalid_blocks"
    if sum(_characters(block) for block in blocks) > MAX_BLOCK_CHARACTERS:
        return "msg_blocks_too_long"
    return "" if all(_is_valid(block) for block in blocks) else "invalid_blocks"


def _is_valid(block: dict[str, Any]) -> bool:
    match block:
        case {"type": "header", "text": {"type": "plain_text", "text": str(text)}}:
            return 0 < len(text) <= MAX_HEADER
        case {"type": "section", "text": {"type": "mrkdwn" | "plain_text", "text": str(text)}}:
            return 0 < len(text) <= MAX_SECTION
        case {"type": "section", "fields": [*fields]}:
            return 0 < len(fields) <= MAX_FIELDS and all(0 < len(item["text"]) <= 2_000 for item in fields)
        case {"type": "actions", "elements": [*elements]}:
            ids = [element["action_id"] for element in elements if "action_id" in element]
            valid = all(_is_valid_button(element) for element in elements) and len(ids) == len(set(ids))
            return valid and 0 < len(elements) <= MAX_ELEMENTS
        case {"type": "divider"}:
            return True
        case _:
            return False


def _is_valid_button(element: dict[str, Any]) -> bool:
    match element:
        case {"type": "button", "text": {"type": "plain_text", "text": str(text)}}:
            url, value = element.get("url", "https://"), element.get("value", "")
            fits = len(url) <= MAX_URL and len(value) <= MAX_VALUE and len(element.get("action_id", "")) <= MAX_ID
            looks = element.get("style", "primary") in ("primary", "danger")
            return 0 < len(text) <= MAX_BUTTON_TEXT and url.startswith("http") and fits and looks
        case _:
            return False


def _characters(value: object) -> int:
    if isinstance(value, str):
        return len(value)
    if isinstance(value, dict):
        return sum(_characters(item) for item in value.values())
    return sum(_characters(item) for item in value) if isinstance(value, list) else 0


def wrong_with_view(view: dict[str, Any]) -> str:
    """Return Slack's word for what is wrong with a modal, empty if nothing is."""
    rest = view
    match view:
        case {
            "type": "modal",
            "callback_id": str(callback),
            "title": {"type": "plain_text", "text": str(title)},
            "blocks": [*blocks],
        }:
            fits = len(title) <= MAX_VIEW_TITLE and len(callback) <= MAX_ID and 0 < len(blocks) <= MAX_VIEW_BLOCKS
            sound = all(_is_valid(block) or _is_valid_input(block) for block in blocks)
            labels = all(len(rest[name]["text"]) <= MAX_VIEW_TITLE for name in ("submit", "close") if name in rest)
            asks = any(block.get("type") == "input" for block in blocks)
            small = len(rest.get("private_metadata", "")) <= MAX_METADATA
            return "" if fits and sound and labels and small and (not asks or "submit" in rest) else "invalid_arguments"
        case _:
            return "invalid_arguments"


def _is_valid_input(block: dict[str, Any]) -> bool:
    match block:
        case {"type": "input", "label": {"type": "plain_text", "text": str(label)}, "element": element}:
            return 0 < len(label) <= MAX_LABEL and _is_valid_element(element)
        case _:
            return False


def _is_valid_element(element: dict[str, Any]) -> bool:
    match element:
        case {"type": "plain_text_input", "action_id": str(name)}:
            return len(name) <= MAX_ID and 0 < element.get("max_length", MAX_INPUT) <= MAX_INPUT
        case {"type": "static_select", "action_id": str(name), "options": [*options]}:
            texts = all(0 < len(option["text"]["text"]) <= MAX_BUTTON_TEXT for option in options)
            return len(name) <= MAX_ID and 0 < len(options) <= MAX_OPTIONS and texts
        case _:
            return False
