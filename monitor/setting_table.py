"""The table of all settings for people, made from the struct itself (`docs/settings.md`)."""

from msgspec import NODEFAULT

from monitor.setting_reader import Field, fields_of
from monitor.settings import Settings

HEAD = """\
# Settings

Made by `make golden`; do not edit. Each setting is an environment variable, or its name in lower case without
`WARDWATCH_` in a YAML file given after the command (`wardwatch worker --config site.yml`); the environment wins. A
secret can be read from a file instead: put `_FILE` behind its name. `wardwatch config check` tells every mistake at
once.

| setting | takes | default | meaning | example |
|---|---|---|---|---|
"""


def settings_document() -> str:
    """Return the document in Markdown."""
    return HEAD + "".join(_row(field) for field in fields_of(Settings).values())


def _row(field: Field) -> str:
    secret = f" or `{field.variable}_FILE`" if field.is_secret else ""
    cells = (f"`{field.variable}`{secret}", field.expected, _default(field), field.description, f"`{field.example}`")
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"


def _default(field: Field) -> str:
    if field.default in (None, "", NODEFAULT):
        return "none"
    if isinstance(field.default, bool):
        return f"`{str(field.default).lower()}`"
    return f"`{field.default}`"
